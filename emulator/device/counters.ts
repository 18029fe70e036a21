import type { FieldName } from '../../shared/abi/struct';
import type { portCounters } from '../abi/records';

/** A counter of the record, in the form of this API: `rx_drop_no_buffers` is `noBuffers` for the prefix `rx_drop_`. */
type CounterOf<P extends string> =
  FieldName<typeof portCounters> extends infer Name ? (Name extends `${P}${infer Rest}` ? Camel<Rest> : never) : never;

type Camel<S extends string> = S extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : S;

/** Counters by the prefix of their names in the record. */
export type CountersOf<P extends string> = Readonly<Record<CounterOf<P>, number>>;

/** Returns `T`, which does not compile unless it has every counter of the prefix. */
export type Complete<P extends string, T extends CountersOf<P>> = T;

// Aliases, not interfaces: they go where a record of counts is expected.

/** Frames from the switch to the guest that the host dropped, by cause. All are counts of frames. */
export type RxDrops = Readonly<{
  /** The device has vanished (section 16). */
  removed: number;
  /** A test or a fault has stalled the host. */
  paused: number;
  /** The guest has not configured the device: no request 3, or request 4 since (section 8). */
  notConfigured: number;
  /** A guest that was configured is detached for a migration, from the shutdown to the next request 3 (section 15). */
  detached: number;
  /** The guest has the link down: no request 2 or 3 with the link up (section 8). */
  linkDown: number;
  /** Shorter than an Ethernet header, 14 bytes. */
  tooShort: number;
  /** Longer than `max_rx_pkt_len`, after the tag is taken out where VLAN offload is in use (section 5). */
  tooLong: number;
  /** Longer than five buffers of `mbuf_size` hold (section 7). */
  tooManySegments: number;
  /** The pools have too few buffers left, or rx has its share of them out. */
  noBuffers: number;
  /** rx has no free slot: the guest takes too slowly (section 6). */
  ringFull: number;
  /** The guest's index of rx lies outside the ring, or claims packets that were not there (section 6). */
  indexCorrupt: number;
  /**
   * Was on rx when the ring was emptied: at a close, at the death of the guest, or where request 3 left the queue out
   * (section 8).
   */
  ringEmptied: number;
  /** Was on rx, and not taken, when the guest let go of its buffers for a migration (section 15). */
  lostAtDetach: number;
}>;

/** Packets from the guest that the host dropped, by cause. All are counts of packets. */
export type TxDrops = Readonly<{
  /** The device is connected to no network. */
  noUplink: number;
  /** An entry of tx, or `next` of a descriptor, is not the address of a buffer (section 7). */
  address: number;
  /** The buffer was not lent to this queue, or is back already (section 11). */
  notLent: number;
  /** The chain contains a buffer twice (section 7). */
  chainLoop: number;
  /** `nb_segs` is 0 or above 5, or not the length of the chain (section 7). */
  segmentCount: number;
  /** `data_len` of a segment is 0 or above `mbuf_size` (section 7). */
  segmentLength: number;
  /** `data` does not lead to the data area of the buffer (section 7). */
  dataPointer: number;
  /** `pkt_len` is not the sum of the `data_len` (section 7). */
  packetLength: number;
  /** Shorter than an Ethernet header, 14 bytes (section 11). */
  tooShort: number;
  /**
   * Was on tx when the ring was emptied: at a close, at the death of the guest, or where request 3 left the queue out
   * (section 8).
   */
  ringEmptied: number;
  /** Was on tx when the guest let go of its buffers for a migration (section 15). */
  lostAtDetach: number;
}>;

/** The control channel (section 8). All are counts. */
export type ControlCounters = Readonly<{
  /** Requests that the host has taken off req (section 8). */
  requests: number;
  /** Requests that were answered with an error (section 8). */
  refused: number;
  /** Answers that were put on resp (section 8). */
  answers: number;
  /** Entries of req that are not `sync_va` (section 8). */
  ignored: number;
  /** Answers for which resp had no room; each counts once, and is tried again (section 8). */
  answersBlocked: number;
}>;

/** Migration events, acks and their outcomes (section 15). All are counts. */
export type MigrationCounters = Readonly<{
  /** Migration events raised (section 15). */
  events: number;
  /** Acks that answered the present event (section 15). */
  acks: number;
  /** Acks that the present event does not ask for, late ones included (section 15). */
  acksUnexpected: number;
  /** Requests 4 carried out under an open mask: the shutdown of a detach (section 15). */
  shutdowns: number;
  /** Detaches that ended with the former status (section 15). */
  undone: number;
  /** Detaches under which ack 1 came (section 15). */
  released: number;
}>;

/** Contents of rings that the host refused. All are counts of looks at a ring, or of entries. */
export type RefusedCounters = Readonly<{
  /** Rounds of the host that found the guest's index of tx outside the ring (section 6). */
  txIndex: number;
  /** Rounds of the host that found the guest's index of alloc outside the ring (section 6). */
  allocIndex: number;
  /** Looks that found the guest's index of rx outside the ring, or ahead of what was put there (section 6). */
  rxIndex: number;
  /** Rounds of the host that found the guest's index of free outside the ring (section 6). */
  freeIndex: number;
  /** Rounds of the host that found the guest's index of req outside the ring (section 6). */
  reqIndex: number;
  /** Answers that met the guest's index of resp outside the ring (section 6). */
  respIndex: number;
  /** Entries of free that are not the address of a buffer (section 7). */
  freeAddress: number;
  /** Entries of free whose chain the guest does not hold, such as one that it returned already (section 10). */
  freeNotOut: number;
}>;

/** Why a host dropped a frame, in either direction. */
export type HostDrop = keyof RxDrops | keyof TxDrops;
