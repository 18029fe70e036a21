/** Runs a scenario with each seed of a range (`avp run --seeds`). */
import { UsageError } from '../../shared/errors';
import type { Engine } from '../../shared/engine';
import type { Mode, Verdict } from '../api/result';
import type { ScenarioOrder, ScenarioRun } from '../common/order';

/** Seeds from `from` to `to`, both included. */
export interface SeedRange {
  readonly from: number;
  readonly to: number;
}

/** A run that did not pass. */
export interface FailedSeed {
  readonly seed: number;
  readonly verdict: Exclude<Verdict, 'pass'>;
  /** The first thing that was wrong, one line. */
  readonly what: string;
  /** Virtual time of the first failure; null in a mode whose time is the real one. */
  readonly atMs: number | null;
}

/** Outcome of all runs. It depends on the seeds alone, not on how many ran at a time. */
export interface SeedsReport {
  readonly scenario: string;
  readonly mode: Mode;
  readonly engine: Engine;
  readonly seeds: SeedRange;
  /** Number of seeds that ran to their end. */
  readonly ran: number;
  /** By seed. */
  readonly failures: readonly FailedSeed[];
  /** The failure that comes first in its run, by virtual time and then by seed; null where all pass. */
  readonly shortest: FailedSeed | null;
}

/** Options of runs with several seeds. */
export interface SeedsOptions {
  readonly seeds: SeedRange;
  /** Runs at a time. */
  readonly jobs: number;
  readonly stop: AbortSignal;
  /** Called at the end of each run, in any order. */
  readonly onRun: (seed: number, passed: boolean, done: number, all: number) => void;
}

/** Runs an order. */
type Launch = (order: ScenarioOrder) => Promise<ScenarioRun>;

/** Describes a failed run; null if the run passed. */
function failureOf(seed: number, { result, details, failedAtMs = null }: ScenarioRun): FailedSeed | null {
  const { verdict } = result;
  if (verdict === 'pass') return null;
  const detail = (verdict === 'error' ? details.at(-1) : details[0]) ?? verdict;
  return { seed, verdict, what: detail.split('\n')[0]!, atMs: failedAtMs };
}

function shortestOf(failures: readonly FailedSeed[]): FailedSeed | null {
  const time = ({ atMs }: FailedSeed): number => atMs ?? Infinity;
  return failures.reduce<FailedSeed | null>(
    (best, one) => (best === null || time(one) < time(best) ? one : best),
    null,
  );
}

/**
 * Runs a scenario with each seed.
 * @throws UsageError where the run with the first seed is refused. One that a later seed refuses ends with `error`.
 */
export async function runSeeds(
  order: ScenarioOrder,
  launch: Launch,
  { seeds, jobs, stop, onRun }: SeedsOptions,
): Promise<SeedsReport> {
  const all = seeds.to - seeds.from + 1;
  const failures: FailedSeed[] = [];
  let ran = 0;
  const note = (seed: number, failure: FailedSeed | null): void => {
    // A run that a signal has ended says nothing.
    if (stop.aborted) return;
    if (failure !== null) failures.push(failure);
    onRun(seed, failure === null, ++ran, all);
  };
  const first = await launch({ ...order, seed: seeds.from });
  note(seeds.from, failureOf(seeds.from, first));
  let next = seeds.from + 1;
  const work = async (): Promise<void> => {
    while (next <= seeds.to && !stop.aborted) {
      const seed = next++;
      note(seed, await launch({ ...order, seed }).then((run) => failureOf(seed, run), refusedAt(seed)));
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, all) }, work));
  failures.sort((one, other) => one.seed - other.seed);
  const { scenario, mode, engine } = first.result;
  return { scenario, mode, engine, seeds, ran, failures, shortest: shortestOf(failures) };
}

/** Makes a failure of a run that a seed other than the first refuses. @throws any other error */
function refusedAt(seed: number): (error: unknown) => FailedSeed {
  return (error) => {
    if (!(error instanceof UsageError)) throw error;
    return { seed, verdict: 'error', what: error.message, atMs: null };
  };
}
