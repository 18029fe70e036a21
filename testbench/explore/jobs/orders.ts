import type { CheckOptions } from '../checks/check';
import type { ExplorePlan, ExploreState, Found } from '../search/exploration';

/** Start-up data of a worker, from which it makes its own world. */
export interface JobData {
  readonly check: string;
  readonly options: CheckOptions;
  readonly plan: ExplorePlan;
}

/**
 * A part of an exploration. Its schedules depend on its number alone, so that the result does not depend on how many
 * workers there are.
 */
export interface Order {
  /** Number of the first schedule, from 0. */
  readonly first: number;
  /** Largest number of schedules to run; Infinity for a depth-first search, which is one part. */
  readonly count: number;
  /** Time limit for the part. */
  readonly limitMs: number;
}

/** Report of a worker: sent often while it works, and once at the end of an order. */
export interface Report {
  readonly state: ExploreState;
  readonly found: Found | null;
  readonly done: boolean;
}

/** A worker has made its world. */
export interface Ready {
  readonly ready: true;
}

/** A worker cannot go on. */
export interface Refusal {
  readonly error: string;
  /** The options are wrong: a message for the user without a stack. */
  readonly usage: boolean;
}
