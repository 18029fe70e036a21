import { countingRun } from './countingRun';
import { DepthFirst } from './depthFirst';
import { learnShared } from './learning';
import { Pct } from './pct';
import { Pos } from './pos';
import { RandomWalk } from './randomWalk';
import { NotRepeatable, runTaken } from './replay';
import { Sampling } from './sampling';
import type { Scheduler } from './scheduler';
import type { Schedule, Search } from './search';
import { shrink } from './shrink';
import { Surw } from './surw';
import type { World } from './world';

export const SCHEDULERS = ['dfs', 'random', 'pct', 'pos', 'surw'] as const;
export type SchedulerName = (typeof SCHEDULERS)[number];

/** Settings of an exploration. Plain data. */
export interface ExplorePlan {
  readonly scheduler: SchedulerName;
  /** Bound on preemptions and holds, for dfs. Infinity for none. */
  readonly preemptions: number;
  /** Depth of bugs that pct looks for. */
  readonly depth: number;
  readonly seed: number;
  /** Without the reduction dfs runs every schedule. */
  readonly reduce: boolean;
  /** Look for a shorter schedule that fails too. Default: true. */
  readonly shrink?: boolean;
}

/** A failure, with its shortest schedule that was found. */
export interface Found {
  /** Number of the schedule that failed, from 1. */
  readonly schedule: number;
  readonly cause: string;
  readonly details: readonly string[];
  readonly token: string;
  /** Preemptions and holds of the shrunk schedule. */
  readonly preemptions: number;
  readonly steps: number;
}

/** Progress of an exploration. */
export interface ExploreState {
  readonly schedules: number;
  /** All schedules up to the bound have been seen. */
  readonly complete: boolean;
  readonly share: number | null;
  readonly saved: number;
  readonly restarts: number;
}

/** A sampling search makes the slow checks after one in this many schedules; a depth-first one after each. */
const THOROUGH_EVERY = 16;
/** One in this many schedules is run twice. */
const REPEAT_EVERY = 100;

function schedulerOf(world: World, { scheduler, depth, seed }: ExplorePlan): Scheduler {
  const actors = world.actors.length;
  switch (scheduler) {
    case 'pct':
      return new Pct(actors, depth, countingRun(world), seed);
    case 'pos':
      return new Pos(actors, seed);
    case 'surw':
      return new Surw(countingRun(world), seed);
    default:
      return new RandomWalk(seed);
  }
}

/** Runs schedules of a world one after another, and judges each. */
export class Exploration {
  private readonly search: Search;
  private run = 0;
  private restarts = 0;
  private complete = false;

  /** @param first number of the first schedule of a scheduler that samples. */
  constructor(
    private readonly world: World,
    private readonly plan: ExplorePlan,
    private readonly first = 0,
  ) {
    learnShared(world);
    this.search =
      plan.scheduler === 'dfs' ? new DepthFirst(world, plan) : new Sampling(world, schedulerOf(world, plan), first);
  }

  get state(): ExploreState {
    const { run, complete, search } = this;
    return { schedules: run, complete, share: search.share, saved: search.saved, restarts: search.restarts };
  }

  /** Runs one schedule. Returns what it found; null for nothing, also after the last one. */
  advance(): Found | null {
    const schedule = this.search.next();
    if (schedule === null) {
      this.complete = this.search.enumerates;
      return null;
    }
    if (this.search.restarts !== this.restarts) this.run = 0;
    this.restarts = this.search.restarts;
    this.run++;
    return this.judge(schedule);
  }

  private judge({ run, taken, complete, isKnownEnd }: Schedule): Found | null {
    const thorough = this.plan.scheduler === 'dfs' || this.run % THOROUGH_EVERY === 0;
    const failure = complete && !isKnownEnd ? run.judge(thorough) : null;
    if (failure !== null) return this.found(taken);
    if (this.run % REPEAT_EVERY === 0) this.repeat(run.hash(), taken);
    return null;
  }

  private found(taken: readonly number[]): Found {
    const kept = [...taken];
    const shared = this.world.sharedAddresses();
    const repeated = this.plan.shrink === false ? runTaken(this.world, kept) : shrink(this.world, kept);
    const { failure, token, cost, taken: steps } = repeated;
    this.world.setShared(shared);
    if (failure === null) throw new NotRepeatable(`a schedule failed, and did not fail when it was run again`);
    const { cause, details } = failure;
    return { schedule: this.first + this.run, cause, details, token, preemptions: cost, steps: steps.length };
  }

  /** Runs a schedule again, as far as it went. */
  private repeat(hash: number, taken: readonly number[]): void {
    const { world } = this;
    const run = world.begin();
    const { sharedWords } = world;
    for (const index of taken) if (run.choices().length > index) run.take(index);
    // The first run was asked for its next choices too, which may have let time pass.
    run.choices();
    if (run.hash() !== hash && world.sharedWords === sharedWords)
      throw new NotRepeatable(
        `${world.name}: schedule ${this.first + this.run} ran otherwise the second time: something depends on more than its choices: ${runTaken(world, taken).token}`,
      );
  }
}
