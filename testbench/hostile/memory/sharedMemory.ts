import type { HostMemory } from '../../../emulator';
import { structs } from '../../../shared/abi/structs';
import { emptyDesc } from '../../../emulator/device/loops/buffers';
import { HOST_BUFFER_BYTES, loadHostBufferData } from '../../../emulator/device/loops/records';
import { asHost } from '../../../shared/actors';
import {
  DESC_BYTES,
  FIFO_BYTES,
  FIFO_READ,
  FIFO_WRITE,
  loadDescDataHi,
  loadDescDataLo,
  REQUEST_BYTES,
} from '../../../shared/loops/layout';
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

/** Addresses of all shared objects in BAR 2 of a device, for code that reads and writes behind both sides' backs. */
export class SharedMemory {
  readonly bar: number;
  readonly bytes: number;
  readonly mbufSize: number;
  readonly fifos: readonly SharedFifo[];
  readonly pools: readonly SharedPool[];
  readonly buffers: readonly SharedBuffer[];
  private readonly byDesc: ReadonlyMap<number, SharedBuffer>;
  readonly sync: number;
  /** Host virtual addresses of all descriptors, and of the first and the last byte of each pool, which are as many. */
  readonly targets: readonly { readonly lo: number; readonly hi: number }[];

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
    const descs = this.pools.flatMap(({ va }, pool) =>
      Array.from(
        { length: settings.pools[pool]!.buffers },
        (_unused, i) => va + BigInt(DESC_BYTES + i * host.bufferStride),
      ),
    );
    this.buffers = asHost(() => descs.map((va, i) => this.bufferOf(va, host.buffers + i * HOST_BUFFER_BYTES)));
    this.byDesc = new Map(this.buffers.map((buffer) => [buffer.desc, buffer]));
    const ends = this.pools.flatMap(({ va, bytes }) => [va, va + BigInt(bytes - 1)]);
    const bounds = ends.map((va) => ({ lo: low32(va), hi: high32(va) }));
    this.targets = this.buffers.flatMap((buffer, i) => [buffer, bounds[i % bounds.length]!]);
  }

  /** @param record the host's own record of the buffer. */
  private bufferOf(va: bigint, record: number): SharedBuffer {
    const [lo, hi] = [low32(va), high32(va)];
    const empty = emptyDesc(record);
    const [dataLo, dataHi] = [loadDescDataLo(empty), loadDescDataHi(empty)];
    return { lo, hi, desc: this.place(lo, hi), dataLo, dataHi, data: loadHostBufferData(record) };
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

  /** Returns the buffer in whose descriptor an address lies, null for any other address. */
  bufferAt(address: number): SharedBuffer | null {
    return this.byDesc.get(address & -DESC_BYTES) ?? null;
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
    return this.bufferNameOf(address) ?? `BAR 2+${address - this.bar}`;
  }

  private bufferNameOf(address: number): string | null {
    for (const [number, { desc, data }] of this.buffers.entries()) {
      const field = descFields.findLast(({ offset }) => offset <= address - desc);
      if (address >= desc && address < desc + DESC_BYTES && field !== undefined)
        return `${field.name} of the descriptor of buffer ${number}`;
      if (address >= data && address < data + this.mbufSize) return `data+${address - data} of buffer ${number}`;
    }
    return null;
  }
}

/** The index that the producer of a FIFO publishes, and that of its consumer. */
export function writeOf(fifo: SharedFifo): number {
  return words32[(fifo.base + FIFO_WRITE) >>> 2]!;
}

export function readOf(fifo: SharedFifo): number {
  return words32[(fifo.base + FIFO_READ) >>> 2]!;
}
