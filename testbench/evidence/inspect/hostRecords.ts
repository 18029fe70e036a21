import { hostBuffer, hostPool, hostPort, hostRxQueue, hostTxQueue } from '../../../emulator/abi/records';
import { places, portLives } from '../../../emulator/abi/values';
import { fifoEnd } from '../../../shared/abi/records';
import type { AddressSpace } from './addressSpace';
import type { Problems } from './problems';
import { StructView } from './structView';
import type { RingKind } from './inspection';

/** A pool of the host: its range of addresses, and the numbers of its buffers. */
interface HostPool {
  readonly pool: number;
  readonly base: bigint;
  readonly length: bigint;
  readonly first: bigint;
  readonly stride: bigint;
  /** Number of its first buffer among all buffers. */
  readonly firstBuffer: number;
  readonly buffers: number;
}

/** Identifies a buffer: pool, number within the pool, and number among all buffers. */
interface BufferName {
  readonly pool: number;
  readonly buffer: number;
  readonly number: number;
}

/** The host's record of one buffer. */
interface HostBuffer {
  readonly place: number;
  readonly queue: number;
  /** Number of the next buffer of the chain, -1 at the end. */
  readonly next: number;
}

/** Reads the host's private records of a device from a dump: `host_port` and what it points to. */
export class HostRecords {
  readonly pools: readonly HostPool[];
  readonly total: number;
  private readonly records: number;
  private readonly bufferBytes: Uint8Array | null;

  private constructor(
    private readonly space: AddressSpace,
    readonly port: StructView,
    problems: Problems,
  ) {
    this.records = port.number('records');
    const claimed = port.number('buffers');
    this.bufferBytes = space.bytesAt(this.records, claimed * hostBuffer.bytes);
    if (this.bufferBytes === null) problems.add(`host_port.buffers is ${claimed}, more than there are records of`);
    this.total = this.bufferBytes === null ? 0 : claimed;
    this.pools = this.readPools(problems);
  }

  /** Null where there is no `host_port` at the address. */
  static at(space: AddressSpace, address: number | null, problems: Problems): HostRecords | null {
    const view = address === null ? null : StructView.of(hostPort, space.bytesAt(address, hostPort.bytes));
    return view === null ? null : new HostRecords(space, view, problems);
  }

  private readPools(problems: Problems): HostPool[] {
    const most = hostPort.fields.find(({ name }) => name === 'pool')!.count;
    const count = this.port.number('pool_count');
    if (count > most) problems.add(`host_port.pool_count is ${count}, expected at most ${most}`);
    const views = Array.from({ length: Math.min(count, most) }, (_unused, index) =>
      this.port.inner('pool', hostPool, index),
    );
    const firsts = views.map((view) => this.numberOf(view.number('records')));
    return views.flatMap((view, index) => {
      const [first, next] = [firsts[index]!, firsts[index + 1] ?? this.total];
      if (first < 0 || next < first || view.number('stride') === 0) {
        problems.add(`host_port.pool[${index}] has no buffers that make sense`);
        return [];
      }
      const base = (view.big('base_hi') << 32n) | view.big('base_lo');
      const window = { base, length: view.big('length'), first: view.big('first'), stride: view.big('stride') };
      return [{ pool: index, ...window, firstBuffer: first, buffers: next - first }];
    });
  }

  /** Number of the buffer whose record lies at an address, -1 where none does. */
  private numberOf(record: number): number {
    const index = (record - this.records) / hostBuffer.bytes;
    return Number.isInteger(index) && index >= 0 && index <= this.total ? index : -1;
  }

  /** The buffer whose descriptor starts at a host virtual address; null where none does. */
  bufferAt(va: bigint): BufferName | null {
    for (const { pool, base, length, first, stride, firstBuffer, buffers } of this.pools) {
      const within = va - base - first;
      if (va < base || va - base >= length || within < 0n || within % stride !== 0n) continue;
      const buffer = Number(within / stride);
      if (buffer < buffers) return { pool, buffer, number: firstBuffer + buffer };
    }
    return null;
  }

  /** False where the host does not serve the rings, so that their contents are left over. */
  get live(): boolean {
    return this.port.number('life') === portLives.LIFE_LIVE;
  }

  buffer(index: number): HostBuffer {
    const view = StructView.of(hostBuffer, this.bufferBytes, index * hostBuffer.bytes)!;
    const chain = view.number('chain');
    const next = chain === 0 ? -1 : this.numberOf(chain);
    return { place: view.number('place'), queue: view.number('queue'), next: next >= this.total ? -1 : next };
  }

  /** The host's private index of a ring, and how many entries it has not published yet; null for no such ring. */
  end(kind: RingKind, queue: number): { readonly index: number; readonly staged: number } | null {
    if (kind === 'req' || kind === 'resp') return { index: this.port.inner(kind, fifoEnd).number('index'), staged: 0 };
    const transmits = kind === 'tx' || kind === 'alloc';
    const struct = transmits ? hostTxQueue : hostRxQueue;
    const first = this.port.number(transmits ? 'tx_records' : 'rx_records');
    const view = StructView.of(struct, this.space.bytesAt(first + queue * struct.bytes, struct.bytes));
    if (view === null) return null;
    return { index: view.inner(kind, fifoEnd).number('index'), staged: kind === 'rx' ? view.number('staged') : 0 };
  }
}

export const { PLACE_POOL, PLACE_LENT, PLACE_RX, PLACE_TAKEN } = places;
