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
  /** The device was removed from the guest's bus. */
  removed: number;
  /** The host is stalled by a fault. */
  paused: number;
  /** The guest has not configured the device, or has shut it down. */
  notConfigured: number;
  /** A migration has detached the guest (section 15). */
  detached: number;
  /** The guest has set the link down, or has not set it up yet. */
  linkDown: number;
  /** Shorter than an Ethernet header. */
  tooShort: number;
  /** Longer than the negotiated max_rx_pkt_len. */
  tooLong: number;
  /** Longer than 5 packet buffers hold. */
  tooManySegments: number;
  /** The host has no free packet buffer left, or as many are out as the rx limit allows. */
  noBuffers: number;
  /** The rx FIFO is full. */
  ringFull: number;
  /** The guest's index of the rx FIFO lies outside the ring. */
  indexCorrupt: number;
  /** Were on the rx FIFO when the guest configured the device anew or shut it down. */
  ringEmptied: number;
  /** Were on the rx FIFO when a migration took the host's memory away. */
  lostAtDetach: number;
}>;

/** Packets from the guest that the host dropped, by cause. All are counts of packets. */
export type TxDrops = Readonly<{
  /** The device is connected to no network. */
  noUplink: number;
  /** The tx FIFO, or a descriptor, names an address that is no packet buffer's. */
  address: number;
  /** The packet buffer is not one that this queue has lent to the guest. */
  notLent: number;
  /** The chain of segments leads back to one of them. */
  chainLoop: number;
  /** nb_segs is 0, above 5, or not the number of segments. */
  segmentCount: number;
  /** data_len of a segment is 0, or above the size of a packet buffer. */
  segmentLength: number;
  /** The descriptor's data pointer was changed. */
  dataPointer: number;
  /** The lengths of the segments do not add up to pkt_len. */
  packetLength: number;
  /** Shorter than an Ethernet header. */
  tooShort: number;
  /** Were on the tx FIFO when the guest configured the device anew or shut it down. */
  ringEmptied: number;
  /** Were on the tx FIFO when a migration took the host's memory away. */
  lostAtDetach: number;
}>;

/** The control channel (section 8). All are counts. */
export type ControlCounters = Readonly<{
  /** Requests that the host took. */
  requests: number;
  /** Requests that it answered with an error. */
  refused: number;
  /** Answers that it wrote. */
  answers: number;
  /** Requests that it took and, by a fault, never answered. */
  ignored: number;
  /** Answers that had to wait because the resp FIFO was full. */
  answersBlocked: number;
}>;

/** Migration events, acks and their outcomes (section 15). All are counts. */
export type MigrationCounters = Readonly<{
  /** Events that the host raised. */
  events: number;
  /** Acks that answered the present event. */
  acks: number;
  /** Acks that the present event does not ask for, late ones included. */
  acksUnexpected: number;
  /** Shutdowns (request 4) that were carried out under an open mask. */
  shutdowns: number;
  /** Detaches that ended with the former status. */
  undone: number;
  /** Detaches under which ack 1 came. */
  released: number;
}>;

/** Contents of rings that the host refused. All are counts of looks at a ring, or of entries. */
export type RefusedCounters = Readonly<{
  /** The guest's index of tx lies outside the ring. */
  txIndex: number;
  /** The guest's index of alloc lies outside the ring. */
  allocIndex: number;
  /** The guest's index of rx lies outside the ring. */
  rxIndex: number;
  /** The guest's index of free lies outside the ring. */
  freeIndex: number;
  /** The guest's index of req lies outside the ring. */
  reqIndex: number;
  /** The guest's index of resp lies outside the ring. */
  respIndex: number;
  /** An entry of free is no packet buffer's address. */
  freeAddress: number;
  /** An entry of free is a packet buffer that the guest does not hold. */
  freeNotOut: number;
}>;

/** Why a host dropped a frame, in either direction. */
export type HostDrop = keyof RxDrops | keyof TxDrops;
