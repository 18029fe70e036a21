import { agentOf } from './scheduler';
import { runBy, type Replayed, runTaken } from './replay';
import type { Choice, World } from './world';

/** Runs that a shrinking may make. */
const MAX_RUNS = 2_000;

/** Steps of one agent in a row: an actor, its store buffer, a hold, or time. */
interface Segment {
  readonly agent: string;
  readonly count: number;
}

function nameOf(choice: Choice, actors: number): string {
  if (choice.kind === 'hold') return `hold ${choice.actor}`;
  // Under pso the stores of one buffer are told apart.
  const which = choice.kind === 'drain' ? ` ${choice.address}` : '';
  return `${agentOf(choice, actors)}${which}`;
}

function segmentsOf(world: World, { taken, shared }: Replayed): Segment[] {
  const names: string[] = [];
  world.setShared(shared);
  runTaken(world, taken, (_run, choice) => names.push(nameOf(choice, world.actors.length)));
  return joined(names.map((agent) => ({ agent, count: 1 })));
}

/** Joins neighbours of the same agent. */
function joined(segments: readonly Segment[]): Segment[] {
  const result: Segment[] = [];
  for (const one of segments) {
    const last = result.at(-1);
    if (last?.agent === one.agent) result[result.length - 1] = { ...one, count: last.count + one.count };
    else result.push(one);
  }
  return result;
}

/** Runs segments as far as they go: what is not possible is left out, and after the last one nobody is interrupted. */
function runSegments(world: World, segments: readonly Segment[]): Replayed {
  let at = 0;
  let done = 0;
  return runBy(world, (_step, _run, choices) => {
    for (; at < segments.length; at++, done = 0) {
      const { agent, count } = segments[at]!;
      if (done === count) continue;
      const index = choices.findIndex((choice) => nameOf(choice, world.actors.length) === agent);
      if (index < 0) continue;
      done++;
      return index;
    }
    return -1;
  });
}

/** Fewest preemptions and holds first, then fewest decisions against run-to-block, then shortest. */
function isSimpler(one: Replayed, other: Replayed): boolean {
  const differences = [
    one.cost - other.cost,
    one.deviations.length - other.deviations.length,
    one.taken.length - other.taken.length,
  ];
  return (differences.find((difference) => difference !== 0) ?? 0) < 0;
}

/** Segment lists that may be simpler: without one, with one moved to the next or the former of its agent, or cut. */
function* simplerLists(segments: readonly Segment[]): Generator<Segment[]> {
  const without = (at: number): Segment[] => [...segments.slice(0, at), ...segments.slice(at + 1)];
  for (let length = segments.length - 1; length > 0; length = Math.floor(length / 2)) yield segments.slice(0, length);
  for (let at = segments.length - 1; at >= 0; at--) {
    yield joined(without(at));
    const { agent, count } = segments[at]!;
    const later = segments.findIndex((one, index) => index > at && one.agent === agent);
    if (later < 0) continue;
    const grown = { agent, count: count + segments[later]!.count };
    yield joined(segments.map((one, index) => (index === later ? grown : one)).filter((_one, index) => index !== at));
    yield joined(segments.map((one, index) => (index === at ? grown : one)).filter((_one, index) => index !== later));
  }
}

/**
 * Shrinks a failing schedule: fewest preemptions and holds, then shortest. The result fails with the same cause.
 * @param taken choices of the failing run.
 */
export function shrink(world: World, taken: readonly number[]): Replayed {
  let best = runTaken(world, taken);
  const { failure } = best;
  if (failure === null) return best;
  let runs = 0;
  for (let progress = true; progress;) {
    progress = false;
    for (const list of simplerLists(segmentsOf(world, best))) {
      if (++runs > MAX_RUNS) return best;
      world.setShared(best.shared);
      const tried = runSegments(world, list);
      if (tried.failure?.cause !== failure.cause || !isSimpler(tried, best)) continue;
      best = tried;
      progress = true;
      break;
    }
  }
  return best;
}
