/**
 * What control requests do to a port and its rings (section 8).
 */
import { load32 } from '#mem';
import { Errno } from '../../../shared/errno';
import {
  FIFO_ELEM_BYTES,
  FIFO_ELEM_SIZE,
  FIFO_LEN,
  FIFO_READ,
  FIFO_WRITE,
  REQ_CHANGE_MTU,
  REQ_CONFIG,
  REQ_LINK,
  REQ_SHUTDOWN,
} from '../../../shared/loops/layout';
import type { ControlRequest, DeviceConfig } from './controlRequest';
import { allocShare } from '../memory/hostBlock';
import { hostFeatures } from '../memory/hostInfo';
import type { HostMemory } from '../memory/hostMemory';
import { isQueueFifo, type QueueFifo } from '../memory/memoryRuns';
import {
  loadHostPortInitPending,
  loadHostPortLive,
  loadHostPortRxQueues,
  loadHostPortShutdown,
  loadHostPortShutdownLive,
  loadHostPortTxQueues,
  PORT_COUNTERS_RX_DROP_LOST_AT_DETACH,
  PORT_COUNTERS_TX_DROP_LOST_AT_DETACH,
  RINGS_GRANTED,
  storeHostPortDetached,
  storeHostPortFeatures,
  storeHostPortInitPending,
  storeHostPortLendLimit,
  storeHostPortLinkUp,
  storeHostPortLive,
  storeHostPortRxQueues,
  storeHostPortShutdown,
  storeHostPortShutdownLive,
  storeHostPortTxQueues,
} from '../loops/records';
import { adoptReturned, loseTx, reclaimTx } from '../loops/lend';
import { loseRx, observeRx, reclaimRx } from '../loops/takeBack';

/** Bytes of a frame round its MTU: Ethernet header and one tag. */
const MTU_OVERHEAD_BYTES = 18;

/** When the rings are made anew: `host_port.init_pending`. */
const FOR_NEXT_GUEST = 1;
const WITH_ATTACH = 2;

const REFUSED = -Errno.EINVAL;
const DONE = 0;

/** Whether the host may touch tx, rx, alloc and free. */
export function isLive(host: HostMemory): boolean {
  return loadHostPortLive(host.port) !== 0;
}

function resetTx(host: HostMemory, queue: number): void {
  reclaimTx(host.txQueue(queue));
  host.initFifo('tx', queue);
  host.initFifo('alloc', queue);
}

function resetRx(host: HostMemory, queue: number): void {
  reclaimRx(host.rxQueue(queue));
  host.initFifo('rx', queue);
  host.initFifo('free', queue);
}

/** Takes back all that the guest has; packets on the rings are counted as lost. The rings stay as they lie. */
export function reclaimAll(host: HostMemory): void {
  for (let queue = 0; queue < host.fifoCount('tx'); queue++) reclaimTx(host.txQueue(queue));
  for (let queue = 0; queue < host.fifoCount('rx'); queue++) reclaimRx(host.rxQueue(queue));
}

/** What the guest has let go of for a migration is the host's again; packets on the rings are lost by it. */
export function loseAll(host: HostMemory): void {
  const { port } = host;
  storeHostPortLive(port, 0);
  storeHostPortShutdown(port, 0);
  if (loadHostPortInitPending(port) !== 0) return;
  for (let queue = 0; queue < host.fifoCount('tx'); queue++)
    loseTx(host.txQueue(queue), PORT_COUNTERS_TX_DROP_LOST_AT_DETACH);
  for (let queue = 0; queue < host.fifoCount('rx'); queue++)
    loseRx(host.rxQueue(queue), PORT_COUNTERS_RX_DROP_LOST_AT_DETACH);
  storeHostPortInitPending(port, WITH_ATTACH);
}

/** A header that no probe accepts (section 6): the guest has written outside its ring, or over what is the host's. */
function isSpoilt(host: HostMemory, kind: QueueFifo, queue: number): boolean {
  const base = host.fifoAddress(kind, queue);
  const slots = host.settings.fifoSlots[kind];
  const whole = load32(base + FIFO_LEN) === slots && load32(base + FIFO_ELEM_SIZE) === FIFO_ELEM_BYTES;
  return !whole || load32(base + FIFO_WRITE) >= slots || load32(base + FIFO_READ) >= slots;
}

/** A probe looks at every header before it opens the mask, so what is spoilt can't wait for that. */
function renewSpoilt(host: HostMemory): void {
  for (const { kind, queue } of host.fifos())
    if (isQueueFifo(kind) && isSpoilt(host, kind, queue)) host.initFifo(kind, queue);
}

/** The guest is gone for good, by a close or by death: its rings are made anew when the next one comes. */
export function endGuest(host: HostMemory): void {
  storeHostPortLive(host.port, 0);
  storeHostPortLinkUp(host.port, 0);
  storeHostPortShutdown(host.port, 0);
  storeHostPortDetached(host.port, 0);
  if (loadHostPortInitPending(host.port) === 0) reclaimAll(host);
  renewSpoilt(host);
  storeHostPortInitPending(host.port, FOR_NEXT_GUEST);
}

