import type { FieldValue } from './structView';

/**
 * What an inspection says. Fields of the protocol's structures have the protocol's names;
 * addresses of 64 bits are text, because JSON has no such numbers.
 */

export type Scalars = Readonly<Record<string, FieldValue>>;

/** Contents of a device's BARs; null where there is none. BAR 1 holds nothing that is looked at. */
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
  /** Where it lies in BAR 2. */
  readonly offset: number;
}

export type RingKind = 'tx' | 'alloc' | 'rx' | 'free' | 'req' | 'resp';
export type BufferRing = Exclude<RingKind, 'req' | 'resp'>;

/** One descriptor of a chain. */
export interface Segment {
  readonly va: string;
  readonly pool: number;
  /** Number within the pool; null where only the BARs are known. */
  readonly buffer: number | null;
  readonly desc: Scalars;
}

export interface RingEntry {
  readonly slot: number;
  /** What stands in it. */
  readonly va: string;
  /** The chain that begins there; of req and resp none. */
  readonly segments: readonly Segment[];
  /** What is wrong with it. */
  readonly problem: string | null;
}

export interface Ring {
  readonly kind: RingKind;
  readonly queue: number;
  /** Where it lies in BAR 2; null where the map does not hold it. */
  readonly offset: number | null;
  readonly write: number;
  readonly read: number;
  readonly len: number;
  readonly elem_size: number;
  /** Null where the header makes no sense. */
  readonly filled: number | null;
  /** The indices that host and driver keep to themselves; null where they are not known. */
  readonly hostIndex: number | null;
  readonly driverIndex: number | null;
  readonly entries: readonly RingEntry[];
  /** Entries beyond those that are listed. */
  readonly leftOut: number;
}

/** Where a packet buffer is. `taken`: off a ring and not yet back in the pool, for the length of a call. */
export type BufferPlace = 'hostPool' | BufferRing | 'guest' | 'taken';

/** Neighbouring buffers that are at one place. */
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
  /** Where it lies in BAR 2; null where the map does not hold it. */
  readonly offset: number | null;
  /** Null where only the BARs are known: nothing there says how many there are. */
  readonly buffers: number | null;
  readonly where: readonly BufferRun[];
}

export interface Buffers {
  /** Null where only the BARs are known; what is on no ring is then in the host's pool or in the guest's hands. */
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
  /** What contradicts the protocol or itself. */
  readonly problems: readonly string[];
}
