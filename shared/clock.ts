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

const OFFSET_READINGS = 8;

/**
 * What `performance.now()` of this thread, whose zero is the thread's own, lacks to the machine's
 * monotonic time. The thread may be preempted between the two clocks, and then gets too little:
 * the largest of several readings is right.
 */
function monotonicOffsetMs(): number {
  let offsetMs = -Infinity;
  for (let reading = 0; reading < OFFSET_READINGS; reading++)
    offsetMs = Math.max(offsetMs, Number(process.hrtime.bigint()) / NS_PER_MS - performance.now());
  return offsetMs;
}

const MONOTONIC_OFFSET_MS = monotonicOffsetMs();

/** The machine's monotonic time; sleeping blocks the calling thread. */
export class RealClock implements Clock {
  private readonly nobody = new Int32Array(new SharedArrayBuffer(4));

  /**
   * @param originMs the clock's zero in the machine's monotonic time, now by default. A thread that
   *   is to share another's time takes the `originMs` of that one's clock.
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
