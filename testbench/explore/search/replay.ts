import { BenchError, UsageError } from '../../../shared/errors';
import { beyondLearned, learnShared } from './learning';
import { costOf, runToBlock } from './policy';
import { type Deviation, readExploreToken, writeExploreToken } from './token';
import type { Choice, Failure, Run, World } from './world';

/** A schedule that was run again gave a different run, so something in the world depends on more than its choices. */
export class NotRepeatable extends BenchError {
  constructor(message: string) {
    super('NOT_REPEATABLE', message);
  }
}

/** A run that has been made again, with all that a token says of it. */
export interface Replayed {
  readonly token: string;
  readonly deviations: readonly Deviation[];
  readonly taken: readonly number[];
  readonly failure: Failure | null;
  readonly hash: number;
  /** Preemptions and holds. */
  readonly cost: number;
  /** Addresses of the words that were shared when the run began. */
  readonly shared: readonly number[];
}

/** Sees each step of a run after it was taken. `fromNs` is the virtual time at which it began. */
export type StepWatcher = (run: Run, choice: Choice, isDeviation: boolean, fromNs: number) => void;

/**
 * Makes a run by what `choose` says. It forgets who has touched which word before, so that the run depends on nothing
 * but the words that are shared at its start, and its choices: a token names both.
 * @param choose a position in the choices; -1 for what run-to-block does.
 * @param watch sees each step.
 */
export function runBy(
  world: World,
  choose: (step: number, run: Run, choices: readonly Choice[]) => number,
  watch?: StepWatcher,
): Replayed {
  const shared = world.sharedAddresses();
  const named = beyondLearned(world);
  world.setShared(shared);
  const run = world.begin();
  const taken: number[] = [];
  const deviations: Deviation[] = [];
  let cost = 0;
  for (let choices = run.choices(); choices.length > 0; choices = run.choices()) {
    const usual = runToBlock(run, choices);
    const chosen = choose(taken.length, run, choices);
    const index = chosen < 0 ? usual : chosen;
    if (index !== usual) deviations.push({ step: taken.length, index, check: run.hash() & 63 });
    cost += costOf(run, choices[index]!);
    taken.push(index);
    // The run may write other choices into the object.
    const choice = watch === undefined ? null : { ...choices[index]! };
    const { timeNs } = run;
    run.take(index);
    if (choice !== null) watch!(run, choice, index !== usual, timeNs);
  }
  const hash = run.hash() >>> 0;
  const { fingerprint } = world;
  const token = writeExploreToken({ fingerprint, deviations, steps: taken.length, hash, shared: named });
  return { token, deviations, taken, failure: run.judge(true), hash, cost, shared };
}

/** Makes a run again whose choices are known. */
export function runTaken(world: World, taken: readonly number[], watch?: StepWatcher): Replayed {
  return runBy(world, (step) => taken[step] ?? -1, watch);
}

function stray(token: string, what: string): never {
  throw new UsageError(
    `schedule token '${token}': ${what}: the code or the options are others than those that printed it`,
  );
}

/**
 * Repeats the run of a token.
 * @throws UsageError where it belongs to another world, or the run goes otherwise.
 */
export function replayToken(world: World, token: string, watch?: StepWatcher): Replayed {
  const { fingerprint, deviations, steps, hash, shared } = readExploreToken(token);
  if (fingerprint !== world.fingerprint >>> 0) stray(token, 'it belongs to another check');
  const learned = learnShared(world);
  world.setShared([...learned, ...shared].sort((one, other) => one - other));
  let next = 0;
  const choose = (step: number, run: Run, choices: readonly Choice[]): number => {
    const due = deviations[next];
    if (due?.step !== step) return -1;
    next++;
    if ((run.hash() & 63) !== due.check || due.index >= choices.length)
      stray(token, `up to step ${step} the run goes otherwise than the one that it describes`);
    return due.index;
  };
  const replayed = runBy(world, choose, watch);
  if (replayed.taken.length !== steps || replayed.hash !== hash)
    stray(token, `the run has ${replayed.taken.length} steps and another end, expected ${steps} steps`);
  return replayed;
}
