import type { Clock } from '../../../shared/clock';
import { GuestKilled } from '../target';

/** The clock of a guest that may be killed while it waits: its driver's call then ends in the middle. */
export class MortalClock implements Clock {
  private isWaiting = false;
  private isDead = false;
  private die: (() => void) | null = null;

  constructor(private readonly inner: Clock) {}

  nowMs(): number {
    return this.inner.nowMs();
  }

  nowNs(): bigint {
    return this.inner.nowNs();
  }

  /** @throws GuestKilled at the end of the wait if the guest was killed meanwhile. */
  sleepMs(durationMs: number): void {
    this.isWaiting = true;
    try {
      this.inner.sleepMs(durationMs);
    } finally {
      this.isWaiting = false;
    }
    if (!this.isDead) return;
    this.die?.();
    this.die = null;
    throw new GuestKilled();
  }

  /** Runs `die` as soon as no call of the driver waits, so that the host is not in the middle of a step. */
  kill(die: () => void): void {
    this.isDead = true;
    if (this.isWaiting) this.die = die;
    else die();
  }
}
