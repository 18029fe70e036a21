import { setImmediate } from 'node:timers/promises';
import { Exploration, type ExplorePlan, type Found } from '../testbench/explore/search/exploration';
import type { World } from '../testbench/explore/search/world';
import type { ExploreOptions } from './exploreOptions';
import type { Explored } from './exploreReport';
import { Progress } from './progress';

const MS_PER_SECOND = 1_000;
/** Signals and the progress line wait this long. */
const SLICE_MS = 50;
/** Schedules of a scheduler that samples, where no limit is given. */
const DEFAULT_SCHEDULES = 10_000;

export function planOf(options: ExploreOptions, seed: number): ExplorePlan {
  const { scheduler, preemptions, depth, reduction } = options;
  return { scheduler, preemptions, depth, seed, reduce: reduction };
}

/** The most schedules to run. */
export function scheduleLimit({ scheduler, schedules, seconds }: ExploreOptions): number {
  if (schedules !== undefined) return schedules;
  return scheduler === 'dfs' || seconds !== undefined ? Infinity : DEFAULT_SCHEDULES;
}

function remainingText(share: number, elapsedMs: number): string {
  if (share <= 0.001) return '';
  const seconds = Math.round((elapsedMs * (1 / share - 1)) / MS_PER_SECOND);
  return `, about ${Math.round(share * 100)}% done, ${seconds} s left`;
}

/** Runs schedules until one fails, all are done, a limit is reached, or a signal comes. */
export async function explore(
  world: World,
  options: ExploreOptions & { readonly quiet?: boolean },
  seed: number,
  stop: AbortSignal,
): Promise<Explored> {
  const exploration = new Exploration(world, planOf(options, seed));
  const progress = new Progress(options.quiet === true);
  const limit = scheduleLimit(options);
  const limitMs = (options.seconds ?? Infinity) * MS_PER_SECOND;
  const from = performance.now();
  const failures: Found[] = [];
  const isOver = (): boolean =>
    failures.length > 0 ||
    exploration.state.complete ||
    exploration.state.schedules >= limit ||
    performance.now() - from >= limitMs;
  while (!isOver() && !stop.aborted) {
    const sliceEnd = performance.now() + SLICE_MS;
    while (!isOver() && performance.now() < sliceEnd) {
      const found = exploration.advance();
      if (found !== null) failures.push(found);
    }
    const { schedules, share } = exploration.state;
    progress.show(
      `${schedules} schedules${remainingText(share ?? Math.min(1, schedules / limit), performance.now() - from)}`,
    );
    await setImmediate();
  }
  progress.clear();
  return { state: exploration.state, failures, durationMs: performance.now() - from };
}
