import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { HostileWorlds, SIDES } from '../../../../testbench/hostile';
import { mutateCase } from '../../../../testbench/hostile/cases/mutate';
import { caseOf } from '../../../../testbench/hostile/cases/hostileCase';
import { readCorpus } from '../../../../testbench/hostile/corpus/file';
import { packageRoot } from '../../../../testbench/runtime/package';
import { Random } from '../../../../shared/random';
import { describeWatched } from '../../../support/watched';

const FOLDER = join(packageRoot(), 'test/corpus/hostile');
/** Counters that no hostile host or guest moves in these worlds. */
const UNMOVED: Readonly<Record<string, RegExp>> = {
  // Handles are the application's, and no packet of it is so long.
  transmit: /^dropped_(handle|long)$/,
  receive: /^$/,
};

describeWatched('the corpus of hostile neighbours', function () {
  this.timeout(300_000);

  it('has a file for each side', () => {
    expect(readdirSync(FOLDER).sort()).to.deep.equal([...SIDES].sort().map((side) => `${side}.json`));
  });

  for (const side of SIDES)
    it(`${side}: keeps every promise in each of its cases`, () => {
      const worlds = new HostileWorlds(side);
      const moved = new Set<string>();
      for (const [i, one] of readCorpus(join(FOLDER, `${side}.json`)).entries()) {
        const found = worlds.run(one);
        expect(found, `case ${i} of ${side}.json: ${JSON.stringify(found?.input)}`).to.equal(null);
        for (const { name, value } of worlds.countersAfter(one)) if (value > 0) moved.add(name);
      }
      const all = worlds.countersAfter(caseOf(1, 0)).map(({ name }) => name);
      const lacking = all.filter((name) => !moved.has(name) && UNMOVED[side]?.test(name) === false);
      expect(lacking, 'counters that no case of the corpus moves').to.deep.equal([]);
    });
});

describe('a mutation of a case', () => {
  it('differs from it, and is the same for the same seed', () => {
    const [one, other] = [caseOf(1, 0), caseOf(1, 1)];
    const made = Array.from({ length: 50 }, (_unused, seed) => mutateCase(one, other, new Random(seed)));
    const again = Array.from({ length: 50 }, (_unused, seed) => mutateCase(one, other, new Random(seed)));
    expect(made).to.deep.equal(again);
    expect(made.filter((mutated) => JSON.stringify(mutated) !== JSON.stringify(one))).to.have.length.above(40);
  });
});
