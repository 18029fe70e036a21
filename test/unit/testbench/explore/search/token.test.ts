import { expect } from 'chai';
import fc from 'fast-check';
import { readExploreToken, type ScheduleText, writeExploreToken } from '../../../../../testbench/explore/search/token';

const word = fc.nat(0xffff_ffff);
const ascending = (most: number): fc.Arbitrary<number[]> =>
  fc.uniqueArray(fc.nat(most), { maxLength: 20 }).map((list) => list.sort((one, other) => one - other));
const schedule: fc.Arbitrary<ScheduleText> = fc.record({
  fingerprint: word,
  deviations: fc
    .array(fc.tuple(fc.nat(100_000), fc.nat(40), fc.nat(63)), { maxLength: 30 })
    .map((list) => list.sort((a, b) => a[0] - b[0]).map(([step, index, check]) => ({ step, index, check }))),
  steps: word,
  hash: word,
  shared: ascending(0x0fff_ffff).map((words) => words.map((one) => one * 4)),
});

describe('tokens of an exploration', () => {
  it('are parsed as they were written, and need no quoting on a command line', () => {
    fc.assert(
      fc.property(schedule, (given) => {
        const token = writeExploreToken(given);
        expect(token).to.match(/^E1\.[\w.-]+$/);
        expect(readExploreToken(token)).to.deep.equal(given);
      }),
    );
  });
});
