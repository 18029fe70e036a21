import { expect } from 'chai';
import { findCheck } from '../../../../../testbench/explore/checks/find';
import { DepthFirst } from '../../../../../testbench/explore/search/depthFirst';
import { learnShared } from '../../../../../testbench/explore/search/learning';
import type { World } from '../../../../../testbench/explore/search/world';
import { randomWorld } from './randomWorlds';

const MAX_PLAIN = 300;
const WORLDS = 40;

interface Seen {
  readonly outcomes: readonly string[];
  readonly schedules: number;
}

/** Worlds in which a reduction went wrong once, with the bound at which it did. */
const TRAPS = [
  // A store that was put into a buffer before an interruption drains during it.
  { seed: 144, preemptions: 1, served: false },
  // An actor is held right after the step before which it had been interrupted.
  { seed: 5_257, preemptions: 2, served: false },
  // The current actor waits, and can go on again because time has passed.
  { seed: 72, preemptions: 0, served: true },
];

/** All outcomes of a world; null where there are more than `most` schedules. */
function outcomes(world: World, preemptions: number, reduce: boolean, most = MAX_PLAIN): Seen | null {
  const seen = new Set<string>();
  const search = new DepthFirst(world, { preemptions, reduce });
  let schedules = 0;
  for (let one = search.next(); one !== null; one = search.next()) {
    if (++schedules > most) return null;
    if (one.complete) seen.add(one.run.judge(true)!.details.join('; '));
  }
  return { outcomes: [...seen].sort(), schedules };
}

describe('the reduction of a depth-first search', () => {
  for (const [preemptions, served] of [0, 1, 2, 3].flatMap((most) => [[most, false] as const, [most, true] as const]))
    it(`comes to the same ends as the plain search, with at most ${preemptions} preemptions${served ? ' and a service' : ''}`, () => {
      let compared = 0;
      let reduced = 0;
      let plain = 0;
      for (let seed = preemptions * 1_000; compared < WORLDS; seed++) {
        const all = outcomes(randomWorld(seed, served), preemptions, false);
        if (all === null) continue;
        const some = outcomes(randomWorld(seed, served), preemptions, true)!;
        expect(some.outcomes, randomWorld(seed, served).name).to.deep.equal(all.outcomes);
        compared++;
        reduced += some.schedules;
        plain += all.schedules;
      }
      expect(reduced).to.be.at.most(plain);
    }).timeout(120_000);

  for (const { seed, preemptions, served } of TRAPS)
    it(`comes to the same ends in the world of seed ${seed}`, () => {
      const all = outcomes(randomWorld(seed, served), preemptions, false, Infinity)!;
      expect(outcomes(randomWorld(seed, served), preemptions, true)!.outcomes).to.deep.equal(all.outcomes);
    });

  for (const [check, mutant, preemptions] of [
    ['fifo', 'race-fifo-index-before-slot', 2],
    ['rx-burst', 'race-rx-free-before-copy', 1],
  ] as const)
    it(`finds the same failures of ${mutant} in ${check} as the plain search`, () => {
      const causes = (reduce: boolean): string[] => {
        const world = findCheck(check).make({ memory: 'sc', mutant });
        learnShared(world);
        const search = new DepthFirst(world, { preemptions, reduce });
        const found = new Set<string>();
        for (let one = search.next(); one !== null; one = search.next())
          if (one.complete) found.add(one.run.judge(true)?.cause ?? 'nothing');
        return [...found].sort();
      };
      const all = causes(false);
      expect(all.length).to.be.greaterThan(1);
      expect(causes(true)).to.deep.equal(all);
    }).timeout(120_000);
});
