/**
 * An independent view of a device: reads the memory map, device info, rings and chains from the raw bytes of the
 * BARs. It follows sections 4 to 7 of the protocol and uses no code of either side.
 */
import { structs } from '../../../shared/abi/structs';
import * as plain from '../../../shared/mem/plain';
import { ensure } from './ensure';
import type { Bars } from './rig';

export type Ring = 'alloc' | 'tx' | 'rx' | 'free';
export const RINGS: readonly Ring[] = ['alloc', 'tx', 'rx', 'free'];

interface Range {
  readonly from: bigint;
  readonly length: bigint;
  /** Arena address of the first byte. */
  readonly address: number;
}

function offsetOf(struct: string, field: string): number {
  return structs.find(({ name }) => name === struct)!.fields.find(({ name }) => name === field)!.offset;
}

function load64(address: number): bigint {
  return (BigInt(plain.load32(address + 4)) << 32n) | BigInt(plain.load32(address));
}

function place(ranges: readonly Range[], at: bigint): number {
  const range = ranges.find(({ from, length }) => at >= from && at - from < length);
  ensure(range !== undefined, () => `no range holds 0x${at.toString(16)}`);
  return range!.address + Number(at - range!.from);
}

/** The numbers of buffers and packets on all rings of each kind. */
export interface RingCounts {
  readonly buffers: Readonly<Record<Ring, number>>;
  readonly packets: Readonly<Record<Ring, number>>;
}

export class RingWalk {
  private readonly segments: Range[] = [];
  private readonly pools: Range[] = [];

  constructor(private readonly bars: Bars) {
    let address = bars.memory;
    for (let i = 0; i < plain.load32(bars.memmap + offsetOf('memmap_info', 'nb_maps')); i++) {
      const map = bars.memmap + offsetOf('memmap_info', 'maps') + 24 * i;
      const length = load64(map + 16);
      this.segments.push({ from: load64(map + 8), length, address });
      address += Number(length);
    }
    for (let i = 0; i < 8; i++) {
      const pool = this.field('pool') + 24 * i;
      const length = load64(pool + 16);
      if (length !== 0n)
        this.pools.push({ from: load64(pool), length, address: place(this.segments, load64(pool + 8)) });
    }
  }

  private field(name: string): number {
    return this.bars.info + offsetOf('device_info', name);
  }

  /** The number of FIFOs of a kind. */
  fifos(ring: Ring): number {
    return plain.load8(this.field(ring === 'alloc' || ring === 'tx' ? 'max_tx_queues' : 'max_rx_queues'));
  }

  /** Arena address of a FIFO's header. */
  fifo(ring: Ring, queue: number): number {
    const stride = plain.load32(this.field(`${ring}_size`));
    return place(this.segments, load64(this.field(`${ring}_phys`)) + BigInt(queue * stride));
  }

  indices(ring: Ring, queue: number): { readonly write: number; readonly read: number; readonly len: number } {
    const base = this.fifo(ring, queue);
    return { write: plain.load32(base), read: plain.load32(base + 4), len: plain.load32(base + 8) };
  }

  filled(ring: Ring, queue: number): number {
    const { write, read, len } = this.indices(ring, queue);
    return (write - read + len) % len;
  }

  room(ring: Ring, queue: number): number {
    return this.indices(ring, queue).len - 1 - this.filled(ring, queue);
  }

  /** The descriptors of each packet on a ring, in order. On alloc, each buffer counts as a packet. */
  chains(ring: Ring, queue: number): number[][] {
    const { write, read, len } = this.indices(ring, queue);
    ensure(write < len && read < len, () => `${ring} ${queue}: write ${write}, read ${read}, expected below ${len}`);
    const chains: number[][] = [];
    for (let index = read; index !== write; index = (index + 1) % len) {
      const chain: number[] = [];
      let va = load64(this.fifo(ring, queue) + 16 + 8 * index);
      do {
        const desc = place(this.pools, va);
        chain.push(desc);
        va = ring === 'alloc' ? 0n : load64(desc + offsetOf('desc', 'next'));
        ensure(chain.length <= 5, () => `a chain on ${ring} ${queue} has more than 5 segments`);
      } while (va !== 0n);
      chains.push(chain);
    }
    return chains;
  }

  /** Counts buffers and packets on all rings. Fails if a buffer is there twice. */
  count(): RingCounts {
    const seen = new Set<number>();
    const buffers = { alloc: 0, tx: 0, rx: 0, free: 0 };
    const packets = { alloc: 0, tx: 0, rx: 0, free: 0 };
    for (const ring of RINGS)
      for (let queue = 0; queue < this.fifos(ring); queue++)
        for (const chain of this.chains(ring, queue)) {
          packets[ring]++;
          for (const desc of chain) {
            ensure(!seen.has(desc), () => `descriptor 0x${desc.toString(16)} on ${ring} ${queue} is in a second place`);
            seen.add(desc);
            buffers[ring]++;
          }
        }
    return { buffers, packets };
  }
}
