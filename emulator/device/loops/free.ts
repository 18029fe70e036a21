/**
 * How far the guest has come on rx, and what it gives back through free (section 6). Loop
 * dialect.
 *
 * A queue numbers its packets. Those from `taken` to `put - 1` have not been seen by the
 * guest: it is its own index `read` of rx, checked, that says how far it has come. So a packet
 * counts as delivered once the guest has taken it, and a chain can come back only after that.
 */
import { load32 } from '#mem';
import { FIFO_CORRUPT, fifoFilled, fifoPublishRead, fifoRoom, fifoSlot } from '../../../shared/loops/fifo';
import { loadFifoEndLen } from '../../../shared/loops/records';
import {
  HOST_BUFFER_BYTES,
  HOST_RX_QUEUE_FREE,
  HOST_RX_QUEUE_RX,
  loadHostBufferChain,
  loadHostBufferFirst,
  loadHostBufferPlace,
  loadHostBufferQueue,
  loadHostBufferSequence,
  loadHostPortBuffers,
  loadHostPortRecords,
  loadHostPortRxOut,
  loadHostRxQueueOut,
  loadHostRxQueuePort,
  loadHostRxQueuePut,
  loadHostRxQueueQueue,
  loadHostRxQueueStaged,
  loadHostRxQueueTaken,
  PLACE_RX,
  PORT_COUNTERS_REFUSED_FREE_ADDRESS,
  PORT_COUNTERS_REFUSED_FREE_INDEX,
  PORT_COUNTERS_REFUSED_FREE_NOT_OUT,
  PORT_COUNTERS_REFUSED_RX_INDEX,
  PORT_COUNTERS_RX_DELIVERED,
  PORT_COUNTERS_RX_DROP_RING_EMPTIED,
  storeHostBufferFirst,
  storeHostPortRxOut,
  storeHostRxQueueOut,
  storeHostRxQueueStaged,
  storeHostRxQueueTaken,
} from './records';
import { bufferAt, countAt, lesser, returnChain, withdrawRights } from './buffers';

/** Packets that the guest has not taken, staged ones too. */
export function rxWaiting(queue: u32): u32 {
  return (loadHostRxQueuePut(queue) - loadHostRxQueueTaken(queue)) >>> 0;
}

/** Sees how far the guest has come on rx. False, and counted, where its index can't be right. */
export function observeRx(queue: u32): bool {
  const port: u32 = loadHostRxQueuePort(queue);
  const room: u32 = fifoRoom(queue + HOST_RX_QUEUE_RX);
  const visible: u32 = (rxWaiting(queue) - loadHostRxQueueStaged(queue)) >>> 0;
  const last: u32 = (loadFifoEndLen(queue + HOST_RX_QUEUE_RX) - 1) >>> 0;
  // More left than was ever put: it went back, or past the host's index.
  if (room === FIFO_CORRUPT || (last - room) >>> 0 > visible) {
    countAt(port, PORT_COUNTERS_REFUSED_RX_INDEX, 1);
    return false;
  }
  const fresh: u32 = (visible - ((last - room) >>> 0)) >>> 0;
  if (fresh === 0) return true;
  storeHostRxQueueTaken(queue, (loadHostRxQueueTaken(queue) + fresh) >>> 0);
  countAt(port, PORT_COUNTERS_RX_DELIVERED, fresh);
  return true;
}

/** Takes chains back from free, at most `budget`. */
export function takeFree(queue: u32, budget: u32): void {
  const port: u32 = loadHostRxQueuePort(queue);
  const filled: u32 = fifoFilled(queue + HOST_RX_QUEUE_FREE);
  if (filled === FIFO_CORRUPT) countAt(port, PORT_COUNTERS_REFUSED_FREE_INDEX, 1);
  // The guest moves `read` of rx before `write` of free: looked at in this order, it is seen far enough.
  if (filled === FIFO_CORRUPT || filled === 0 || !observeRx(queue)) return;
  const most: u32 = lesser(filled, budget);
  let back: u32 = 0;
  for (let i: u32 = 0; i < most; i++) {
    const slot: u32 = fifoSlot(queue + HOST_RX_QUEUE_FREE, i);
    back = (back + takeBack(port, queue, bufferAt(port, load32(slot), load32(slot + 4)))) >>> 0;
  }
  isBack(port, queue, back);
  if (most !== 0) fifoPublishRead(queue + HOST_RX_QUEUE_FREE, most);
}

/** Gives how many buffers came back. */
function takeBack(port: u32, queue: u32, first: u32): u32 {
  if (first !== 0 && isOut(queue, first)) return returnRx(port, first);
  countAt(port, first === 0 ? PORT_COUNTERS_REFUSED_FREE_ADDRESS : PORT_COUNTERS_REFUSED_FREE_NOT_OUT, 1);
  return 0;
}

/** So many buffers are out no longer. */
function isBack(port: u32, queue: u32, buffers: u32): void {
  storeHostRxQueueOut(queue, (loadHostRxQueueOut(queue) - buffers) >>> 0);
  storeHostPortRxOut(port, (loadHostPortRxOut(port) - buffers) >>> 0);
}

/** The first buffer of a chain on this queue that the guest has taken off rx. */
function isOut(queue: u32, buffer: u32): bool {
  const here: bool =
    loadHostBufferPlace(buffer) === PLACE_RX && loadHostBufferQueue(buffer) === loadHostRxQueueQueue(queue);
  if (!here || loadHostBufferFirst(buffer) === 0) return false;
  return (loadHostBufferSequence(buffer) - loadHostRxQueueTaken(queue)) >>> 0 >= rxWaiting(queue);
}

/** Returns a chain by the host's own record of it; gives the number of its buffers. */
function returnRx(port: u32, first: u32): u32 {
  for (let buffer: u32 = first; buffer !== 0; buffer = loadHostBufferChain(buffer)) withdrawRights(port, buffer);
  storeHostBufferFirst(first, 0);
  return returnChain(port, first);
}

/** Takes back every buffer that is out on this queue; the packets on rx go with their ring. */
export function reclaimRx(queue: u32): void {
  loseRx(queue, PORT_COUNTERS_RX_DROP_RING_EMPTIED);
}

/**
 * Takes back every buffer that is out on this queue, wherever it is, and counts the packets
 * that the guest has not taken as lost by `cause`. The rings themselves stay as they are.
 */
export function loseRx(queue: u32, cause: u32): void {
  const port: u32 = loadHostRxQueuePort(queue);
  observeRx(queue);
  countAt(port, cause, rxWaiting(queue));
  storeHostRxQueueTaken(queue, loadHostRxQueuePut(queue));
  storeHostRxQueueStaged(queue, 0);
  let buffer: u32 = loadHostPortRecords(port);
  for (let i: u32 = loadHostPortBuffers(port); i !== 0 && loadHostRxQueueOut(queue) !== 0; i = (i - 1) >>> 0) {
    if (isOut(queue, buffer)) isBack(port, queue, returnRx(port, buffer));
    buffer = (buffer + HOST_BUFFER_BYTES) >>> 0;
  }
}
