import type { FieldValue } from './structView';

/**
 * The result of an inspection. Fields of the protocol's structures have the protocol's names. 64-bit
 * addresses are text, because JSON has no such numbers.
 */

/** Fields of a structure, by name. */
export type Scalars = Readonly<Record<string, FieldValue>>;

/** Contents of a device's BARs; null for a missing one. BAR 1 has nothing to inspect. */
export interface DeviceBars {
  /** BAR 0: registers, section 3. */
  readonly mmio: Uint8Array | null;
  /** BAR 2: the exported memory. */
  readonly memory: Uint8Array | null;
  /** BAR 4: the memory map, section 4. */
  readonly memmap: Uint8Array | null;
  /** BAR 5: the device info, section 5. */
  readonly device: Uint8Array | null;
}

/** An entry of the memory map (section 4). */
export interface MapEntry {
  /** Host virtual address of the first byte, hexadecimal. */
  readonly addr: string;
  /** Host physical address of the first byte, hexadecimal. */
  readonly phys_addr: string;
  /** Length in bytes, hexadecimal. */
  readonly length: string;
  /** Offset in BAR 2. */
  readonly offset: number;
}

/** Kind of a FIFO (section 6). */
export type RingKind = 'tx' | 'alloc' | 'rx' | 'free' | 'req' | 'resp';
/** Kind of a FIFO that carries packet buffers. */
export type BufferRing = Exclude<RingKind, 'req' | 'resp'>;

/** One descriptor of a chain. */
export interface Segment {
  /** Host virtual address of the descriptor, hexadecimal. */
  readonly va: string;
  /** Index of the pool. */
  readonly pool: number;
  /** Number of the buffer in its pool; null where only the BARs are known. */
  readonly buffer: number | null;
  /** Fields of the descriptor (section 7). */
  readonly desc: Scalars;
}

/** An entry of a FIFO. */
export interface RingEntry {
  /** Index of the slot. */
  readonly slot: number;
  /** Content of the slot: a host virtual address, hexadecimal. */
  readonly va: string;
  /** The chain that begins there; empty on req and resp. */
  readonly segments: readonly Segment[];
  /** Contradiction in the entry; null if there is none. */
  readonly problem: string | null;
}

/** A FIFO (section 6). */
export interface Ring {
  /** Kind of the FIFO. */
  readonly kind: RingKind;
  /** Queue of the FIFO; 0 for req and resp. */
  readonly queue: number;
  /** Offset in BAR 2; null where the map does not cover it. */
  readonly offset: number | null;
  /** Index of the slot that the producer fills next. */
  readonly write: number;
  /** Index of the slot that the consumer takes next. */
  readonly read: number;
  /** Number of slots. */
  readonly len: number;
  /** Bytes of a slot. */
  readonly elem_size: number;
  /** Number of entries; null where the header is invalid. */
  readonly filled: number | null;
  /** The host's private index; null where it is unknown. */
  readonly hostIndex: number | null;
  /** The driver's private index; null where it is unknown. */
  readonly driverIndex: number | null;
  /** Entries, in the order in which the consumer takes them. */
  readonly entries: readonly RingEntry[];
  /** Number of entries that are not listed. */
  readonly leftOut: number;
}

/** Place of a packet buffer. `taken` is off a ring and not yet back in the pool, within one call of the host. */
export type BufferPlace = 'hostPool' | BufferRing | 'guest' | 'taken';

/** Consecutive buffers of a pool in the same place. */
export interface BufferRun {
  /** Number of the first buffer in its pool. */
  readonly first: number;
  /** Number of buffers. */
  readonly count: number;
  /** Place of the buffers. */
  readonly place: BufferPlace;
  /** Queue that the buffers belong to; null for none. */
  readonly queue: number | null;
}

/** A pool of packet buffers (section 5). */
export interface Pool {
  /** Index of the pool. */
  readonly pool: number;
  /** Host virtual address of the first byte, hexadecimal. */
  readonly addr: string;
  /** Host physical address of the first byte, hexadecimal. */
  readonly phys_addr: string;
  /** Length in bytes, hexadecimal. */
  readonly length: string;
  /** Offset in BAR 2; null where the map does not cover it. */
  readonly offset: number | null;
  /** Number of buffers; null where only the BARs are known, which do not say. */
  readonly buffers: number | null;
  /** Places of the buffers, in the order of their numbers. */
  readonly where: readonly BufferRun[];
}

/** Places of all packet buffers. */
export interface Buffers {
  /** Number of buffers; null where only the BARs are known. Buffers on no ring are then in the host's pool or with the guest. */
  readonly total: number | null;
  /** Number of buffers by place. */
  readonly counts: Readonly<Partial<Record<BufferPlace, number>>>;
  /** The pools, in the order of the device info. */
  readonly pools: readonly Pool[];
}

/** State of a device, read from its BARs and, where they are known, from the host's records. */
export interface DeviceInspection {
  /** False after a surprise removal. */
  readonly present: boolean;
  /** Registers of BAR 0 (section 3); null without the BAR. */
  readonly registers: Scalars | null;
  /** Device info of BAR 5 (section 5); null without the BAR. */
  readonly deviceInfo: Scalars | null;
  /** Memory map of BAR 4 (section 4); null without the BAR. */
  readonly memoryMap: { readonly nb_maps: number; readonly maps: readonly MapEntry[] } | null;
  /** FIFOs that the device info names. */
  readonly rings: readonly Ring[];
  /** Request in the sync area (section 8); null where its address can't be translated. */
  readonly request: Scalars | null;
  /** Packet buffers by place. */
  readonly buffers: Buffers;
  /** Contradictions to the protocol or among the contents. */
  readonly problems: readonly string[];
}
