import { MIGRATION_DETACHED, MIGRATION_ERROR } from '../../shared/loops/layout';
import type { ServedNic } from './servedNic';

/** How long an ack may take; a driver that is owed an answer needs up to a second. */
export const ACK_LIMIT_MS = 5_000;

/**
 * What came of a migration event: the guest carried it out or refused it (ack 3), there is no
 * guest with a driver, or no answer came in time.
 */
export type AckOutcome = 'acked' | 'refused' | 'no-guest' | 'timed-out';

/** What the guest has said so far of the event under which the device is; null while it has said nothing. */
function outcomeOf({ device }: ServedNic, event: number): AckOutcome | null {
  const { status, ack, released } = device.migration;
  const detaching = event === MIGRATION_DETACHED;
  if (ack === event && (released || !detaching)) return 'acked';
  if (ack === MIGRATION_ERROR || (detaching && status !== MIGRATION_DETACHED)) return 'refused';
  return device.interruptMask === 0 && !device.configured ? 'no-guest' : null;
}

/** Waits, step by step, for the answer of one NIC to a detach or an attach event. */
export class AckWatch {
  private readonly startMs: number;
  private outcome: AckOutcome | null = null;
  private endMs = 0;

  constructor(
    private readonly served: ServedNic,
    private readonly event: number,
    private readonly nowMs: () => number,
  ) {
    this.startMs = nowMs();
  }

  /** True once it is known what came of it. */
  step(): boolean {
    if (this.outcome !== null) return true;
    this.endMs = this.nowMs();
    this.outcome = outcomeOf(this.served, this.event);
    if (this.outcome === null && this.endMs - this.startMs >= ACK_LIMIT_MS) this.outcome = this.giveUp();
    return this.outcome !== null;
  }

  get good(): boolean {
    return this.outcome === 'acked' || this.outcome === 'no-guest';
  }

  report(): Readonly<Record<string, unknown>> {
    return { nic: this.served.label, outcome: this.outcome, durationMs: Math.round(this.endMs - this.startMs) };
  }

  /**
   * A guest that did not let go keeps its rings; one that does so from now on, because it was in
   * the middle of it, learns from the attach event that it may have them back.
   */
  private giveUp(): AckOutcome {
    if (this.event === MIGRATION_DETACHED) this.served.device.beginAttach();
    return 'timed-out';
  }
}
