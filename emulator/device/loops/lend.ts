/**
 * Lends empty buffers through alloc, for the guest to transmit from, and keeps alloc filled whatever
 * the traffic (section 8). Loop dialect.
 */
import { protect } from '#mem';
import {
  FIFO_CORRUPT,
  fifoCount,
  fifoFill,
  fifoFreeCount,
  fifoPeekHi,
  fifoPeekLo,
  fifoPublishWrite,
} from '../../../shared/loops/fifo';
import { DESC_BYTES } from '../../../shared/loops/layout';
import { BOTH } from '../../../shared/loops/rights';
import { loadFifoEndLen } from '../../../shared/loops/records';
import {
  HOST_BUFFER_BYTES,
  HOST_TX_QUEUE_ALLOC,
  HOST_TX_QUEUE_TX,
  loadHostBufferData,
  loadHostBufferDesc,
  loadHostBufferDescHi,
  loadHostBufferDescLo,
  loadHostBufferSequence,
  loadHostPortBuffers,
  loadHostPortJunk,
  loadHostPortLendLimit,
  loadHostPortMbufSize,
  loadHostPortRecords,
  loadHostPortRemoved,
  loadHostPortStackCount,
  loadHostTxQueueLent,
  loadHostTxQueuePort,
  loadHostTxQueuePut,
  loadHostTxQueueQueue,
  loadHostTxQueueTaken,
  PLACE_LENT,
  PORT_COUNTERS_REFUSED_ALLOC_INDEX,
  PORT_COUNTERS_TX_DROP_RING_EMPTIED,
  PORT_COUNTERS_TX_OFFERED,
  storeHostBufferPlace,
  storeHostBufferQueue,
  storeHostBufferSequence,
  storeHostTxQueueLent,
  storeHostTxQueuePut,
  storeHostTxQueueTaken,
} from './records';
import {
  bufferAt,
  countAt,
  dropBuffers,
  isLent,
  lesser,
  peekBuffer,
  poisonBuffer,
  restoreBuffer,
  returnBuffer,
  withdrawRights,
} from './buffers';

/**
 * Reads the guest's index on alloc. Returns false, and counts, if the index is invalid: outside the
 * ring, behind its former value, or past the buffers that were put.
 */
export function observeAlloc(queue: u32): bool {
  const room: u32 = fifoFreeCount(queue + HOST_TX_QUEUE_ALLOC);
  const last: u32 = (loadFifoEndLen(queue + HOST_TX_QUEUE_ALLOC) - 1) >>> 0;
  const left: u32 = (last - room) >>> 0;
  if (room === FIFO_CORRUPT || left > onAlloc(queue)) {
    countAt(loadHostTxQueuePort(queue), PORT_COUNTERS_REFUSED_ALLOC_INDEX, 1);
    return false;
  }
  storeHostTxQueueTaken(queue, (loadHostTxQueuePut(queue) - left) >>> 0);
  return true;
}

/** Returns the buffers on alloc that the guest had not taken at the last `observeAlloc`. */
function onAlloc(queue: u32): u32 {
  return (loadHostTxQueuePut(queue) - loadHostTxQueueTaken(queue)) >>> 0;
}

/** True if the guest owns the buffer: it was lent through this queue's alloc and taken off it. */
export function isGuests(buffer: u32, queue: u32): bool {
  if (!isLent(buffer, loadHostTxQueueQueue(queue))) return false;
  return (loadHostBufferSequence(buffer) - loadHostTxQueueTaken(queue)) >>> 0 >= onAlloc(queue);
}

/** Fills a queue's alloc up to its share, with at most `budget` buffers. Returns their number. */
export function fillAlloc(queue: u32, budget: u32): u32 {
  if (!observeAlloc(queue)) return 0;
  const port: u32 = loadHostTxQueuePort(queue);
  const last: u32 = (loadFifoEndLen(queue + HOST_TX_QUEUE_ALLOC) - 1) >>> 0;
  const room: u32 = (last - onAlloc(queue)) >>> 0;
  const lent: u32 = loadHostTxQueueLent(queue);
  const limit: u32 = loadHostPortLendLimit(port);
  const able: u32 = lesser(room, loadHostPortStackCount(port));
  const most: u32 = lent < limit ? lesser(budget, lesser(able, (limit - lent) >>> 0)) : 0;
  const number: u32 = loadHostTxQueuePut(queue);
  let filled: u32 = 0;
  while (filled < most) {
    const buffer: u32 = peekBuffer(port, filled);
    lend(port, queue, buffer, (number + filled) >>> 0);
    fifoFill(queue + HOST_TX_QUEUE_ALLOC, filled, loadHostBufferDescLo(buffer), loadHostBufferDescHi(buffer));
    filled = (filled + 1) >>> 0;
  }
  if (filled === 0) return 0;
  dropBuffers(port, filled);
  storeHostTxQueuePut(queue, (number + filled) >>> 0);
  storeHostTxQueueLent(queue, (lent + filled) >>> 0);
  fifoPublishWrite(queue + HOST_TX_QUEUE_ALLOC, filled);
  return filled;
}

