/** Pauses of a polling thread while it finds no work. */
export interface Pace {
  /** Rounds without work before the first pause. */
  readonly spins: number;
  /** The first pause. Each further one is twice as long. */
  readonly minPauseMs: number;
  readonly maxPauseMs: number;
}

/** Counts rounds without work and decides how long to pause after each. */
export class Backoff {
  private emptyRounds = 0;
  private pauseMs: number;

  constructor(private readonly pace: Pace) {
    this.pauseMs = pace.minPauseMs;
  }

  /** Call it after a round with work. */
  reset(): void {
    this.emptyRounds = 0;
    this.pauseMs = this.pace.minPauseMs;
  }

  /** Call it after a round without work. Returns the pause in milliseconds, 0 for none. */
  next(): number {
    if (this.emptyRounds < this.pace.spins) {
      this.emptyRounds++;
      return 0;
    }
    const pauseMs = this.pauseMs;
    this.pauseMs = Math.min(this.pace.maxPauseMs, pauseMs * 2);
    return pauseMs;
  }
}
