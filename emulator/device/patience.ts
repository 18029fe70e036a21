import type { Clock } from '../../shared/clock';
import { REQ_POLL_MS, REQ_POLLS } from '../../shared/layout';

/** A guest polls for an answer at least so long, less what the two may need to cross. */
const SURELY_POLLS_MS = 0.9 * REQ_POLLS * REQ_POLL_MS;

/**
 * Whether the guest of a detach still waits for the answer to its request 4. A host sees when it
 * takes a request, not when that was made; but one that it takes was not there at its last look.
 */
export class Patience {
  private lookedMs = 0;
  private askedAfterMs = 0;

  constructor(private readonly clock: Clock) {}

  /** Nothing lies on req now. */
  nothingAsked(): void {
    this.lookedMs = this.clock.nowMs();
  }

  /** The request is there. */
  asked(): void {
    this.askedAfterMs = this.lookedMs;
  }

  /** False where the guest may have given up. */
  get surelyWaits(): boolean {
    return this.clock.nowMs() - this.askedAfterMs < SURELY_POLLS_MS;
  }
}
