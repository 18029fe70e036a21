import { countUp } from '../../shared/loops/counter';
import { REQ_SHUTDOWN } from '../../shared/loops/layout';
import type { RequestDesk } from './control/controlChannel';
import type { DeviceParts } from './deviceParts';
import type { FrameSink } from '../network/endpoint';
import { deliverTable } from './frameTable';
import type { HostMemory } from './memory/hostMemory';
import { isLive, renewRings } from './control/portLife';
import {
  loadHostPortFrameCount,
  loadHostPortFrames,
  loadHostPortRxQueues,
  loadHostPortTxQueues,
  PORT_COUNTERS_TX_DROP_NO_UPLINK,
  PORT_COUNTERS_TX_FORWARDED,
} from './loops/records';
import { drainBurst, fetchBurst, fillAlloc, flushRx, takeFree, txWaiting } from './rings';

/** Hands on what `drainBurst` has put together. */
function forward(port: number, counters: number, uplink: FrameSink | null): void {
  const count = loadHostPortFrameCount(port);
  countUp(counters + (uplink === null ? PORT_COUNTERS_TX_DROP_NO_UPLINK : PORT_COUNTERS_TX_FORWARDED), count);
  if (uplink !== null && count !== 0) deliverTable(uplink, loadHostPortFrames(port), count);
}

function drain(host: HostMemory, index: number, budget: number, counters: number, uplink: FrameSink | null): void {
  const queue = host.txQueue(index);
  for (let left = txWaiting(queue, budget); left > 0;) {
    const count = fetchBurst(queue, left);
    for (let taken = 0; taken < count;) {
      taken += drainBurst(queue, taken, count);
      forward(host.port, counters, uplink);
    }
    left -= count;
  }
}

/**
 * What the guest put on tx before its request went there under the former terms (features, queue
 * counts, life itself), so it is taken before the request is carried out, however slow the host
 * is otherwise.
 */
function drainAll(host: HostMemory, counters: number, uplink: FrameSink | null): void {
  if (!isLive(host)) return;
  const txQueues = loadHostPortTxQueues(host.port);
  for (let queue = 0; queue < txQueues; queue++) drain(host, queue, host.settings.fifoSlots.tx, counters, uplink);
}

/** A host that does not drain tx for a migration loses what is there, instead. */
function drainsFor(host: HostMemory, { migration }: DeviceParts, reqId: number, mask: number): boolean {
  return host.settings.migration.drainTx || reqId !== REQ_SHUTDOWN || mask === 0 || !migration.detaching;
}

function makeDesk(host: HostMemory, parts: DeviceParts, uplink: FrameSink | null): RequestDesk {
  const { device, migration, counters } = parts;
  return {
    carryOut: (request) => {
      const mask = device.interruptMask;
      if (drainsFor(host, parts, request.reqId, mask)) drainAll(host, counters, uplink);
      return migration.carryOut(host, request, mask);
    },
    answering: (reqId) => migration.answering(host, reqId),
  };
}

/** One round of a host: registers, control channel, then the rings of the negotiated queues. */
export function hostRound(host: HostMemory, parts: DeviceParts, uplink: FrameSink | null): void {
  const { device, control, counters, migration } = parts;
  device.interrupts.step();
  if (device.interruptMask !== 0) renewRings(host);
  migration.looksAtReq();
  if (control.hasWork(host)) control.step(host, makeDesk(host, parts, uplink));
  else migration.foundReqEmpty();
  migration.step(host);
  if (!isLive(host)) return;
  const { budget } = host.settings;
  const rxQueues = loadHostPortRxQueues(host.port);
  const txQueues = loadHostPortTxQueues(host.port);
  for (let queue = 0; queue < rxQueues; queue++) takeFree(host.rxQueue(queue), budget.free);
  for (let queue = 0; queue < txQueues; queue++) drain(host, queue, budget.tx, counters, uplink);
  for (let queue = 0; queue < rxQueues; queue++) flushRx(host.rxQueue(queue));
  for (let queue = 0; queue < txQueues; queue++) fillAlloc(host.txQueue(queue), budget.alloc);
}
