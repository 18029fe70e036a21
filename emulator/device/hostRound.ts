import { countUp } from '../../shared/loops/counter';
import { REQ_SHUTDOWN } from '../../shared/loops/layout';
import type { RequestHandler } from './control/controlChannel';
import type { DeviceCore } from './core';
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
import { hostLoops } from './hostLoops';

/** Hands the frames that `drainBurst` has put together to the switch. */
function forward(port: number, counters: number, uplink: FrameSink | null): void {
  const count = loadHostPortFrameCount(port);
  countUp(counters + (uplink === null ? PORT_COUNTERS_TX_DROP_NO_UPLINK : PORT_COUNTERS_TX_FORWARDED), count);
  if (uplink !== null && count !== 0) deliverTable(uplink, loadHostPortFrames(port), count);
}

function drain(host: HostMemory, index: number, budget: number, counters: number, uplink: FrameSink | null): void {
  const { drainBurst, fetchBurst, txWaiting } = hostLoops();
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
 * Drains every tx before a request is carried out, beyond the budget: the guest put those packets
 * there under the former terms (features, queue counts, life itself).
 */
function drainAll(host: HostMemory, counters: number, uplink: FrameSink | null): void {
  if (!isLive(host)) return;
  const txQueues = loadHostPortTxQueues(host.port);
  for (let queue = 0; queue < txQueues; queue++) drain(host, queue, host.settings.fifoSlots.tx, counters, uplink);
}

/** True unless the setting `migration.drainTx` is off and this request is the shutdown of a detach. */
function drainsFor({ host, migration }: DeviceCore, reqId: number, mask: number): boolean {
  return host.settings.migration.drainTx || reqId !== REQ_SHUTDOWN || mask === 0 || !migration.detaching;
}

function makeHandler(core: DeviceCore, uplink: FrameSink | null): RequestHandler {
  const { host, pci, migration, counters } = core;
  return {
    carryOut: (request) => {
      const mask = pci.interruptMask;
      if (drainsFor(core, request.reqId, mask)) drainAll(host, counters, uplink);
      return migration.carryOut(host, request, mask);
    },
    answering: (reqId) => migration.answering(host, reqId),
  };
}

/** Takes what a guest that has died had sent before: the chains on free and the packets on tx. */
export function takeLast(core: DeviceCore, uplink: FrameSink | null): void {
  const { host, counters } = core;
  if (!isLive(host)) return;
  for (let queue = 0; queue < loadHostPortRxQueues(host.port); queue++)
    hostLoops().takeFree(host.rxQueue(queue), host.settings.fifoSlots.free);
  drainAll(host, counters, uplink);
}

/** Runs one round of the host: registers, control channel, then the rings of the negotiated queues. */
export function hostRound(core: DeviceCore, uplink: FrameSink | null): void {
  const { host, pci, control, counters, migration } = core;
  pci.interrupts.step();
  if (pci.interruptMask !== 0) renewRings(host);
  migration.looksAtReq();
  if (control.hasWork(host)) control.step(host, makeHandler(core, uplink));
  else migration.foundReqEmpty();
  migration.step(host);
  if (!isLive(host)) return;
  const { fillAlloc, flushRx, takeFree } = hostLoops();
  const { budget } = host.settings;
  const rxQueues = loadHostPortRxQueues(host.port);
  const txQueues = loadHostPortTxQueues(host.port);
  for (let queue = 0; queue < rxQueues; queue++) takeFree(host.rxQueue(queue), budget.free);
  for (let queue = 0; queue < txQueues; queue++) drain(host, queue, budget.tx, counters, uplink);
  for (let queue = 0; queue < rxQueues; queue++) flushRx(host.rxQueue(queue));
  for (let queue = 0; queue < txQueues; queue++) fillAlloc(host.txQueue(queue), budget.alloc);
}
