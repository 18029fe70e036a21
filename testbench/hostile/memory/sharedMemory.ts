import type { HostMemory } from '../../../emulator';
import { structs } from '../../../shared/abi/structs';
import { DESC_BYTES, FIFO_BYTES, FIFO_READ, FIFO_WRITE, REQUEST_BYTES } from '../../../shared/loops/layout';
import { words32 } from '../../../shared/mem/memory';
import { high32, low32 } from '../../../shared/u64';

const descFields = structs.find(({ name }) => name === 'desc')!.fields;

export type FifoKind = 'tx' | 'rx' | 'alloc' | 'free' | 'req' | 'resp';

/** A FIFO of BAR 2, at arena address `base`. */
export interface SharedFifo {
  readonly kind: FifoKind;
  readonly queue: number;
  readonly base: number;
  readonly slots: number;
}

/** A packet buffer: host virtual address of its descriptor, arena addresses of descriptor and data. */
export interface SharedBuffer {
  readonly lo: number;
  readonly hi: number;
  readonly desc: number;
  readonly data: number;
  readonly dataLo: number;
  readonly dataHi: number;
}

/** A pool of packet buffers, as the device info names it. */
export interface SharedPool {
  readonly va: bigint;
  readonly bytes: number;
  readonly address: number;
}

/** Where everything lies in BAR 2 of a device, for those who read and write past both sides. */
export class SharedMemory {
  readonly bar: number;
  readonly bytes: number;
  readonly mbufSize: number;
  readonly fifos: readonly SharedFifo[];
  readonly pools: readonly SharedPool[];
  readonly buffers: readonly SharedBuffer[];
  readonly sync: number;

  /** @param host its layout is taken now, and must not change. */
  constructor(host: HostMemory) {
    const { settings } = host;
    this.bar = host.bar;
    this.bytes = host.plan.usedBytes;
    this.mbufSize = settings.mbufSize;
    this.fifos = host.fifos().map(({ kind, queue }) => {
      return { kind, queue, base: host.fifoAddress(kind, queue), slots: settings.fifoSlots[kind] };
    });
    this.pools = settings.pools.map((_pool, index) => {
      return { va: host.run(`pool${index}`).va, bytes: host.poolBytes(index), address: host.address(`pool${index}`) };
    });
    this.sync = host.address('sync');
    this.buffers = this.pools.flatMap((pool, index) =>
      Array.from({ length: settings.pools[index]!.buffers }, (_unused, i) =>
        this.bufferAt(pool, DESC_BYTES + i * host.bufferStride),
      ),
    );
  }

  private bufferAt(pool: SharedPool, offset: number): SharedBuffer {
    const va = pool.va + BigInt(offset);
    const desc = pool.address + offset;
    const [dataLo, dataHi] = [words32[(desc + 40) >>> 2]!, words32[(desc + 44) >>> 2]!];
    return { lo: low32(va), hi: high32(va), desc, dataLo, dataHi, data: this.place(dataLo, dataHi) };
  }

  /** Returns the arena address at a host virtual address, 0 outside of all pools. */
  place(lo: number, hi: number): number {
    const va = (BigInt(hi) << 32n) | BigInt(lo);
    for (const pool of this.pools)
      if (va >= pool.va && va - pool.va < BigInt(pool.bytes)) return pool.address + Number(va - pool.va);
    return 0;
  }

  fifo(kind: FifoKind, queue: number): SharedFifo {
    return this.fifos.find((one) => one.kind === kind && one.queue === queue)!;
  }

  /** Arena addresses of the two words of a slot. */
  slot({ base, slots }: SharedFifo, index: number): number {
    return base + FIFO_BYTES + 8 * (index & (slots - 1));
  }

  /** Names an address in BAR 2 as the protocol does. */
  nameOf(address: number): string {
    for (const { kind, queue, base, slots } of this.fifos) {
      const into = address - base;
      if (into >= 0 && into < FIFO_BYTES)
        return `${kind} FIFO ${queue}, ${['write', 'read', 'len', 'elem_size'][into >>> 2]}`;
      if (into >= 0 && into < FIFO_BYTES + 8 * slots) return `${kind} FIFO ${queue}, slot ${(into - FIFO_BYTES) >>> 3}`;
    }
    if (address >= this.sync && address < this.sync + REQUEST_BYTES) return `the sync area+${address - this.sync}`;
    const number = this.buffers.findLastIndex(({ desc, data }) => Math.min(desc, data) <= address);
    const buffer = this.buffers[number];
    if (buffer === undefined) return `BAR 2+${address - this.bar}`;
    if (address >= buffer.data) return `data+${address - buffer.data} of buffer ${number}`;
    const field = descFields.findLast(({ offset }) => offset <= address - buffer.desc);
    return `${field?.name ?? 'bytes'} of the descriptor of buffer ${number}`;
  }
}

/** The index that the producer of a FIFO publishes, and that of its consumer. */
export function writeOf(fifo: SharedFifo): number {
  return words32[(fifo.base + FIFO_WRITE) >>> 2]!;
}

export function readOf(fifo: SharedFifo): number {
  return words32[(fifo.base + FIFO_READ) >>> 2]!;
}
