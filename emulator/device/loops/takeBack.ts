/**
 * Follows the guest's index on rx, and takes back the chains that it returns through free (section 6).
 * Loop dialect.
 *
 * A queue numbers its packets. The guest has not taken those from `taken` to `put - 1`; its index `read`
 * of rx, once checked, moves `taken`. A packet counts as delivered when the guest has taken it, and only
 * then may its chain come back.
 */
import { load32 } from '#mem';
import { FIFO_CORRUPT, fifoCount, fifoFreeCount, fifoPublishRead, fifoSlot } from '../../../shared/loops/fifo';
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
  loadHostPortRemoved,
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

/** Returns the packets that the guest has not taken, staged ones included. */
export function rxWaiting(queue: u32): u32 {
  return (loadHostRxQueuePut(queue) - loadHostRxQueueTaken(queue)) >>> 0;
}

/** Reads the guest's index on rx and counts deliveries. Returns false, and counts, if the index is invalid. */
export function observeRx(queue: u32): bool {
  const port: u32 = loadHostRxQueuePort(queue);
  const room: u32 = fifoFreeCount(queue + HOST_RX_QUEUE_RX);
  const visible: u32 = (rxWaiting(queue) - loadHostRxQueueStaged(queue)) >>> 0;
  const last: u32 = (loadFifoEndLen(queue + HOST_RX_QUEUE_RX) - 1) >>> 0;
  // More packets left than were visible: the index went back, or past the host's.
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

/** Takes at most `budget` chains back from free. */
export function takeFree(queue: u32, budget: u32): void {
  const port: u32 = loadHostRxQueuePort(queue);
  const filled: u32 = fifoCount(queue + HOST_RX_QUEUE_FREE);
  if (filled === FIFO_CORRUPT) countAt(port, PORT_COUNTERS_REFUSED_FREE_INDEX, 1);
  // The guest moves `read` of rx before `write` of free. Reading them in the opposite order, the host
  // sees each chain on free as taken off rx.
  if (filled === FIFO_CORRUPT || filled === 0 || !observeRx(queue)) return;
  const most: u32 = lesser(filled, budget);
  let back: u32 = 0;
  for (let i: u32 = 0; i < most; i++) {
    const slot: u32 = fifoSlot(queue + HOST_RX_QUEUE_FREE, i);
    back = (back + takeBack(port, queue, bufferAt(port, load32(slot), load32(slot + 4)))) >>> 0;
  }
  subtractOut(port, queue, back);
  if (most !== 0) fifoPublishRead(queue + HOST_RX_QUEUE_FREE, most);
}

/** Takes back one chain, or counts why not. Returns the number of buffers that came back. */
function takeBack(port: u32, queue: u32, first: u32): u32 {
  if (first !== 0 && isOut(queue, first)) {
    withdrawChain(port, first);
    return returnRx(port, first);
  }
  countAt(port, first === 0 ? PORT_COUNTERS_REFUSED_FREE_ADDRESS : PORT_COUNTERS_REFUSED_FREE_NOT_OUT, 1);
  return 0;
}

/** Subtracts the buffers that came back from the outstanding counts. */
function subtractOut(port: u32, queue: u32, buffers: u32): void {
  storeHostRxQueueOut(queue, (loadHostRxQueueOut(queue) - buffers) >>> 0);
  storeHostPortRxOut(port, (loadHostPortRxOut(port) - buffers) >>> 0);
}

/** True for the first buffer of a chain that the guest has taken off this queue's rx and not returned. */
function isOut(queue: u32, buffer: u32): bool {
  const here: bool =
    loadHostBufferPlace(buffer) === PLACE_RX && loadHostBufferQueue(buffer) === loadHostRxQueueQueue(queue);
  if (!here || loadHostBufferFirst(buffer) === 0) return false;
  return (loadHostBufferSequence(buffer) - loadHostRxQueueTaken(queue)) >>> 0 >= rxWaiting(queue);
}

/** Withdraws the guest's rights to a chain, along the host's own links. */
function withdrawChain(port: u32, first: u32): void {
  for (let buffer: u32 = first; buffer !== 0; buffer = loadHostBufferChain(buffer)) withdrawRights(port, buffer);
}

/** Returns a chain, rights already withdrawn, to the pool. Returns the number of its buffers. */
function returnRx(port: u32, first: u32): u32 {
  storeHostBufferFirst(first, 0);
  return returnChain(port, first);
}

/** Takes back every buffer out on this queue, because the ring is about to be emptied. */
export function reclaimRx(queue: u32): void {
  loseRx(queue, PORT_COUNTERS_RX_DROP_RING_EMPTIED);
}

/**
 * Takes back every buffer out on this queue, wherever it is, and counts the packets that the guest has
 * not taken as dropped. Leaves the rings as they are, and the rights where the device has vanished.
 * @param cause offset of the drop counter in `port_counters`.
 */
export function loseRx(queue: u32, cause: u32): void {
  const port: u32 = loadHostRxQueuePort(queue);
  observeRx(queue);
  countAt(port, cause, rxWaiting(queue));
  storeHostRxQueueTaken(queue, loadHostRxQueuePut(queue));
  storeHostRxQueueStaged(queue, 0);
  const withdraws: bool = loadHostPortRemoved(port) === 0;
  let buffer: u32 = loadHostPortRecords(port);
  for (let i: u32 = loadHostPortBuffers(port); i !== 0 && loadHostRxQueueOut(queue) !== 0; i = (i - 1) >>> 0) {
    if (isOut(queue, buffer)) {
      if (withdraws) withdrawChain(port, buffer);
      subtractOut(port, queue, returnRx(port, buffer));
    }
    buffer = (buffer + HOST_BUFFER_BYTES) >>> 0;
  }
}
