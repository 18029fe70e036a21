/** Life of a port: what control requests, and the end of a guest, do to its state and its rings (section 8). */
import { load32, protect } from '#mem';
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
import { BOTH } from '../../../shared/loops/rights';
import type { ControlRequest, DeviceConfig } from './controlRequest';
import { allocShare } from '../memory/hostBlock';
import { hostFeatures } from '../memory/hostInfo';
import type { HostMemory } from '../memory/hostMemory';
import { isQueueFifo, type QueueFifo } from '../memory/memoryRuns';
import {
  LIFE_LIVE,
  LIFE_NONE,
  LIFE_SHUT_DOWN,
  LIFE_SHUT_DOWN_UNUSED,
  loadHostPortInitPending,
  loadHostPortLife,
  loadHostPortRxQueues,
  loadHostPortTxQueues,
  PORT_COUNTERS_RX_DROP_LOST_AT_DETACH,
  PORT_COUNTERS_TX_DROP_LOST_AT_DETACH,
  RINGS_GRANTED,
  storeHostPortDetached,
  storeHostPortFeatures,
  storeHostPortInitPending,
  storeHostPortLendLimit,
  storeHostPortLinkUp,
  storeHostPortLife,
  storeHostPortRemoved,
  storeHostPortRxQueues,
  storeHostPortTxQueues,
} from '../loops/records';
import { adoptReturned, loseTx, reclaimTx } from '../loops/lend';
import { loseRx, observeRx, reclaimRx } from '../loops/takeBack';

/** Bytes of a frame round its MTU: Ethernet header and one tag. */
const MTU_OVERHEAD_BYTES = 18;

/** Values of `host_port.init_pending`: when the rings are to be emptied. */
const FOR_NEXT_GUEST = 1;
const WITH_ATTACH = 2;

const REFUSED = -Errno.EINVAL;
const DONE = 0;

/** True from a successful request 3 to request 4: the host works on tx, rx, alloc and free. */
export function isLive(host: HostMemory): boolean {
  return loadHostPortLife(host.port) === LIFE_LIVE;
}

