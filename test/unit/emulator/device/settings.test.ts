import { expect } from 'chai';
import { planMemory } from '../../../../emulator/device/memory/memoryPlan';
import { avpDeviceSettings, type AvpDeviceSettings, type DeepPartial } from '../../../../emulator/device/settings';
import { UsageError } from '../../../../shared/errors';
import { makeDevice } from './bench';
import { extents, resetArena } from '../../../../shared/arena';

describe('settings of an AVP device', () => {
  it('have the defaults of section 5', () => {
    const settings = avpDeviceSettings();
    expect(settings.fifoSlots).to.deep.equal({ tx: 1024, rx: 1024, alloc: 1024, free: 1024, req: 64, resp: 64 });
    expect(settings.pools).to.deep.equal([{ buffers: 16_384 }]);
    expect(settings.mbufSize).to.equal(2_048);
    expect(settings.maxRxPacketBytes).to.equal(9_238);
    expect(settings.hostVersion).to.equal(0x10001);
    expect(settings.layout.segments).to.equal(19);
  });

  it('can be set in part, and default a missing recommendation to the minimum', () => {
    const settings = avpDeviceSettings({ fifoSlots: { tx: 8 }, rxQueues: { min: 2 } });
    expect(settings.fifoSlots).to.include({ tx: 8, rx: 1024 });
    expect(settings.rxQueues).to.deep.equal({ min: 2, recommended: 2, max: 8 });
  });

  const refused: readonly (readonly [string, DeepPartial<AvpDeviceSettings>, RegExp])[] = [
    [
      'a FIFO length that is not a power of two',
      { fifoSlots: { tx: 10 } },
      /fifoSlots\.tx .* is 10: expected a power of two/,
    ],
    [
      'a stride too small for its FIFO',
      { fifoStrideBytes: { rx: 16 } },
      /fifoStrideBytes\.rx .* is 16: expected 0 or at least 8208/,
    ],
    ['a multicast MAC', { mac: '01:00:5e:00:00:01' }, /mac .* is 01:00:5e:00:00:01: expected a unicast/],
    ['a zero MAC', { mac: '00:00:00:00:00:00' }, /mac .* expected a unicast/],
    ['more segments than a map has', { layout: { segments: 2_049 } }, /layout\.segments .* is 2049/],
    [
      'a minimum above the maximum',
      { rxQueues: { min: 9 } },
      /rxQueues\.min .* is 9: expected at most rxQueues\.max, 8/,
    ],
    ['no pool', { pools: [] }, /pools .* is \[\]/],
    ['nine pools', { pools: Array.from({ length: 9 }, () => ({ buffers: 1 })) }, /pools/],
    ['a buffer below 64 bytes', { mbufSize: 63 }, /mbufSize .* is 63/],
    [
      'more memory than the arena holds',
      { pools: [{ buffers: 1_000_000 }] },
      /pools .* would take \d+ bytes, expected at most 1 GiB/,
    ],
    [
      'pools with different translations in too few segments',
      { pools: [{ buffers: 1 }, { buffers: 1 }], layout: { segments: 1, offsets: 'different' } },
      /layout\.segments .* is 1: expected at least 2/,
    ],
    ['a segment size above a buffer', { rxSegmentBytes: 4_096 }, /rxSegmentBytes .* is 4096/],
    ['an unknown setting', { layout: { seeed: 1 } as object }, /no setting layout\.seeed/],
  ];
  for (const [what, partial, message] of refused)
    it(`are refused with ${what}, by name`, () => {
      expect(() => avpDeviceSettings(partial)).to.throw(UsageError, message);
    });

  it('are refused before anything is allocated if the BAR is too small for the memory', () => {
    resetArena();
    expect(() => makeDevice({ memoryBarBytes: 65_536 })).to.throw(
      UsageError,
      /memoryBarBytes is 65536: expected at least/,
    );
    expect(extents()).to.deep.equal([]);
  });

  it('give each pool a translation of its own with different offsets, and else one to all', () => {
    const deltas = (offsets: 'same' | 'different'): bigint[] => {
      const plan = planMemory(
        avpDeviceSettings({ pools: [{ buffers: 9 }, { buffers: 9 }, { buffers: 9 }], layout: { offsets } }),
      );
      return [0, 1, 2].map((index) => plan.runs.get(`pool${index}`)!).map(({ va, offset }) => va - BigInt(offset));
    };
    expect(new Set(deltas('same')).size).to.equal(1);
    expect(new Set(deltas('different')).size).to.equal(3);
  });

  it('lead to the same plan for the same seed, and to another for another seed', () => {
    const plan = (seed: number): string =>
      JSON.stringify(
        planMemory(avpDeviceSettings({ layout: { seed, order: 'shuffled', gaps: true } })),
        (_key, value: unknown) =>
          typeof value === 'bigint' ? value.toString(16) : value instanceof Map ? [...value] : value,
      );
    expect(plan(3)).to.equal(plan(3));
    expect(plan(3)).to.not.equal(plan(4));
  });
});
