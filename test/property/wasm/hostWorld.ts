/**
 * A small AVP device whose guest follows the protocol; `plant` then writes extreme values to any word that a
 * guest can write.
 */
import fc from 'fast-check';
import { AvpDevice } from '../../../emulator/device/device';
import { carryOut } from '../../../emulator/device/control/portLife';
import { avpDeviceSettings } from '../../../emulator/device/settings';
import { allocate, resetArena } from '../../../shared/arena';
import { VirtualClock } from '../../../shared/clock';
import { DESC_BYTES, FIFO_BYTES, FIFO_READ, FIFO_WRITE, REQ_CONFIG } from '../../../shared/loops/layout';
// Unwatched accesses: the guest here may write anywhere.
import { load32, store32 } from '../../../shared/mem/plain';
import { HOST_ONLY } from '../../../shared/loops/rights';
import { Random } from '../../../shared/random';
import { change, changed } from './values';

export const SLOTS = 8;
export const QUEUES = 2;
export const FRAME_BYTES = 512;
const MASK_ALL = 0xffff_ffff;

export const hostOptions = fc.record({
  mbufSize: fc.constantFrom(64, 100),
  /** Buffers of each pool. 30 are more than a page, so that the pool can lie across a 4 GiB boundary. */
  buffers: fc.tuple(fc.constantFrom(2, 10, 30, 30), fc.integer({ min: 1, max: 10 })),
  nearFourGiB: fc.boolean(),
  poison: fc.boolean(),
  vlan: fc.nat({ max: 1 }),
  rxQueues: fc.integer({ min: 1, max: QUEUES }),
  rxSegmentBytes: fc.constantFrom(0, 1, 30, 64),
  rxStage: fc.constantFrom(1, 4),
  seed: fc.nat(),
});
export type HostOptions = typeof hostOptions extends fc.Arbitrary<infer T> ? T : never;

/** One word to change in a ring or a descriptor; `place` and `word` are taken modulo their number. */
export const hostPlant = fc.record({
  inRing: fc.boolean(),
  place: fc.nat({ max: 80 }),
  word: fc.nat({ max: 15 }),
  change,
});
export type HostPlant = typeof hostPlant extends fc.Arbitrary<infer T> ? T : never;

export class HostWorld {
  readonly device: AvpDevice;
  /** Address of the frame that the switch delivers. */
  readonly frame: number;
  private readonly hostileDescs: number[];
  private readonly hostileRings: number[];

  constructor(options: HostOptions) {
    resetArena();
    const settings = avpDeviceSettings({
      mbufSize: options.mbufSize,
      pools: options.buffers.map((buffers) => ({ buffers })),
      rxQueues: { max: QUEUES },
      txQueues: { max: QUEUES },
      fifoSlots: { tx: SLOTS, rx: SLOTS, alloc: SLOTS, free: SLOTS, req: 2, resp: 2 },
      layout: { segments: 4, nearFourGiB: options.nearFourGiB, gaps: true, offsets: 'different', seed: options.seed },
      poisonAlloc: options.poison,
      rxSegmentBytes: options.rxSegmentBytes,
      rxStage: options.rxStage,
      dataGap: 'varied',
    });
    const random = new Random(options.seed);
    this.device = new AvpDevice({ name: 'dut', settings, deviceNumber: 3, clock: new VirtualClock(), random });
    this.frame = allocate(FRAME_BYTES, { rights: HOST_ONLY, label: 'frame' });
    this.configure(options.vlan, options.rxQueues);
    this.hostileDescs = this.descriptors();
    this.hostileRings = this.rings();
  }

  private configure(features: number, rxQueues: number): void {
    const config = {
      deviceId: 1n,
      driverType: 1,
      driverVersion: 0,
      features,
      numTxQueues: QUEUES,
      numRxQueues: rxQueues,
      ifUp: 1,
    };
    carryOut(this.device.inspect.host, { reqId: REQ_CONFIG, newMtu: 0, ifUp: 0, config }, MASK_ALL);
  }

  private descriptors(): number[] {
    const { host } = this.device.inspect;
    return host.settings.pools.flatMap(({ buffers }, pool) =>
      Array.from(
        { length: buffers },
        (_unused, index) => host.address(`pool${pool}`) + DESC_BYTES + index * host.bufferStride,
      ),
    );
  }

  /** Addresses of all ring words that a guest may write. */
  private rings(): number[] {
    const { host } = this.device.inspect;
    return Array.from({ length: QUEUES }, (_unused, queue) => {
      const tx = host.fifoAddress('tx', queue);
      const free = host.fifoAddress('free', queue);
      const slots = Array.from({ length: 2 * SLOTS }, (_none, word) => FIFO_BYTES + 4 * word);
      const indices = [
        tx + FIFO_WRITE,
        free + FIFO_WRITE,
        host.fifoAddress('alloc', queue) + FIFO_READ,
        host.fifoAddress('rx', queue) + FIFO_READ,
      ];
      return [...indices, ...slots.map((at) => tx + at), ...slots.map((at) => free + at)];
    }).flat();
  }

  /** Takes up to `most` entries off a FIFO, as the guest. */
  take(kind: 'alloc' | 'rx', queue: number, most: number): [lo: number, hi: number][] {
    const base = this.device.inspect.host.fifoAddress(kind, queue);
    const taken: [number, number][] = [];
    let read = load32(base + FIFO_READ) % SLOTS;
    while (taken.length < most && read !== load32(base + FIFO_WRITE)) {
      const slot = base + FIFO_BYTES + 8 * read;
      taken.push([load32(slot), load32(slot + 4)]);
      read = (read + 1) % SLOTS;
    }
    store32(base + FIFO_READ, read);
    return taken;
  }

  /** Puts entries on a FIFO as the guest, even if it is full. */
  put(kind: 'tx' | 'free', queue: number, entries: readonly (readonly [lo: number, hi: number])[]): void {
    const base = this.device.inspect.host.fifoAddress(kind, queue);
    let write = load32(base + FIFO_WRITE) % SLOTS;
    for (const [lo, hi] of entries) {
      store32(base + FIFO_BYTES + 8 * write, lo);
      store32(base + FIFO_BYTES + 8 * write + 4, hi);
      write = (write + 1) % SLOTS;
    }
    store32(base + FIFO_WRITE, write);
  }

  /** The arena address of the descriptor at this host virtual address, or 0. */
  descOf([lo, hi]: readonly [lo: number, hi: number]): number {
    const { host } = this.device.inspect;
    const va = (BigInt(hi) << 32n) | BigInt(lo);
    for (const pool of host.settings.pools.keys()) {
      const run = host.run(`pool${pool}`);
      if (va >= run.va && va < run.va + BigInt(host.poolBytes(pool)))
        return host.address(run.name) + Number(va - run.va);
    }
    return 0;
  }

  plant({ inRing, place, word, change: how }: HostPlant): void {
    const at = inRing
      ? this.hostileRings[place % this.hostileRings.length]!
      : this.hostileDescs[place % this.hostileDescs.length]! + 4 * (word % (DESC_BYTES / 4));
    store32(at, changed(load32(at), how));
  }
}
