import { runToBlock } from './policy';
import type { Counts } from './scheduler';
import type { Choice, World } from './world';

const MAX_WORDS_OF_RANGE = 16;

function addRange(words: Map<number, number[]>, actors: number, actor: number, from: number, length: number): void {
  const last = Math.min((from + length - 1) >>> 2, (from >>> 2) + MAX_WORDS_OF_RANGE);
  for (let word = from >>> 2; length > 0 && word <= last; word++) {
    const counts = words.get(word) ?? Array.from({ length: actors }, () => 0);
    counts[actor]!++;
    words.set(word, counts);
  }
}

/** Runs the world without an interruption, and counts its accesses. */
export function countingRun(world: World): Counts {
  const actors = world.actors.length;
  const byActor = world.actors.map(() => 0);
  const words = new Map<number, number[]>();
  const run = world.begin();
  let steps = 0;
  for (let choices: readonly Choice[] = run.choices(); choices.length > 0; choices = run.choices()) {
    const index = runToBlock(run, choices);
    const { kind, actor, address, length, write, buffered, source } = choices[index]!;
    if (kind === 'step' || kind === 'drain') {
      byActor[actor]!++;
      if (!(buffered && write)) addRange(words, actors, actor, address, length);
      if (source >= 0) addRange(words, actors, actor, source, length);
    }
    steps++;
    run.take(index);
  }
  const shared = [...words].filter(([, counts]) => counts.filter((count) => count > 0).length > 1);
  return { steps, byActor, words: shared.map(([word, counts]) => ({ address: word * 4, byActor: counts })) };
}
