import { type AckOutcome, ackOutcome } from '../../emulator/machine/ackOutcome';
import { MIGRATION_DETACHED } from '../../shared/loops/layout';
import type { ServedNic } from './servedNic';

/** Time limit of an ack. A driver that waits for an answer to a request needs up to a second. */
const ACK_LIMIT_MS = 5_000;

/** Outcome of an event as `serve` reports it: that of `ackOutcome`, or `timed-out`. */
export type ReportedOutcome = 'acked' | 'refused' | 'no-guest' | 'timed-out';

const REPORTED: Readonly<Record<AckOutcome, ReportedOutcome>> = {
  acked: 'acked',
  refused: 'refused',
  nobody: 'no-guest',
};

/** Waits, step by step, for the ack of one NIC's guest to a detach or an attach event. */
export class AckWatch {
  private readonly startMs: number;
  private outcome: ReportedOutcome | null = null;
  private endMs = 0;

  constructor(
    private readonly served: ServedNic,
    private readonly event: number,
    private readonly nowMs: () => number,
  ) {
    this.startMs = nowMs();
  }

  /** Looks once more; true once the outcome is known. */
  step(): boolean {
    if (this.outcome !== null) return true;
    this.endMs = this.nowMs();
    const outcome = ackOutcome(this.served.device, this.event);
    this.outcome = outcome === null ? null : REPORTED[outcome];
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
   * Returns the rings to a guest that did not acknowledge a detach. If it completes the detach after all,
   * the attach event tells it that it has the rings back.
   */
  private giveUp(): ReportedOutcome {
    if (this.event === MIGRATION_DETACHED) this.served.device.beginAttach();
    return 'timed-out';
  }
}
