import type { Clock } from '../../../shared/clock';
import { REQ_POLL_MS, REQ_POLLS } from '../../../shared/loops/layout';

/** A guest polls for an answer at least so long, less what the two may need to cross. */
const SURELY_POLLS_MS = 0.9 * REQ_POLLS * REQ_POLL_MS;

/**
 * Whether the guest of a detach still waits for the answer to its request 4. A host sees when it
 * takes a request, not when that was made; but one that it takes was not there at its last look.
 */
export class Patience {
  private looksMs = 0;
  /** The last look that found nothing. */
  private emptyMs = 0;
  private askedAfterMs = 0;

  constructor(private readonly clock: Clock) {}

  /** The host is about to look at req. */
  looks(): void {
    this.looksMs = this.clock.nowMs();
  }

  /** Nothing lay there. */
  foundEmpty(): void {
    this.emptyMs = this.looksMs;
  }

  /** Something lay there, and nobody knows for how long. */
  foundSomething(): void {
    this.emptyMs = -Infinity;
  }

  /** The request is there. */
  asked(): void {
    this.askedAfterMs = this.emptyMs;
  }

  /** False where the guest may have given up. */
  get surelyWaits(): boolean {
    return this.clock.nowMs() - this.askedAfterMs < SURELY_POLLS_MS;
  }
}
