import type { AvpDevice, HostMemory } from '../../../emulator';
import {
  HOST_TX_QUEUE_PACKETS,
  loadHostPortRxQueues,
  loadHostPortRxRecords,
  storeHostPortRxQueues,
  storeHostPortRxRecords,
} from '../../../emulator/device/loops/records';
import { hostRxQueueAt } from '../../../emulator/device/loops/toGuest';
import { asHost } from '../../../shared/actors';
import { readCounter } from '../../../shared/u64';
import type { DumpedPacket } from '../../peers/dpdk/parsePackets';

/** A part of a queue's traffic, in packets and bytes. */
export interface Share {
  readonly packets: number;
  readonly bytes: number;
}

export const NOTHING: Share = { packets: 0, bytes: 0 };
const TAG_BYTES = 4;

function plus({ packets, bytes }: Share, length: number): Share {
  return { packets: packets + 1, bytes: bytes + length };
}

/** A frame that the guest received, with testpmd's dump of it. */
export interface Echo {
  /** The frame as the guest sent it back, null where it did not. */
  readonly bytes: Uint8Array | null;
  readonly length: number;
  shown: DumpedPacket | null;
}

/** Why the guest sends at present: to show what it received, because it is to send it, or to generate frames. */
export type Purpose = 'receive' | 'send' | 'generate';

/** Frames that came back on one queue, in order. Each was received on the queue of the same number. */
export class QueueTraffic {
  readonly waiting: Echo[] = [];
  /** Received only in order to be sent. */
  private forSending = NOTHING;
  /** Sent only in order to show what was received. */
  private forReceiving = NOTHING;
  /** Share that was waiting at the last reset. */
  private ahead = NOTHING;
  /** Frames that came back and have no dump assigned yet; `echo` is null for frames that were to be sent. */
  private readonly unmatched: { readonly length: number; readonly echo: Echo | null }[] = [];
  private dumps: DumpedPacket[] = [];

  /** Takes a frame that the guest has sent on this queue. */
  take(bytes: Uint8Array, purpose: Exclude<Purpose, 'generate'>): void {
    const { length } = bytes;
    const echo = purpose === 'send' ? null : { bytes, length, shown: null };
    this.unmatched.push({ length, echo });
    if (echo === null) this.forSending = plus(this.forSending, length);
    else this.forReceiving = plus(this.forReceiving, length);
    if (echo !== null) this.waiting.push(echo);
  }

  /** Restarts the counts, as the driver does. Waiting frames count as received once the application asks. */
  reset(): void {
    this.forSending = NOTHING;
    this.forReceiving = NOTHING;
    this.ahead = this.waitingShare();
  }

  shares(): { rx: Share; tx: Share } {
    const { forSending, ahead } = this;
    const waiting = this.waitingShare();
    const rx = (what: 'packets' | 'bytes'): number => forSending[what] + waiting[what] - ahead[what];
    return { rx: { packets: rx('packets'), bytes: rx('bytes') }, tx: this.forReceiving };
  }

  private waitingShare(): Share {
    return this.waiting.reduce((sum, { length }) => plus(sum, length), NOTHING);
  }

  /**
   * Assigns dumps to frames; both come in the order in which the queue received. A dumped frame that
   * never came back was received all the same, unless it was to be sent.
   */
  match(dumps: readonly DumpedPacket[], purpose: Purpose): void {
    this.dumps.push(...dumps);
    for (let next = this.unmatched.shift(); next !== undefined; next = this.unmatched.shift()) {
      const { length, echo } = next;
      const fits = (shown: DumpedPacket): boolean =>
        shown.length === length || (echo === null && shown.length + TAG_BYTES === length);
      const at = this.dumps.findIndex(fits);
      if (at < 0) continue;
      // A frame that left with an inserted tag was received without it.
      if (echo === null)
        this.forSending = { ...this.forSending, bytes: this.forSending.bytes + this.dumps[at]!.length - length };
      else {
        this.waiting.splice(this.waiting.indexOf(echo), 0, ...this.dumps.slice(0, at).map(unreturned));
        echo.shown = this.dumps[at]!;
      }
      this.dumps = this.dumps.slice(at + 1);
    }
    if (purpose === 'receive') this.waiting.push(...this.dumps.map(unreturned));
    this.dumps = [];
  }
}

