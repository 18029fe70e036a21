/** Invariants that must hold whenever neither side is in the middle of an operation. */
import { expect } from 'chai';
import type { Port, PortStats } from '../../../driver';
import { rxCounters, txCounters } from '../../../driver/abi/records';
import {
  PORT_RX_QUEUE,
  PORT_TX_QUEUE,
  RX_QUEUE_BYTES,
  RX_QUEUE_COUNTERS,
  TX_QUEUE_BYTES,
  TX_QUEUE_COUNTERS,
} from '../../../driver/loops/records';
import type { AvpDevice } from '../../../emulator/device/device';
import type { Struct } from '../../../shared/abi/struct';
import { readCounter } from '../../../shared/u64';
import type { Guest } from './guest';
import { barsOf } from './rig';
import { RINGS, RingWalk } from './ringWalk';

const QUEUES = 8;

type Counts = Readonly<Record<string, number>>;

export function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

function countersAt(block: Struct, address: number): Counts {
  return Object.fromEntries(block.fields.map(({ name, offset }) => [name, readCounter(address + offset)]));
}

/** Receive counters of a queue since the probe, unaffected by `statsReset`. */
export function rxCountersOf(port: Port, queue: number): Counts {
  return countersAt(rxCounters, port.address + PORT_RX_QUEUE + queue * RX_QUEUE_BYTES + RX_QUEUE_COUNTERS);
}

export function txCountersOf(port: Port, queue: number): Counts {
  return countersAt(txCounters, port.address + PORT_TX_QUEUE + queue * TX_QUEUE_BYTES + TX_QUEUE_COUNTERS);
}

function dropsOf(counters: Counts): number {
  return sum(Object.entries(counters).map(([name, value]) => (name.startsWith('dropped_') ? value : 0)));
}

/** Packet counts of a port since its probe. */
export interface Work {
  /** Packets taken off rx: delivered, dropped, filtered, or lost for lack of an mbuf. */
  readonly received: number;
  readonly sent: number;
  readonly txDropped: number;
  /** Entries of alloc that the driver refused. */
  readonly refusedBuffers: number;
}

export const NO_WORK: Work = { received: 0, sent: 0, txDropped: 0, refusedBuffers: 0 };

export function addWork(a: Work, b: Work): Work {
  return {
    received: a.received + b.received,
    sent: a.sent + b.sent,
    txDropped: a.txDropped + b.txDropped,
    refusedBuffers: a.refusedBuffers + b.refusedBuffers,
  };
}

export function workOf(port: Port): Work {
  let work = NO_WORK;
  for (let queue = 0; queue < QUEUES; queue++) {
    const rx = rxCountersOf(port, queue);
    const tx = txCountersOf(port, queue);
    work = addWork(work, {
      received: rx['good_packets']! + dropsOf(rx) + rx['filtered_mac']! + rx['no_mbuf']!,
      sent: tx['good_packets']!,
      txDropped: dropsOf(tx),
      refusedBuffers: tx['refused_buffer']!,
    });
  }
  return work;
}

/**
 * Expects each packet buffer in exactly one place, by the host's counts and by the rings themselves.
 * @param stale whether the rings belong to a guest that is gone, after a close or a surprise removal.
 */
export function checkBuffers(device: AvpDevice, inGuestsHands: number, stale = false): void {
  const { total, ...places } = device.inspect.buffers();
  expect(sum(Object.values(places)), `buffers, of ${total}: ${JSON.stringify(places)}`).to.equal(total);
  expect(places.guest, "buffers in the guest's hands").to.equal(inGuestsHands);
  if (stale) {
    expect(places.hostPool, 'buffers in the pool of a host without a guest').to.equal(total);
    return;
  }
  const { buffers } = new RingWalk(barsOf(device.function)).count();
  for (const ring of RINGS) expect(places[ring], `buffers on ${ring}`).to.equal(buffers[ring]);
}

