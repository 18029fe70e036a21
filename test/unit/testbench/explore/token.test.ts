import { expect } from 'chai';
import fc from 'fast-check';
import { UsageError } from '../../../../shared/errors';
import { readToken, type Schedule, writeToken } from '../../../../testbench/explore/engine/token';

const word = fc.nat(0xffff_ffff);
const hold = fc.oneof(
  fc.nat(100_000_000).map((us) => ({ ms: us / 1_000 })),
  fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }).map((posted) => ({ posted })),
);
const decision = fc.oneof(
  fc.nat(29).map((actor) => ({ actor, hold: null })),
  hold.map((how) => ({ actor: -1, hold: how })),
);
const deviations = fc
  .array(fc.tuple(fc.nat(5_000_000), decision, fc.nat(63)), { maxLength: 30 })
  .map((entries) => entries.sort((a, b) => a[0] - b[0]).map(([at, what, check]) => ({ decision: at, ...what, check })));
const schedule: fc.Arbitrary<Schedule> = fc.record({ fingerprint: word, deviations, decisions: word, hash: word });

describe('schedule tokens', () => {
  it('are parsed as they were written, and need no quoting in a URL or on a command line', () => {
    fc.assert(
      fc.property(schedule, (given) => {
        const token = writeToken(given);
        expect(token).to.match(/^S1\.[\w.-]+$/);
        expect(readToken(token)).to.deep.equal(given);
      }),
    );
  });

  it('are refused if they are damaged, or stand for another schedule', () => {
    fc.assert(
      fc.property(schedule, fc.nat(), fc.constantFrom('', '.', '*', 'A', '_'), (given, at, other) => {
        const token = writeToken(given);
        const place = at % token.length;
        const damaged = token.slice(0, place) + other + token.slice(place + 1);
        try {
          expect(writeToken(readToken(damaged))).to.not.equal(damaged === token ? '' : token);
        } catch (error) {
          expect(error).to.be.instanceOf(UsageError);
        }
      }),
    );
  });
});
