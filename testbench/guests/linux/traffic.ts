import { MAX_SEGMENTS, MIN_PACKET_BYTES } from '../../../shared/loops/layout';
import { fifoAt, type HostView } from './hostView';
import { buffersFor, copyIn, copyOut, linear, type Packet } from './packets';
import { Ring } from './ring';

/** Largest number of empty buffers that a Linux driver caches for each queue (section 17). */
export const CACHE_BUFFERS = 32;

/** Traffic counters of a guest. */
export interface TrafficCounts {
  received: number;
  sent: number;
  /** Frames that were too short, or too long for a chain. */
  txErrors: number;
  /** Cached buffers that were lost because alloc had no room for them. */
  lostBuffers: number;
}

/** The queues of one guest on one host: the rings, and a cache of empty buffers per transmit queue. */
export class Traffic {
  private readonly caches: bigint[][];

  /**
   * @param granted false before request 3, when the kernel polls rx although the host has not granted it.
   * @param features the negotiated feature bits.
   */
  constructor(
    private readonly host: HostView,
    readonly rxQueues: number,
    readonly txQueues: number,
    private readonly features: number,
    private readonly granted: boolean,
    private readonly counts: TrafficCounts,
  ) {
    this.caches = Array.from({ length: txQueues }, () => []);
  }

  /** Number of buffers in the caches of all queues. */
  get cached(): number {
    return this.caches.reduce((sum, cache) => sum + cache.length, 0);
  }

  /** Receives at most `budget` packets on one queue, as the kernel's poll. Does not filter by MAC address. */
  poll(queue: number, budget: number): Packet[] {
    if (queue >= this.rxQueues) return [];
    const open = this.granted ? Ring.at : Ring.unwatched;
    const free = open(fifoAt(this.host, 'free', queue));
    const chains = open(fifoAt(this.host, 'rx', queue)).get(Math.min(budget, free.room()));
    const packets = chains.map((first) => copyOut(this.host, this.features, first));
    free.put(chains);
    this.counts.received += packets.length;
    return packets;
  }

  /** Sends as many frames as fit on one queue. Returns how many. */
  send(queue: number, packets: readonly Packet[]): number {
    if (queue >= this.txQueues) return 0;
    const tx = Ring.at(fifoAt(this.host, 'tx', queue));
    const firsts: bigint[] = [];
    let taken = 0;
    for (const room = tx.room(); taken < packets.length && firsts.length < room; taken++) {
      const packet = linear(packets[taken]!, this.features);
      const count = buffersFor(this.host, packet.bytes.length);
      if (packet.bytes.length < MIN_PACKET_BYTES || count > MAX_SEGMENTS) {
        this.counts.txErrors++;
        continue;
      }
      const buffers = this.takeBuffers(queue, count);
      if (buffers.length === 0) break;
      copyIn(this.host, packet, buffers);
      firsts.push(buffers[0]!);
    }
    this.counts.sent += tx.put(firsts);
    return taken;
  }

  /** Takes `count` buffers from the cache, or none. Refills the cache first where it holds fewer. */
  private takeBuffers(queue: number, count: number): bigint[] {
    const cache = this.caches[queue]!;
    if (cache.length < count)
      cache.push(...Ring.at(fifoAt(this.host, 'alloc', queue)).get(CACHE_BUFFERS - cache.length));
    return cache.length < count ? [] : cache.splice(0, count);
  }

  /**
   * Puts the cached buffers back on alloc, as its producer in place of the host. That is allowed because
   * the host stops touching the ring before it responds to request 4 (section 8). The rights checks are
   * bypassed, because they know alloc's `write` and slots as the host's and have withdrawn the ring.
   */
  putBack(): void {
    this.caches.forEach((cache, queue) => {
      const put = Ring.unwatched(fifoAt(this.host, 'alloc', queue)).put(cache);
      this.counts.lostBuffers += cache.length - put;
      cache.length = 0;
    });
  }
}
