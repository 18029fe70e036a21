import type { Clock } from '../../../shared/clock';
import { REQ_POLL_MS, REQ_POLLS } from '../../../shared/loops/layout';
import { load64, store64 } from '../../../shared/u64';
import { HOST_DEVICE_REQ_EMPTY_NS, HOST_DEVICE_REQ_LOOKED_NS, HOST_DEVICE_SHUTDOWN_AFTER_NS } from '../loops/records';

/** A guest polls for an answer for at least this long; a tenth is left for request and answer to arrive. */
const SURELY_POLLS_NS = BigInt(Math.round(0.9 * REQ_POLLS * REQ_POLL_MS * 1_000_000));
const NEVER = 0xffff_ffff_ffff_ffffn;

/**
 * Tells whether the guest of a detach still waits for the answer to its request 4. The host does not see
 * when a request was made, but a request that it takes was not there when it last found req empty.
 */
export class Patience {
  /** @param state arena address of `host_device`. */
  constructor(
    private readonly state: number,
    private readonly clock: Clock,
  ) {}

  /** Records the time of a look at req, right before the look. */
  looks(): void {
    store64(this.state + HOST_DEVICE_REQ_LOOKED_NS, this.clock.nowNs());
  }

  /** Records that the last look found req empty. */
  foundEmpty(): void {
    store64(this.state + HOST_DEVICE_REQ_EMPTY_NS, load64(this.state + HOST_DEVICE_REQ_LOOKED_NS));
  }

  /** Records that req holds a request of unknown age. */
  foundSomething(): void {
    store64(this.state + HOST_DEVICE_REQ_EMPTY_NS, NEVER);
  }

  /** Records that a request 4 was taken. */
  asked(): void {
    store64(this.state + HOST_DEVICE_SHUTDOWN_AFTER_NS, load64(this.state + HOST_DEVICE_REQ_EMPTY_NS));
  }

  /** False if the guest may have given up waiting. */
  get surelyWaits(): boolean {
    const afterNs = load64(this.state + HOST_DEVICE_SHUTDOWN_AFTER_NS);
    return afterNs !== NEVER && this.clock.nowNs() - afterNs < SURELY_POLLS_NS;
  }
}
