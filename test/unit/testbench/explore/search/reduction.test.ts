import { expect } from 'chai';
import { DepthFirst } from '../../../../../testbench/explore/search/depthFirst';
import type { World } from '../../../../../testbench/explore/search/world';
import { randomWorld } from './randomWorlds';

const MAX_PLAIN = 300;
const WORLDS = 40;

interface Seen {
  readonly outcomes: readonly string[];
  readonly schedules: number;
}

/** All outcomes of a world; null where the search takes too long for a test. */
function outcomes(world: World, preemptions: number, reduce: boolean): Seen | null {
  const seen = new Set<string>();
  const search = new DepthFirst(world, { preemptions, reduce });
  let schedules = 0;
  for (let one = search.next(); one !== null; one = search.next()) {
    if (++schedules > MAX_PLAIN) return null;
    if (one.complete) seen.add(one.run.judge(true)!.details.join('; '));
  }
  return { outcomes: [...seen].sort(), schedules };
}

describe('the reduction of a depth-first search', () => {
  for (const preemptions of [0, 1, 2, 3])
    it(`comes to the same ends as the plain search, with at most ${preemptions} preemptions`, () => {
      let compared = 0;
      let reduced = 0;
      let plain = 0;
      for (let seed = preemptions * 1_000; compared < WORLDS; seed++) {
        const all = outcomes(randomWorld(seed), preemptions, false);
        if (all === null) continue;
        const some = outcomes(randomWorld(seed), preemptions, true)!;
        expect(some.outcomes, randomWorld(seed).name).to.deep.equal(all.outcomes);
        compared++;
        reduced += some.schedules;
        plain += all.schedules;
      }
      expect(reduced).to.be.at.most(plain);
    }).timeout(120_000);
});
