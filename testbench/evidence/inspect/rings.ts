import { fifo } from '../../../shared/abi/structs';
import { hex } from '../../../shared/hex';
import { FIFO_BYTES, FIFO_ELEM_BYTES, FIFO_MIN_LEN, MAX_SEGMENTS } from '../../../shared/loops/layout';
import type { HostRecords } from './hostRecords';
import type { MemoryMap } from './memoryMap';
import type { Problems } from './problems';
import { StructView } from './structView';
import type { Ring, RingEntry, RingKind, Segment } from './inspection';
import type { Windows } from './windows';

/** Limit of listed entries and segments beyond one per buffer, because rubbish could claim any number. */
const MAX_LISTED = 65_536;

/** Fields of a descriptor that carry information. */
const DESC_FIELDS = ['pkt_mbuf', 'ol_flags', 'next', 'data', 'data_len', 'nb_segs', 'pkt_len', 'vlan_tci'];

/** Returns the driver's private index of a ring, null where it is unknown. */
export type DriverIndex = (kind: RingKind, queue: number) => number | null;

/** Inputs for reading the rings of a device. */
interface RingContext {
  readonly info: StructView;
  readonly map: MemoryMap | null;
  readonly memory: Uint8Array | null;
  readonly windows: Windows;
  readonly host: HostRecords | null;
  readonly driverIndex: DriverIndex;
  readonly problems: Problems;
}

/** Fields of the device info with address, stride and number of the FIFOs of each kind. */
const KINDS: readonly (readonly [kind: RingKind, phys: string, stride: string | null, count: string | null])[] = [
  ['tx', 'tx_phys', 'tx_size', 'max_tx_queues'],
  ['alloc', 'alloc_phys', 'alloc_size', 'max_tx_queues'],
  ['rx', 'rx_phys', 'rx_size', 'max_rx_queues'],
  ['free', 'free_phys', 'free_size', 'max_rx_queues'],
  ['req', 'req_phys', null, null],
  ['resp', 'resp_phys', null, null],
];

/** Rings of which the host is the consumer; of the others it is the producer. */
const HOST_CONSUMES: ReadonlySet<RingKind> = new Set<RingKind>(['tx', 'free', 'req']);

const NO_BUFFER = 'no packet buffer starts there';

/** The chain that an entry leads to. */
type Found = Pick<RingEntry, 'segments' | 'problem'>;

class RingReader {
  /** Number of entries and segments that may still be listed. */
  private left: number;

  constructor(private readonly context: RingContext) {
    this.left = MAX_LISTED + (context.host?.total ?? 0);
  }

  private problem(kind: RingKind, queue: number, text: string): void {
    this.context.problems.add(`${kind} ${queue}: ${text}`);
  }

  ring(kind: RingKind, queue: number, phys: bigint): Ring {
    const { map, memory, host, driverIndex } = this.context;
    const offset = map?.offsetOf(phys, BigInt(FIFO_BYTES)) ?? null;
    const view = offset === null ? null : StructView.of(fifo, memory, offset);
    const end = host?.end(kind, queue) ?? null;
    const indices = { hostIndex: end?.index ?? null, driverIndex: driverIndex(kind, queue) };
    if (view === null) {
      this.problem(kind, queue, `its address ${hex(phys)} is in no map`);
      return {
        kind,
        queue,
        offset: null,
        write: 0,
        read: 0,
        len: 0,
        elem_size: 0,
        filled: null,
        ...indices,
        entries: [],
        leftOut: 0,
      };
    }
    const head = {
      write: view.number('write'),
      read: view.number('read'),
      len: view.number('len'),
      elem_size: view.number('elem_size'),
    };
    const bounds = this.check(kind, queue, phys, head) ? this.bounds(kind, queue, head, end) : null;
    const filled = bounds === null ? null : (bounds.write - bounds.read + head.len) % head.len;
    const entries = bounds === null ? [] : this.entries(kind, queue, offset!, bounds.read, filled!, head.len);
    return { kind, queue, offset, ...head, filled, ...indices, entries, leftOut: (filled ?? 0) - entries.length };
  }

  private entries(
    kind: RingKind,
    queue: number,
    offset: number,
    read: number,
    filled: number,
    len: number,
  ): RingEntry[] {
    const entries: RingEntry[] = [];
    while (entries.length < filled && this.left > 0) {
      const entry = this.entry(kind, queue, offset, (read + entries.length) % len);
      entries.push(entry);
      this.left -= Math.max(1, entry.segments.length);
    }
    if (entries.length < filled)
      this.problem(
        kind,
        queue,
        `${filled - entries.length} more entries, more than any device has buffers: not looked at`,
      );
    return entries;
  }

