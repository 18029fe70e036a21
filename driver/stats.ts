import { copy } from '#mem';
import type { Struct } from '../shared/abi/struct';
import { ErrnoError } from '../shared/errors';
import { MAX_QUEUES } from '../shared/loops/layout';
import { readCounter } from '../shared/u64';
import { controlCounters, migrationCounters, rxCounters, txCounters } from './abi/records';
import { type PortContext, refusal } from './context';
import {
  CONTROL_COUNTERS_BYTES,
  loadPortRxQueues,
  loadPortTxQueues,
  MIGRATION_COUNTERS_BYTES,
  PORT_BASELINE,
  PORT_COUNTERS,
  PORT_MIGRATIONS,
  PORT_MIGRATIONS_BASELINE,
  RX_COUNTERS_BYTES,
  RX_QUEUE_BASELINE,
  RX_QUEUE_COUNTERS,
  TX_COUNTERS_BYTES,
  TX_QUEUE_BASELINE,
  TX_QUEUE_COUNTERS,
} from './loops/records';
import { rxQueueAt } from './loops/rx';
import { txQueueAt } from './loops/tx';

/** Statistics of a queue since the last reset (section 13). */
export interface QueueStats {
  /** Packets that were received or sent. */
  readonly packets: number;
  /** Bytes of those packets, without CRC. */
  readonly bytes: number;
  /** Packets that were dropped because they were malformed: the sum of the queue's counters `dropped_...`. */
  readonly errors: number;
}

/** Statistics of a port since the last reset (section 13). */
export interface PortStats {
  /** The configured receive queues. */
  readonly rx: readonly QueueStats[];
  /** The configured transmit queues. */
  readonly tx: readonly QueueStats[];
  /** Received packets: sum over all queues, including those that are no longer configured; so are all that follow. */
  readonly ipackets: number;
  /** Sent packets. */
  readonly opackets: number;
  /** Bytes of the received packets, without CRC. */
  readonly ibytes: number;
  /** Bytes of the sent packets, without CRC. */
  readonly obytes: number;
  /** Received packets that were dropped because they were malformed. */
  readonly ierrors: number;
  /** Packets to be sent that were dropped because they were malformed. */
  readonly oerrors: number;
  /** Received packets that were dropped for lack of an mbuf (section 10). */
  readonly rxNombuf: number;
}

type Counters = Readonly<Record<string, number>>;

/**
 * Reads a block of counters since the last reset. A counter has one writer, so a reset records its
 * value instead of clearing it.
 */
function since(block: Struct, counters: number, baseline: number): Counters {
  const values: Record<string, number> = {};
  for (const { name, offset } of block.fields)
    values[name] = readCounter(counters + offset) - readCounter(baseline + offset);
  return values;
}

function rxQueueCounters(port: PortContext, queue: number): Counters {
  const q = rxQueueAt(port.address, queue);
  return since(rxCounters, q + RX_QUEUE_COUNTERS, q + RX_QUEUE_BASELINE);
}

function txQueueCounters(port: PortContext, queue: number): Counters {
  const q = txQueueAt(port.address, queue);
  return since(txCounters, q + TX_QUEUE_COUNTERS, q + TX_QUEUE_BASELINE);
}

function queueStats(counters: Counters): QueueStats {
  let errors = 0;
  for (const [name, value] of Object.entries(counters)) if (name.startsWith('dropped_')) errors += value;
  return { packets: counters['good_packets']!, bytes: counters['good_bytes']!, errors };
}

const QUEUES = Array.from({ length: MAX_QUEUES }, (_unused, queue) => queue);

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Returns the statistics since the last reset (section 13). */
export function statsOf(port: PortContext): PortStats {
  const rxCounts = QUEUES.map((queue) => rxQueueCounters(port, queue));
  const rx = rxCounts.map(queueStats);
  const tx = QUEUES.map((queue) => queueStats(txQueueCounters(port, queue)));
  return {
    rx: rx.slice(0, loadPortRxQueues(port.address)),
    tx: tx.slice(0, loadPortTxQueues(port.address)),
    ipackets: sum(rx.map((queue) => queue.packets)),
    opackets: sum(tx.map((queue) => queue.packets)),
    ibytes: sum(rx.map((queue) => queue.bytes)),
    obytes: sum(tx.map((queue) => queue.bytes)),
    ierrors: sum(rx.map((queue) => queue.errors)),
    oerrors: sum(tx.map((queue) => queue.errors)),
    rxNombuf: sum(rxCounts.map((counters) => counters['no_mbuf']!)),
  };
}

/** Sets all statistics to zero: later readings subtract the present counters. */
export function resetStats(port: PortContext): void {
  for (const queue of QUEUES) {
    const rx = rxQueueAt(port.address, queue);
    const tx = txQueueAt(port.address, queue);
    copy(rx + RX_QUEUE_BASELINE, rx + RX_QUEUE_COUNTERS, RX_COUNTERS_BYTES);
    copy(tx + TX_QUEUE_BASELINE, tx + TX_QUEUE_COUNTERS, TX_COUNTERS_BYTES);
  }
  copy(port.address + PORT_BASELINE, port.address + PORT_COUNTERS, CONTROL_COUNTERS_BYTES);
  copy(port.address + PORT_MIGRATIONS_BASELINE, port.address + PORT_MIGRATIONS, MIGRATION_COUNTERS_BYTES);
}

/** Adds the counters of each queue that is configured or has counted anything, as `rx_q0_...`. */
function addQueues(
  to: Record<string, number>,
  prefix: string,
  configured: number,
  counters: readonly Counters[],
): void {
  counters.forEach((values, queue) => {
    if (queue >= configured && Object.values(values).every((value) => value === 0)) return;
    for (const [name, value] of Object.entries(values)) to[`${prefix}_q${queue}_${name}`] = value;
  });
}

/** Returns every counter by name: deliveries, each cause of a drop, outcomes of requests and of migrations. */
export function xstatsOf(port: PortContext): Record<string, number> {
  const all: Record<string, number> = {};
  addQueues(
    all,
    'rx',
    loadPortRxQueues(port.address),
    QUEUES.map((queue) => rxQueueCounters(port, queue)),
  );
  addQueues(
    all,
    'tx',
    loadPortTxQueues(port.address),
    QUEUES.map((queue) => txQueueCounters(port, queue)),
  );
  const control = since(controlCounters, port.address + PORT_COUNTERS, port.address + PORT_BASELINE);
  for (const [name, value] of Object.entries(control)) all[`control_${name}`] = value;
  const migration = since(migrationCounters, port.address + PORT_MIGRATIONS, port.address + PORT_MIGRATIONS_BASELINE);
  for (const [name, value] of Object.entries(migration)) all[`migration_${name}`] = value;
  return all;
}

/** @throws ErrnoError EINVAL for an id that there is not. */
export function xstatsByIdOf(port: PortContext, ids: readonly number[]): number[] {
  const values = Object.values(xstatsOf(port));
  return ids.map((id) => {
    const value = values[id];
    if (value === undefined) throw refusal('EINVAL', 'id of an extended statistic', id, `0 to ${values.length - 1}`);
    return value;
  });
}

/** @throws ErrnoError EINVAL for a name that no counter has. */
export function xstatsIdOf(port: PortContext, name: string): number {
  const id = Object.keys(xstatsOf(port)).indexOf(name);
  if (id < 0) throw new ErrnoError('EINVAL', `'${name}' is no extended statistic: expected one of xstatsNames()`);
  return id;
}
