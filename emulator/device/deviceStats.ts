import { load32 } from '#mem';
import { portCounters } from '../abi/records';
import { readCounter } from '../../shared/u64';
import type {
  Complete,
  ControlCounters,
  CountersOf,
  MigrationCounters,
  RefusedCounters,
  RxDrops,
  TxDrops,
} from './counters';
import type { HostMemory } from './memory/hostMemory';
import {
  HOST_RX_QUEUE_PACKETS,
  HOST_TX_QUEUE_PACKETS,
  loadHostPortCounters,
  loadHostPortRemoved,
  PORT_COUNTERS_CONTROL_REQUESTS,
  PORT_COUNTERS_RX_DELIVERED,
  PORT_COUNTERS_RX_OFFERED,
  PORT_COUNTERS_TX_OFFERED,
} from './loops/records';
import { isLive } from './control/portLife';
import { observeRx, rxWaiting } from './loops/takeBack';

/** Counters of a device, from the host's side. At every moment offered = delivered or forwarded + waiting + sum of dropped. */
export interface DeviceStats {
  /** Frames from the switch to the guest. */
  readonly toGuest: {
    /** Frames that the switch gave to the device. */
    readonly offered: number;
    /** Packets that the guest has taken off rx (section 10). */
    readonly delivered: number;
    /** Packets in buffers that the guest has not taken yet. Grows and shrinks. */
    readonly waiting: number;
    /** Frames that were dropped on their way to the guest, by cause. */
    readonly dropped: RxDrops;
  };
  /** Packets from the guest to the switch. Those still on tx do not count as offered. */
  readonly fromGuest: {
    /** Packets that the host has taken off tx, or lost with it (section 11). */
    readonly offered: number;
    /** Frames that the device gave to the switch. */
    readonly forwarded: number;
    /** Frames among them that lost the tag that the guest asked for, because VLAN offload is not in use (section 12). */
    readonly tagsDropped: number;
    /** Packets from the guest that were dropped, by cause. */
    readonly dropped: TxDrops;
  };
  /** The control channel (section 8). */
  readonly control: ControlCounters;
  /** Migration events, acks and their outcomes (section 15). */
  readonly migration: MigrationCounters;
  /** Ring contents that the host refused: indices outside a ring, wrong entries on free. */
  readonly refused: RefusedCounters;
  /** Packets of each FIFO since the present host came. */
  readonly queues: {
    /** Packets put on each rx, by the number of the FIFO. */
    readonly rx: readonly number[];
    /** Packets taken off each tx, by the number of the FIFO. */
    readonly tx: readonly number[];
  };
}

function camel(name: string): string {
  return name.replace(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase());
}

/** Names and offsets by prefix, made once: an exploration reads the counters after most of its runs. */
const FIELDS: Readonly<Record<string, readonly (readonly [name: string, offset: number])[]>> = Object.fromEntries(
  ['rx_', 'tx_', 'rx_drop_', 'tx_drop_', 'control_', 'migration_', 'refused_'].map((prefix) => [
    prefix,
    portCounters.fields
      .filter(({ name }) => name.startsWith(prefix))
      .map(({ name, offset }) => [camel(name.slice(prefix.length)), offset] as const),
  ]),
);

/** Returns the counters whose names start with `prefix`, keyed by the rest of the name. */
function countsOf<P extends string, T extends CountersOf<P> = CountersOf<P>>(
  counters: number,
  prefix: P,
): Complete<P, T> {
  const counts: Record<string, number> = {};
  for (const [name, offset] of FIELDS[prefix]!) counts[name] = readCounter(counters + offset);
  return counts as T;
}

function waitingOf(host: HostMemory): number {
  const readable = isLive(host) && loadHostPortRemoved(host.port) === 0;
  let waiting = 0;
  for (let index = 0; index < host.fifosOfKind('rx'); index++) {
    const queue = host.rxQueue(index);
    if (rxWaiting(queue) > 0 && readable) observeRx(queue);
    waiting += rxWaiting(queue);
  }
  return waiting;
}

const ACTIVITY = [
  PORT_COUNTERS_RX_OFFERED,
  PORT_COUNTERS_RX_DELIVERED,
  PORT_COUNTERS_TX_OFFERED,
  PORT_COUNTERS_CONTROL_REQUESTS,
];

/** Returns a number, modulo 2^32, that changes whenever a frame moves or a request is taken. */
export function deviceActivity(host: HostMemory): number {
  const counters = loadHostPortCounters(host.port);
  let activity = 0;
  for (const counter of ACTIVITY) activity = (activity + load32(counters + counter)) >>> 0;
  return activity;
}

/** Reads all counters, after a look at the guest's index on rx. */
export function deviceStats(host: HostMemory): DeviceStats {
  const waiting = waitingOf(host);
  const counters = loadHostPortCounters(host.port);
  const rx = countsOf(counters, 'rx_');
  const tx = countsOf(counters, 'tx_');
  const perQueue = (kind: 'rx' | 'tx', at: (queue: number) => number): number[] =>
    Array.from({ length: host.fifosOfKind(kind) }, (_unused, queue) => readCounter(at(queue)));
  return {
    toGuest: { offered: rx.offered, delivered: rx.delivered, waiting, dropped: countsOf(counters, 'rx_drop_') },
    fromGuest: {
      offered: tx.offered,
      forwarded: tx.forwarded,
      tagsDropped: tx.tagsDropped,
      dropped: countsOf(counters, 'tx_drop_'),
    },
    control: countsOf(counters, 'control_'),
    migration: countsOf(counters, 'migration_'),
    refused: countsOf(counters, 'refused_'),
    queues: {
      rx: perQueue('rx', (queue) => host.rxQueue(queue) + HOST_RX_QUEUE_PACKETS),
      tx: perQueue('tx', (queue) => host.txQueue(queue) + HOST_TX_QUEUE_PACKETS),
    },
  };
}
