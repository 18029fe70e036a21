import { expect } from 'chai';
import { UsageError } from '../../../../shared/errors';
import type { TimeLimits } from '../../../../testbench/api/scenario';
import type { LoadOptions } from '../../../../testbench/api/traffic';
import { checkLoad } from '../../../../testbench/common/loadOptions';
import { limitsOf } from '../../../../testbench/common/supervise';

/** Values that a script without type checks may give. */
type Anything = Readonly<Record<string, unknown>>;

describe('options of scripts without type checks', () => {
  const limits = (given: unknown): Required<TimeLimits> => limitsOf({ name: 'mine', limits: given as TimeLimits }, {});

  const badLimits: readonly [given: unknown, message: RegExp][] = [
    [{ realMs: NaN }, /scenario 'mine': limits\.realMs is NaN: expected milliseconds, as in limits: \{/],
    [{ virtualMs: '60000' }, /limits\.virtualMs is "60000": expected milliseconds/],
    [{ virtualMs: 0 }, /limits\.virtualMs is 0/],
    [{ realMs: -1 }, /limits\.realMs is -1/],
    [{ realms: 5 }, /limits\.realms is 5/],
    [5_000, /limits is 5000/],
    [null, /limits is null/],
  ];
  for (const [given, message] of badLimits)
    it(`are refused as time limits: ${message.source}`, () => {
      expect(() => limits(given)).to.throw(UsageError, message);
    });

  it('are taken as time limits where they are some, with the default for those left out', () => {
    expect(limits({ virtualMs: 5, realMs: undefined })).to.deep.equal({ virtualMs: 5, realMs: 600_000 });
    expect(limitsOf({ name: 'mine', limits: { realMs: 5 } }, { realMs: 7 }).realMs).to.equal(7);
  });

  const badLoads: readonly [given: Anything, message: RegExp][] = [
    [{ frames: -5 }, /load from vm\/lan: frames is -5: expected a whole number$/],
    [{ frames: NaN }, /frames is NaN/],
    [{ frames: '10' }, /frames is "10"/],
    [{ framesPerMs: 0 }, /framesPerMs is 0: expected a number above 0/],
    [{ flows: 0 }, /flows is 0: expected a whole number from 1 to 65536/],
    [{ flows: 1.5 }, /flows is 1\.5/],
    [{ firstFlowPercent: 101 }, /firstFlowPercent is 101/],
    [{ vlanTci: 65_536 }, /vlanTci is 65536/],
    [{ frameBytes: 13 }, /frameBytes is 13: expected a whole number from 14 to 65535/],
    [{ frameBytes: { min: 100, max: 64 } }, /frameBytes is \{"min":100,"max":64\}/],
    [{ reply: 'yes' }, /reply is "yes": expected true or false/],
    [{ captures: 'a.pcap' }, /captures is "a.pcap": expected a list/],
  ];
  for (const [given, message] of badLoads)
    it(`are refused for a load: ${message.source}`, () => {
      expect(() => checkLoad({ name: 'vm/lan' }, given)).to.throw(UsageError, message);
    });

  it('are taken for a load where they fit', () => {
    const good: LoadOptions = {
      frames: 0,
      framesPerMs: 0.5,
      flows: 1,
      vlanTci: null,
      frameBytes: { min: 14, max: 14 },
    };
    checkLoad({ name: 'vm/lan' }, good);
    checkLoad({ name: 'vm/lan' }, {});
  });
});