/** True while a shutdown under an open mask is in force, which can be undone. */
export function isShutDown(host: HostMemory): boolean {
  return loadHostPortLife(host.port) >= LIFE_SHUT_DOWN;
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

/** Takes back all that the guest holds, and counts the packets on the rings as dropped. Leaves the rings as they are. */
function reclaimAll(host: HostMemory): void {
  for (let queue = 0; queue < host.fifosOfKind('tx'); queue++) reclaimTx(host.txQueue(queue));
  for (let queue = 0; queue < host.fifosOfKind('rx'); queue++) reclaimRx(host.rxQueue(queue));
}

/** Takes back all that the guest holds, and counts the packets on the rings as lost at the detach. Ends the port's life. */
export function loseAll(host: HostMemory): void {
  const { port } = host;
  storeHostPortLife(port, LIFE_NONE);
  if (loadHostPortInitPending(port) !== 0) return;
  for (let queue = 0; queue < host.fifosOfKind('tx'); queue++)
    loseTx(host.txQueue(queue), PORT_COUNTERS_TX_DROP_LOST_AT_DETACH);
  for (let queue = 0; queue < host.fifosOfKind('rx'); queue++)
    loseRx(host.rxQueue(queue), PORT_COUNTERS_RX_DROP_LOST_AT_DETACH);
  storeHostPortInitPending(port, WITH_ATTACH);
}

/** True for a header that no probe accepts (section 6): the guest has written an invalid index or over a host's word. */
function isSpoilt(host: HostMemory, kind: QueueFifo, queue: number): boolean {
  const base = host.fifoAddress(kind, queue);
  const slots = host.settings.fifoSlots[kind];
  const whole = load32(base + FIFO_LEN) === slots && load32(base + FIFO_ELEM_SIZE) === FIFO_ELEM_BYTES;
  return !whole || load32(base + FIFO_WRITE) >= slots || load32(base + FIFO_READ) >= slots;
}

/** Empties FIFOs with an invalid header at once: a probe checks every header before it opens the mask. */
function renewSpoilt(host: HostMemory): void {
  for (const { kind, queue } of host.fifos())
    if (isQueueFifo(kind) && isSpoilt(host, kind, queue)) host.initFifo(kind, queue);
}

/** Ends the port's life. All buffers are the host's again, and the rings stay as they are. */
function endPort(host: HostMemory): void {
  storeHostPortLife(host.port, LIFE_NONE);
  storeHostPortLinkUp(host.port, 0);
  storeHostPortDetached(host.port, 0);
  if (loadHostPortInitPending(host.port) === 0) reclaimAll(host);
  storeHostPortInitPending(host.port, FOR_NEXT_GUEST);
}

/** Ends a guest that closed or died. Its rings are emptied when the next guest comes. */
export function endGuest(host: HostMemory): void {
  endPort(host);
  renewSpoilt(host);
}

/**
 * Ends the port of a device that has vanished (section 16). A burst may be under way, and its accesses have no effect
 * from now on. So the guest first gets every right to the BAR, which nothing takes away again.
 */
export function endVanished(host: HostMemory): void {
  storeHostPortRemoved(host.port, 1);
  protect(host.bar, host.plan.barBytes, BOTH);
  endPort(host);
}

/** Empties tx, rx, alloc and free for the next guest, if that is due. Leaves req and resp, which the guest may be polling. */
export function renewRings(host: HostMemory): void {
  if (loadHostPortInitPending(host.port) !== FOR_NEXT_GUEST) return;
  for (const { kind, queue } of host.fifos()) if (isQueueFifo(kind)) host.initFifo(kind, queue);
  forgetRings(host);
}

/** Empties every FIFO, req and resp included; no guest uses them, and all buffers are the host's. */
export function renewAllFifos(host: HostMemory): void {
  for (const { kind, queue } of host.fifos()) host.initFifo(kind, queue);
  forgetRings(host);
}

function forgetRings(host: HostMemory): void {
  storeHostPortInitPending(host.port, 0);
  storeHostPortRxQueues(host.port, 0);
  storeHostPortTxQueues(host.port, 0);
}

/** Resets the queues that only one of the two counts includes. */
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
  if (isShutDown(host)) adoptAll(host);
  resetChanged(loadHostPortTxQueues(port), config.numTxQueues, (queue) => resetTx(host, queue));
  resetChanged(loadHostPortRxQueues(port), config.numRxQueues, (queue) => resetRx(host, queue));
  storeHostPortTxQueues(port, config.numTxQueues);
  storeHostPortRxQueues(port, config.numRxQueues);
  const share = Math.floor(allocShare(host.settings) / Math.max(1, config.numTxQueues));
  storeHostPortLendLimit(port, Math.max(1, share));
  storeHostPortFeatures(port, config.features);
  storeHostPortLinkUp(port, config.ifUp === 0 ? 0 : 1);
  storeHostPortDetached(port, 0);
  storeHostPortLife(port, LIFE_LIVE);
  return DONE;
}

function setLink(host: HostMemory, ifUp: number): number {
  // Before request 3 there is no port that could have a link.
  if (isLive(host)) storeHostPortLinkUp(host.port, ifUp === 0 ? 0 : 1);
  return DONE;
}

function shutDown(host: HostMemory, closing: boolean): number {
  const { port } = host;
  if (isLive(host)) for (let queue = 0; queue < loadHostPortRxQueues(port); queue++) observeRx(host.rxQueue(queue));
  if (closing) endGuest(host);
  else if (!isShutDown(host)) storeHostPortLife(port, isLive(host) ? LIFE_SHUT_DOWN : LIFE_SHUT_DOWN_UNUSED);
  return DONE;
}

function adoptAll(host: HostMemory): void {
  for (let queue = 0; queue < loadHostPortTxQueues(host.port); queue++) adoptReturned(host.txQueue(queue));
}

/** Undoes a shutdown under an open mask: the host goes on with the rings as they are. Returns false if none is in force. */
export function undoShutdown(host: HostMemory): boolean {
  const { port } = host;
  const life = loadHostPortLife(port);
  if (life < LIFE_SHUT_DOWN) return false;
  storeHostPortDetached(port, 0);
  if (life === LIFE_SHUT_DOWN) adoptAll(host);
  storeHostPortLife(port, life === LIFE_SHUT_DOWN ? LIFE_LIVE : LIFE_NONE);
  host.ringRights = RINGS_GRANTED;
  return true;
}

function changeMtu(host: HostMemory, mtu: number): number {
  return mtu <= host.settings.maxRxPacketBytes - MTU_OVERHEAD_BYTES ? DONE : REFUSED;
}

/**
 * Carries a request out. Returns the value for `result`: 0, or a negative errno if nothing has changed.
 * @param mask the interrupt mask; a shutdown under mask 0 is a close.
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