function unreturned(shown: DumpedPacket): Echo {
  return { bytes: null, length: shown.length, shown };
}

/**
 * The traffic of an AVP device whose guest sends every received frame back on the queue of the same
 * number. To make the guest send a frame, the bench therefore delivers that frame to it.
 */
export class DpdkTraffic {
  purpose: Purpose = 'receive';
  /** Frames that were delivered to the guest only so that it sends them. */
  injected = 0;
  /** Frames that the guest sent only to show that it received them. */
  shown = 0;
  private network: Uint8Array[] = [];
  private readonly queues: QueueTraffic[] = [];
  private host: HostMemory | null = null;
  /** The queue whose frames the host forwards at present. */
  private burstOf = 0;
  private forwarded: number[] = [];

  constructor(private readonly device: AvpDevice) {}

  queue(index: number): QueueTraffic {
    return (this.queues[index] ??= new QueueTraffic());
  }

  /** Runs `body`, in which the guest sends for this purpose. */
  async during<T>(purpose: Purpose, body: () => Promise<T>): Promise<T> {
    this.purpose = purpose;
    try {
      return await body();
    } finally {
      this.purpose = 'receive';
    }
  }

  /** The bench's share of the traffic of each queue since the last reset, as the guest counts it. */
  shares(): { readonly rx: Share; readonly tx: Share }[] {
    return Array.from(this.queues, (queue) => (queue === undefined ? { rx: NOTHING, tx: NOTHING } : queue.shares()));
  }

  resetShares(): void {
    for (const queue of this.queues) queue?.reset();
  }

  /** Takes a frame that the guest has sent, when the host forwards it. */
  take(frame: Uint8Array): void {
    const { purpose } = this;
    const queue = this.queue(this.forwardedBy());
    if (purpose === 'receive') this.shown++;
    else this.network.push(frame);
    if (purpose !== 'generate') queue.take(frame, purpose);
  }

  /** The tx FIFO whose count has risen since the last frame; the former one where none has. */
  private forwardedBy(): number {
    const { host, negotiated } = this.device.inspect;
    if (host !== this.host) this.forwarded = [];
    this.host = host;
    const before = this.forwarded;
    const queues = Array.from({ length: negotiated.txQueues }, (_unused, queue) => queue);
    this.forwarded = asHost(() => queues.map((queue) => readCounter(host.txQueue(queue) + HOST_TX_QUEUE_PACKETS)));
    const found = this.forwarded.findIndex((count, queue) => count !== (before[queue] ?? 0));
    // The host counts a burst before it forwards its frames one by one.
    if (found >= 0) this.burstOf = found;
    return this.burstOf;
  }

  taken(): Uint8Array[] {
    const frames = this.network;
    this.network = [];
    return frames;
  }

  /** Drops the frames that the application has not asked for. */
  dropEchoes(): void {
    for (const queue of this.queues) queue?.waiting.splice(0);
  }

  /** @param dumps that testpmd has shown since the last call. @param purpose of the traffic in that time. */
  match(dumps: readonly DumpedPacket[], purpose: Purpose): void {
    const received = dumps.filter(({ direction }) => direction === 'received');
    const last = Math.max(this.queues.length - 1, ...received.map(({ queue }) => queue));
    for (let index = 0; index <= last; index++)
      this.queue(index).match(
        received.filter(({ queue }) => queue === index),
        purpose,
      );
  }

  /** Makes the host put a frame on a given rx FIFO, as if that were the only one. */
  onFifo(fifo: number, deliver: () => void): void {
    const { port } = this.device.inspect.host;
    const [records, count] = asHost(() => [loadHostPortRxRecords(port), loadHostPortRxQueues(port)] as const);
    asHost(() => {
      storeHostPortRxRecords(port, hostRxQueueAt(port, fifo));
      storeHostPortRxQueues(port, 1);
    });
    try {
      deliver();
    } finally {
      asHost(() => {
        storeHostPortRxRecords(port, records);
        storeHostPortRxQueues(port, count);
      });
    }
  }
}