/** Makes tx, rx, alloc and free anew where that is due; req and resp stay, the guest may be polling them. */
export function renewRings(host: HostMemory): void {
  if (loadHostPortInitPending(host.port) !== FOR_NEXT_GUEST) return;
  for (const { kind, queue } of host.fifos()) if (isQueueFifo(kind)) host.initFifo(kind, queue);
  forgetRings(host);
}

/** Makes every FIFO anew, req and resp too, because no guest is at them. All buffers are the host's. */
export function renewAllFifos(host: HostMemory): void {
  for (const { kind, queue } of host.fifos()) host.initFifo(kind, queue);
  forgetRings(host);
}

function forgetRings(host: HostMemory): void {
  storeHostPortInitPending(host.port, 0);
  storeHostPortRxQueues(host.port, 0);
  storeHostPortTxQueues(host.port, 0);
}

/** Empties the pairs that are in one count and not in the other. */
function resetChanged(before: number, after: number, reset: (queue: number) => void): void {
  for (let queue = Math.min(before, after); queue < Math.max(before, after); queue++) reset(queue);
}

function isAcceptable(host: HostMemory, config: DeviceConfig): boolean {
  const { rxQueues, txQueues, deviceId } = host.settings;
  return (
    config.numRxQueues >= rxQueues.min &&
    config.numRxQueues <= rxQueues.max &&
    config.numTxQueues <= txQueues.max &&
    (config.features & ~hostFeatures(host.settings)) === 0 &&
    config.deviceId === deviceId
  );
}

function configure(host: HostMemory, config: DeviceConfig): number {
  if (!isAcceptable(host, config)) return REFUSED;
  const { port } = host;
  renewRings(host);
  if (loadHostPortShutdown(port) !== 0) adoptAll(host);
  resetChanged(loadHostPortTxQueues(port), config.numTxQueues, (queue) => resetTx(host, queue));
  resetChanged(loadHostPortRxQueues(port), config.numRxQueues, (queue) => resetRx(host, queue));
  storeHostPortTxQueues(port, config.numTxQueues);
  storeHostPortRxQueues(port, config.numRxQueues);
  const share = Math.floor(allocShare(host.settings) / Math.max(1, config.numTxQueues));
  storeHostPortLendLimit(port, Math.max(1, share));
  storeHostPortFeatures(port, config.features);
  storeHostPortLinkUp(port, config.ifUp === 0 ? 0 : 1);
  storeHostPortShutdown(port, 0);
  storeHostPortDetached(port, 0);
  storeHostPortLive(port, 1);
  return DONE;
}

function setLink(host: HostMemory, ifUp: number): number {
  // Before request 3 there is nothing that it could be the link of.
  if (isLive(host)) storeHostPortLinkUp(host.port, ifUp === 0 ? 0 : 1);
  return DONE;
}

function shutDown(host: HostMemory, closing: boolean): number {
  const { port } = host;
  if (isLive(host)) for (let queue = 0; queue < loadHostPortRxQueues(port); queue++) observeRx(host.rxQueue(queue));
  if (closing) endGuest(host);
  else if (loadHostPortShutdown(port) === 0) {
    storeHostPortShutdown(port, 1);
    storeHostPortShutdownLive(port, loadHostPortLive(port));
  }
  storeHostPortLive(port, 0);
  return DONE;
}

function adoptAll(host: HostMemory): void {
  for (let queue = 0; queue < loadHostPortTxQueues(host.port); queue++) adoptReturned(host.txQueue(queue));
}

/** Takes a shutdown that came under an open mask back: on with the rings as they lie. False where none is in force. */
export function undoShutdown(host: HostMemory): boolean {
  const { port } = host;
  if (loadHostPortShutdown(port) === 0) return false;
  storeHostPortShutdown(port, 0);
  storeHostPortDetached(port, 0);
  if (loadHostPortShutdownLive(port) !== 0) {
    adoptAll(host);
    storeHostPortLive(port, 1);
  }
  host.ringRights = RINGS_GRANTED;
  return true;
}

function changeMtu(host: HostMemory, mtu: number): number {
  return mtu <= host.settings.maxRxPacketBytes - MTU_OVERHEAD_BYTES ? DONE : REFUSED;
}

/**
 * Carries a request out. Gives what goes into `result`: 0, or a negative errno, and then
 * nothing has changed.
 * @param mask the interrupt mask: a shutdown at mask 0 is a close.
 */
export function carryOut(host: HostMemory, request: ControlRequest, mask: number): number {
  switch (request.reqId) {
    case REQ_CHANGE_MTU:
      return changeMtu(host, request.newMtu);
    case REQ_LINK:
      return setLink(host, request.ifUp);
    case REQ_CONFIG:
      return configure(host, request.config);
    case REQ_SHUTDOWN:
      return shutDown(host, mask === 0);
    default:
      return -Errno.ENOTSUP;
  }
}