function lend(port: u32, queue: u32, buffer: u32, number: u32): void {
  if (loadHostPortJunk(port) !== 0) poisonBuffer(port, buffer);
  else restoreBuffer(buffer);
  storeHostBufferPlace(buffer, PLACE_LENT);
  storeHostBufferQueue(buffer, loadHostTxQueueQueue(queue));
  storeHostBufferSequence(buffer, number);
  protect(loadHostBufferDesc(buffer), DESC_BYTES, BOTH);
  protect(loadHostBufferData(buffer), loadHostPortMbufSize(port), BOTH);
}

/**
 * Accepts buffers that the guest has put back on alloc past the host's index, as Linux does with those
 * in its cache (section 17), up to the first one that the guest does not own. For a host that keeps the
 * rings after a shutdown. Publishes the host's index, which overrides the guest's.
 */
export function adoptReturned(queue: u32): void {
  const alloc: u32 = (queue + HOST_TX_QUEUE_ALLOC) >>> 0;
  const filled: u32 = fifoCount(alloc);
  const port: u32 = loadHostTxQueuePort(queue);
  let adopted: u32 = 0;
  if (filled !== FIFO_CORRUPT && observeAlloc(queue)) {
    const last: u32 = (loadFifoEndLen(alloc) - 1) >>> 0;
    const most: u32 = lesser(filled, (last - onAlloc(queue)) >>> 0);
    while (adopted < most) {
      const buffer: u32 = bufferAt(port, fifoPeekLo(alloc, adopted), fifoPeekHi(alloc, adopted));
      if (buffer === 0 || !isGuests(buffer, queue)) break;
      const number: u32 = loadHostTxQueuePut(queue);
      storeHostBufferSequence(buffer, number);
      storeHostTxQueuePut(queue, (number + 1) >>> 0);
      adopted = (adopted + 1) >>> 0;
    }
  }
  fifoPublishWrite(alloc, adopted);
}

/** Takes back every buffer lent through this queue's alloc, because the ring is about to be emptied. */
export function reclaimTx(queue: u32): void {
  loseTx(queue, PORT_COUNTERS_TX_DROP_RING_EMPTIED);
}

/**
 * Takes back every buffer lent through this queue's alloc, wherever it is, and counts the packets on tx
 * as dropped. Leaves the rings as they are, and the rights where the device has vanished.
 * @param cause offset of the drop counter in `port_counters`.
 */
export function loseTx(queue: u32, cause: u32): void {
  const port: u32 = loadHostTxQueuePort(queue);
  const waiting: u32 = fifoCount(queue + HOST_TX_QUEUE_TX);
  if (waiting !== FIFO_CORRUPT) {
    countAt(port, PORT_COUNTERS_TX_OFFERED, waiting);
    countAt(port, cause, waiting);
  }
  const withdraws: bool = loadHostPortRemoved(port) === 0;
  let left: u32 = loadHostTxQueueLent(queue);
  let buffer: u32 = loadHostPortRecords(port);
  for (let i: u32 = loadHostPortBuffers(port); i !== 0 && left !== 0; i = (i - 1) >>> 0) {
    if (isLent(buffer, loadHostTxQueueQueue(queue))) {
      if (withdraws) withdrawRights(port, buffer);
      returnBuffer(port, buffer);
      left = (left - 1) >>> 0;
    }
    buffer = (buffer + HOST_BUFFER_BYTES) >>> 0;
  }
  storeHostTxQueueLent(queue, 0);
  storeHostTxQueueTaken(queue, loadHostTxQueuePut(queue));
}