  /** True where the header is good enough to read the slots. */
  private check(
    kind: RingKind,
    queue: number,
    phys: bigint,
    { write, read, len, elem_size }: Pick<Ring, 'write' | 'read' | 'len' | 'elem_size'>,
  ): boolean {
    if (len < FIFO_MIN_LEN || (len & (len - 1)) !== 0)
      this.problem(kind, queue, `len is ${len}, expected a power of two from ${FIFO_MIN_LEN} on`);
    else if (this.context.map?.offsetOf(phys, BigInt(FIFO_BYTES) + BigInt(FIFO_ELEM_BYTES) * BigInt(len)) === null)
      this.problem(kind, queue, `len is ${len}, more slots than the memory map holds there`);
    else if (write >= len) this.problem(kind, queue, `write is ${write}, expected less than len, ${len}`);
    else if (read >= len) this.problem(kind, queue, `read is ${read}, expected less than len, ${len}`);
    else if (elem_size !== FIFO_ELEM_BYTES)
      this.problem(kind, queue, `elem_size is ${elem_size}, expected ${FIFO_ELEM_BYTES}`);
    else return true;
    return false;
  }

  /** Range of filled slots. For the host's end it uses the host's private index, which only the host can write. */
  private bounds(
    kind: RingKind,
    queue: number,
    { write, read, len }: Pick<Ring, 'write' | 'read' | 'len'>,
    end: { readonly index: number; readonly staged: number } | null,
  ): { readonly write: number; readonly read: number } {
    if (end === null) return { write, read };
    const consumes = HOST_CONSUMES.has(kind);
    const published = consumes ? read : write;
    if (end.index >= len || end.index !== published)
      this.problem(
        kind,
        queue,
        `the header says ${consumes ? 'read' : 'write'} ${published}, and the host's own index is ${end.index}`,
      );
    if (end.index >= len || end.staged >= len) return { write, read };
    return consumes ? { write, read: end.index } : { write: (end.index + end.staged) % len, read };
  }

  private entry(kind: RingKind, queue: number, offset: number, slot: number): RingEntry {
    const { memory } = this.context;
    const view = new DataView(
      memory!.buffer,
      memory!.byteOffset + offset + FIFO_BYTES + slot * FIFO_ELEM_BYTES,
      FIFO_ELEM_BYTES,
    );
    const va = view.getBigUint64(0, true);
    const control = kind === 'req' || kind === 'resp';
    const { segments, problem } = control ? this.control(va) : kind === 'alloc' ? this.single(va) : this.chain(va);
    if (problem !== null) this.problem(kind, queue, `slot ${slot} holds ${hex(va)}: ${problem}`);
    return { slot, va: hex(va), segments, problem };
  }

  private control(va: bigint): Found {
    return { segments: [], problem: va === this.context.info.big('sync_va') ? null : 'not sync_va' };
  }

  /** Reads an empty buffer. It has one segment, whatever its descriptor holds. */
  private single(va: bigint): Found {
    const found = this.segment(va);
    return found === null ? { segments: [], problem: NO_BUFFER } : { segments: [found.segment], problem: null };
  }

  /** Follows `next` through the descriptors, up to the longest chain that is allowed. */
  private chain(first: bigint): Found {
    const segments: Segment[] = [];
    const seen = new Set<bigint>();
    for (let va = first; segments.length === 0 || va !== 0n;) {
      if (seen.has(va)) return { segments, problem: 'the chain leads back to itself' };
      if (segments.length === MAX_SEGMENTS)
        return { segments, problem: `the chain has more than ${MAX_SEGMENTS} segments` };
      const found = this.segment(va);
      if (found === null)
        return { segments, problem: segments.length === 0 ? NO_BUFFER : `next is ${hex(va)}, ${NO_BUFFER}` };
      seen.add(va);
      segments.push(found.segment);
      va = found.next;
    }
    return { segments, problem: null };
  }

  /** The segment at an address; null where there is no descriptor. */
  private segment(va: bigint): { readonly segment: Segment; readonly next: bigint } | null {
    const { windows, host } = this.context;
    const found = windows.descAt(va);
    const name = host?.bufferAt(va) ?? null;
    if (found === null || (host !== null && name === null)) return null;
    const segment = {
      va: hex(va),
      pool: found.pool,
      buffer: name?.buffer ?? null,
      desc: found.view.scalars(DESC_FIELDS),
    };
    return { segment, next: found.view.big('next') };
  }
}

/** Reads all FIFOs that the device info names, with their entries. */
export function readRings(context: RingContext): Ring[] {
  const { info } = context;
  const reader = new RingReader(context);
  return KINDS.flatMap(([kind, phys, stride, count]) =>
    Array.from({ length: count === null ? 1 : info.number(count) }, (_unused, queue) =>
      reader.ring(kind, queue, info.big(phys) + BigInt(queue) * (stride === null ? 0n : info.big(stride))),
    ),
  );
}
