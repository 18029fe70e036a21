import { countingRun } from './countingRun';
import { Pct } from './pct';
import { RandomWalk } from './randomWalk';
import { Sampling } from './sampling';
import type { World } from './world';

/** Seed of the schedules that find out which words are shared. The same for every search, so that all know the same. */
const SEED = 0x5eed;
const ROUND = 32;
const MAX_ROUNDS = 12;
const DEPTH = 4;

const learnedBy = new WeakMap<World, readonly number[]>();

/**
 * Finds out which words actors share, by schedules that do not depend on the search, until a round of them finds no
 * more. A token then needs to name only words that were found later.
 * @returns their addresses. The world takes exactly these for shared.
 */
export function learnShared(world: World): readonly number[] {
  let learned = learnedBy.get(world);
  if (learned === undefined) {
    world.setShared([]);
    for (let round = 0, known = -1; round < MAX_ROUNDS && known !== world.sharedWords; round++) {
      known = world.sharedWords;
      learnRound(world, round);
    }
    learned = [...world.sharedAddresses()];
    learnedBy.set(world, learned);
  }
  world.setShared(learned);
  return learned;
}

function learnRound(world: World, round: number): void {
  const counts = countingRun(world);
  const actors = world.actors.length;
  for (const scheduler of [new Pct(actors, DEPTH, counts, SEED), new RandomWalk(SEED)]) {
    const sampling = new Sampling(world, scheduler, round * ROUND);
    for (let run = 0; run < ROUND / 2; run++) sampling.next();
  }
}

/** Addresses that have turned out to be shared since `learnShared`, in ascending order. */
export function beyondLearned(world: World): readonly number[] {
  const learned = new Set(learnedBy.get(world));
  return world.sharedAddresses().filter((address) => !learned.has(address));
}
