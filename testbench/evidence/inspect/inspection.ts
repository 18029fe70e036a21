import type { FieldValue } from './structView';

/**
 * The result of an inspection. Fields of the protocol's structures have the protocol's names. 64-bit
 * addresses are text, because JSON has no such numbers.
 */

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

export interface MapEntry {
  readonly addr: string;
  readonly phys_addr: string;
  readonly length: string;
  /** Offset in BAR 2. */
  readonly offset: number;
}

export type RingKind = 'tx' | 'alloc' | 'rx' | 'free' | 'req' | 'resp';
export type BufferRing = Exclude<RingKind, 'req' | 'resp'>;

/** One descriptor of a chain. */
export interface Segment {
  readonly va: string;
  readonly pool: number;
  /** Number of the buffer in its pool; null where only the BARs are known. */
  readonly buffer: number | null;
  readonly desc: Scalars;
}

export interface RingEntry {
  readonly slot: number;
  /** The entry: a host virtual address. */
  readonly va: string;
  /** The chain that begins there; empty on req and resp. */
  readonly segments: readonly Segment[];
  /** Contradiction in the entry; null if there is none. */
  readonly problem: string | null;
}

export interface Ring {
  readonly kind: RingKind;
  readonly queue: number;
  /** Offset in BAR 2; null where the map does not cover it. */
  readonly offset: number | null;
  readonly write: number;
  readonly read: number;
  readonly len: number;
  readonly elem_size: number;
  /** Number of entries; null where the header is invalid. */
  readonly filled: number | null;
  /** The host's private index; null where it is unknown. */
  readonly hostIndex: number | null;
  /** The driver's private index; null where it is unknown. */
  readonly driverIndex: number | null;
  readonly entries: readonly RingEntry[];
  /** Number of entries that are not listed. */
  readonly leftOut: number;
}

/** Place of a packet buffer. `taken` is off a ring and not yet back in the pool, within one call of the host. */
export type BufferPlace = 'hostPool' | BufferRing | 'guest' | 'taken';

/** Consecutive buffers of a pool in the same place. */
export interface BufferRun {
  readonly first: number;
  readonly count: number;
  readonly place: BufferPlace;
  readonly queue: number | null;
}

export interface Pool {
  readonly pool: number;
  readonly addr: string;
  readonly phys_addr: string;
  readonly length: string;
  /** Offset in BAR 2; null where the map does not cover it. */
  readonly offset: number | null;
  /** Number of buffers; null where only the BARs are known, which do not say. */
  readonly buffers: number | null;
  readonly where: readonly BufferRun[];
}

export interface Buffers {
  /** Number of buffers; null where only the BARs are known. Buffers on no ring are then in the host's pool or with the guest. */
  readonly total: number | null;
  readonly counts: Readonly<Partial<Record<BufferPlace, number>>>;
  readonly pools: readonly Pool[];
}

export interface DeviceInspection {
  /** False after a surprise removal. */
  readonly present: boolean;
  readonly registers: Scalars | null;
  readonly deviceInfo: Scalars | null;
  readonly memoryMap: { readonly nb_maps: number; readonly maps: readonly MapEntry[] } | null;
  readonly rings: readonly Ring[];
  readonly request: Scalars | null;
  readonly buffers: Buffers;
  /** Contradictions to the protocol or among the contents. */
  readonly problems: readonly string[];
}
