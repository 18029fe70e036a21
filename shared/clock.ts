/** A source of time. Everything that waits gets its clock from outside, so that runs are deterministic. */
export interface Clock {
  /** Returns the nanoseconds since this clock's origin. */
  nowNs(): bigint;
  /** Returns the milliseconds since this clock's origin, with fractions. */
  nowMs(): number;
  /** Waits. With a virtual clock the other actors step in the meantime. */
  sleepMs(durationMs: number): void;
}

const NS_PER_MS = 1_000_000;

interface Stepper {
  readonly step: () => void;
  running: boolean;
}

/**
 * A clock whose time passes only while somebody sleeps. Each tick runs every registered stepper
 * (a host, an interrupt dispatcher, an application) once, in the order of registration. A stepper
 * may sleep too; it does not run again before it has returned.
 */
export class VirtualClock implements Clock {
  private timeNs = 0;
  private readonly steppers: Stepper[] = [];

  /** @param tickMs the longest time between two rounds of steps. */
  constructor(private readonly tickMs = 1) {}

  nowNs(): bigint {
    return BigInt(this.timeNs);
  }

  nowMs(): number {
    return this.timeNs / NS_PER_MS;
  }

  sleepMs(durationMs: number): void {
    const untilNs = this.timeNs + Math.round(durationMs * NS_PER_MS);
    do {
      this.timeNs = Math.max(this.timeNs, Math.min(untilNs, this.timeNs + this.tickMs * NS_PER_MS));
      this.step();
    } while (this.timeNs < untilNs);
  }

  /** Runs each stepper once. No time passes. */
  step(): void {
    for (const stepper of [...this.steppers]) {
      if (stepper.running) continue;
      stepper.running = true;
      try {
        stepper.step();
      } finally {
        stepper.running = false;
      }
    }
  }

  /** Registers a stepper. Returns the function that removes it. */
  onStep(step: () => void): () => void {
    const stepper = { step, running: false };
    this.steppers.push(stepper);
    return () => {
      const index = this.steppers.indexOf(stepper);
      if (index >= 0) this.steppers.splice(index, 1);
    };
  }
}

const OFFSET_READINGS = 8;

/**
 * Measures the offset from `performance.now()`, whose origin differs from thread to thread, to the
 * machine's monotonic time. If the thread is preempted between the two readings, the result is too
 * small; the largest of several results is therefore right.
 */
function monotonicOffsetMs(): number {
  let offsetMs = -Infinity;
  for (let reading = 0; reading < OFFSET_READINGS; reading++)
    offsetMs = Math.max(offsetMs, Number(process.hrtime.bigint()) / NS_PER_MS - performance.now());
  return offsetMs;
}

const MONOTONIC_OFFSET_MS = monotonicOffsetMs();

/** A clock of the machine's monotonic time. Sleeping blocks the calling thread. */
export class RealClock implements Clock {
  private readonly nobody = new Int32Array(new SharedArrayBuffer(4));

  /**
   * @param originMs the clock's origin in the machine's monotonic time, now by default. Two threads
   *   share their time if the second uses the `originMs` of the first one's clock.
   */
  constructor(readonly originMs: number = MONOTONIC_OFFSET_MS + performance.now()) {}

  nowNs(): bigint {
    return BigInt(Math.round(this.nowMs() * NS_PER_MS));
  }

  nowMs(): number {
    return MONOTONIC_OFFSET_MS + performance.now() - this.originMs;
  }

  sleepMs(durationMs: number): void {
    Atomics.wait(this.nobody, 0, 0, durationMs);
  }
}
