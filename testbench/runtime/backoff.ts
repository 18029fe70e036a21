/** How a thread that finds nothing to do goes easy on the others. */
export interface Pace {
  /** Rounds without work before the first pause. */
  readonly spins: number;
  /** First pause, and the longest: each is twice the one before. */
  readonly leastMs: number;
  readonly mostMs: number;
}

/** Of threads that poll rings. Short of a millisecond, so that a lost hint costs no more than that. */
export const POLLING: Pace = { spins: 16, leastMs: 0.03, mostMs: 1 };

/** Counts empty rounds and says how long to pause after each. */
export class Backoff {
  private empty = 0;
  private pauseMs: number;

  constructor(private readonly pace: Pace) {
    this.pauseMs = pace.leastMs;
  }

  /** There was work. */
  reset(): void {
    this.empty = 0;
    this.pauseMs = this.pace.leastMs;
  }

  /** There was none. Gives how long to pause, 0 for not at all. */
  next(): number {
    if (this.empty < this.pace.spins) {
      this.empty++;
      return 0;
    }
    const pauseMs = this.pauseMs;
    this.pauseMs = Math.min(this.pace.mostMs, pauseMs * 2);
    return pauseMs;
  }
}
