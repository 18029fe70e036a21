import type { FieldName } from '../shared/abi/struct';
import type { rxCounters, txCounters } from './abi/records';

/** Counters of a receive queue: counts of packets, bytes in `good_bytes`, bursts in `refused_...`. */
export type RxCounter = FieldName<typeof rxCounters>;

/** Counters of a transmit queue: counts of packets, bytes in `good_bytes`, bursts in `refused_..._index`. */
export type TxCounter = FieldName<typeof txCounters>;

/** Why a driver dropped a packet, in either direction. */
export type DriverDrop = Extract<RxCounter | TxCounter, `dropped_${string}` | `filtered_${string}` | 'no_mbuf'>;