/** Expects offered = done + dropped by a named cause, on both paths of the host. */
export function checkHostStats(device: AvpDevice): void {
  const { toGuest, fromGuest, queues } = device.inspect.stats();
  const toDropped = sum(Object.values(toGuest.dropped));
  expect(toGuest.delivered + toGuest.waiting + toDropped, `to the guest: ${JSON.stringify(toGuest)}`).to.equal(
    toGuest.offered,
  );
  const fromDropped = sum(Object.values(fromGuest.dropped));
  expect(fromGuest.forwarded + fromDropped, `from the guest: ${JSON.stringify(fromGuest)}`).to.equal(fromGuest.offered);
  const onRx = toGuest.delivered + toGuest.waiting + toGuest.dropped['ringEmptied'];
  expect(sum(queues.rx), 'packets put on all rx').to.equal(onRx);
  expect(sum(queues.tx), 'sound packets taken off all tx').to.equal(
    fromGuest.forwarded + fromGuest.dropped['noUplink'],
  );
}

/** Expects that guest and host count the same packets. `work` covers all ports that the device ever had. */
export function checkExchange(device: AvpDevice, work: Work, stale = false): void {
  const { toGuest, fromGuest } = device.inspect.stats();
  expect(toGuest.delivered, 'packets taken off rx, as the host and the guest count').to.equal(work.received);
  const { tx, rx } = stale ? { tx: 0, rx: 0 } : new RingWalk(barsOf(device.function)).count().packets;
  expect(toGuest.waiting, 'packets on rx').to.equal(rx);
  expect(fromGuest.offered + tx, 'packets put on tx, as the host and the guest count').to.equal(work.sent);
}

/** Expects that a port's totals are the sums over its queues, and its errors the sum of its named drops. */
export function checkPortStats(port: Port): void {
  const stats = port.statsGet();
  const all = port.xstatsGet();
  const named = (prefix: RegExp): number =>
    sum(Object.entries(all).map(([name, value]) => (prefix.test(name) ? value : 0)));
  const expected: Omit<PortStats, 'rx' | 'tx'> = {
    ipackets: named(/^rx_q\d_good_packets$/),
    opackets: named(/^tx_q\d_good_packets$/),
    ibytes: named(/^rx_q\d_good_bytes$/),
    obytes: named(/^tx_q\d_good_bytes$/),
    ierrors: named(/^rx_q\d_dropped_/),
    oerrors: named(/^tx_q\d_dropped_/),
    rxNombuf: named(/^rx_q\d_no_mbuf$/),
  };
  const { rx, tx, ...sums } = stats;
  expect(sums, 'sums of the port').to.deep.equal(expected);
  rx.forEach((queue, i) => expect(queue.packets, `packets of rx queue ${i}`).to.equal(all[`rx_q${i}_good_packets`]));
  tx.forEach((queue, i) => expect(queue.packets, `packets of tx queue ${i}`).to.equal(all[`tx_q${i}_good_packets`]));
}

/** Expects that both sides agree on queues, features and link. */
export function checkAgreement(
  device: AvpDevice,
  port: Port,
  agreed: { rxFifos: number; txQueues: number; features: number },
): void {
  const { rxQueues, txQueues, features } = device.inspect.negotiated;
  expect({ rxFifos: rxQueues, txQueues, features }, 'negotiated').to.deep.equal(agreed);
  expect(device.inspect.linkUp, 'link of the host').to.equal(port.linkGet().up);
}

/** Expects attempted = sent + dropped by cause + backlog. `work` covers only the guest's current port. */
export function checkAttempts(guest: Guest, work: Work): void {
  const { attempted, taken } = guest.attempts;
  expect(work.sent + work.txDropped, 'packets sent or dropped').to.equal(taken);
  expect(taken + guest.backlogged, "taken, and still the caller's").to.equal(attempted);
}

/** Checks all invariants of one port and its device after valid traffic. */
export function checkAll(device: AvpDevice, guest: Guest): void {
  const work = workOf(guest.port);
  checkBuffers(device, 0);
  checkHostStats(device);
  checkExchange(device, work);
  checkPortStats(guest.port);
  checkAttempts(guest, work);
  guest.checkPools();
  expect(work.refusedBuffers, 'sound buffers that the driver refused').to.equal(0);
  expect(device.inspect.brokenCanaries(), 'canaries').to.deep.equal([]);
}
