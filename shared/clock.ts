/** Time, injected into everything that waits (rule: determinism). */
export interface Clock {
  /** Nanoseconds since the clock's own zero. */
  nowNs(): bigint;
  /** Milliseconds since the clock's own zero, with fractions. */
  nowMs(): number;
  /** Waits. With a virtual clock the other actors step meanwhile. */
  sleepMs(durationMs: number): void;
}

const NS_PER_MS = 1_000_000;

interface Stepper {
  readonly step: () => void;
  running: boolean;
}

/**
 * Time that passes only when somebody sleeps. Each tick of it lets every registered stepper
 * (a host, an interrupt dispatcher, an application) act once, in the order of registration.
 * A stepper may sleep itself; it is not entered again meanwhile.
 */
export class VirtualClock implements Clock {
  private timeNs = 0;
  private readonly steppers: Stepper[] = [];

  /** @param tickMs the most that passes between two rounds of steps. */
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

  /** One round of steps, without time passing. */
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

  /** Registers a stepper; the function given back removes it. */
  onStep(step: () => void): () => void {
    const stepper = { step, running: false };
    this.steppers.push(stepper);
    return () => {
      const index = this.steppers.indexOf(stepper);
      if (index >= 0) this.steppers.splice(index, 1);
    };
  }
}

/** The machine's monotonic time; sleeping blocks the calling thread. */
export class RealClock implements Clock {
  private readonly startNs = process.hrtime.bigint();
  private readonly nobody = new Int32Array(new SharedArrayBuffer(4));

  nowNs(): bigint {
    return process.hrtime.bigint() - this.startNs;
  }

  nowMs(): number {
    return Number(this.nowNs()) / NS_PER_MS;
  }

  sleepMs(durationMs: number): void {
    Atomics.wait(this.nobody, 0, 0, durationMs);
  }
}
