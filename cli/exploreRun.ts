import { availableParallelism } from 'node:os';
import { exploreInWorkers } from '../testbench/explore/jobs/jobs';
import type { ExploreState } from '../testbench/explore/search/exploration';
import { checkOptions, type ExploreOptions } from './exploreOptions';
import type { Explored } from './exploreReport';
import { Progress } from './progress';

const MS_PER_SECOND = 1_000;
/** Schedules of a scheduler that samples, where no limit is given. */
const DEFAULT_SCHEDULES = 10_000;

/** The most schedules to run. */
function scheduleLimit({ scheduler, schedules, seconds }: ExploreOptions): number {
  if (schedules !== undefined) return schedules;
  return scheduler === 'dfs' || seconds !== undefined ? Infinity : DEFAULT_SCHEDULES;
}

function progressText({ schedules, share, saved }: ExploreState, limit: number, elapsedMs: number): string {
  const done = share ?? Math.min(1, schedules / limit);
  const left = done > 0.001 ? `, about ${Math.round(done * 100)}% done` : '';
  const seconds = Math.round((elapsedMs * (1 / done - 1)) / MS_PER_SECOND);
  const time = done > 0.01 ? `, about ${seconds} s left` : '';
  return `${schedules} schedules${saved > 0 ? `, ${saved} alternatives left out` : ''}${left}${time}`;
}

/** Runs schedules until one fails, all are done, a limit is reached, or a signal comes. */
export async function explore(
  check: string,
  options: ExploreOptions & { readonly quiet?: boolean },
  seed: number,
  stop: AbortSignal,
): Promise<Explored> {
  const {
    scheduler,
    preemptions,
    depth,
    reduction: reduce,
    jobs = availableParallelism(),
    seconds = Infinity,
  } = options;
  const progress = new Progress(options.quiet === true);
  const schedules = scheduleLimit(options);
  const from = performance.now();
  const result: Explored = await exploreInWorkers({
    check,
    options: checkOptions(options),
    plan: { scheduler, preemptions, depth, seed, reduce },
    jobs,
    schedules,
    limitMs: seconds * MS_PER_SECOND,
    stop,
    onProgress: (state) => progress.show(progressText(state, schedules, performance.now() - from)),
  });
  progress.clear();
  return result;
}
