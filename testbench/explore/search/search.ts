import type { Run } from './world';

/** One run that a search has made. */
export interface Schedule {
  readonly run: Run;
  /** Position of the choice that was taken at each step. Reused by the next schedule. */
  readonly taken: readonly number[];
  /** False for a run that was left because all that could follow has been seen. */
  readonly complete: boolean;
  /** The run has come to an end that another one came to before, so the oracles would say the same. */
  readonly isKnownEnd: boolean;
}

/** A way to go through the schedules of a world. */
export interface Search {
  /** Makes the next run; null when there is none left. */
  next(): Schedule | null;
  /** True where the search has an end: it has then seen everything up to its bound. */
  readonly enumerates: boolean;
  /** Share of the schedules that are done, from 0 to 1; null where the search has no end. An estimate. */
  readonly share: number | null;
  /** Alternatives that were left out, each with its continuations, because they lead to states that have been seen. */
  readonly saved: number;
  /** Number of times that the search began again because more words turned out to be shared. */
  readonly restarts: number;
}
