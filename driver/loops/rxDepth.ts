/** Counts the packets that wait for a receive queue (section 10). Loop dialect. */
import { FIFO_CORRUPT, fifoCount } from '../../shared/loops/fifo';
import { loadFifoEndLen } from '../../shared/loops/records';
import { enterBurst, leaveBurst } from './gate';
import { loadRxQueueFifoCount, loadRxQueueFirstFifo, RX_PAIR_RX, RX_QUEUE_BUSY } from './records';
import { rxPairAt, rxQueueAt } from './rx';

function rxFifoAt(port: u32, q: u32, fifo: u32): u32 {
  return (rxPairAt(port, (loadRxQueueFirstFifo(q) + fifo) >>> 0) + RX_PAIR_RX) >>> 0;
}

/**
 * Returns the number of entries on all rx FIFOs of the queue, 0 where no burst may run. Called by the thread that
 * makes the queue's bursts. A FIFO whose index of the host lies outside the ring counts as empty.
 */
export function rxWaiting(port: u32, queue: u32): u32 {
  const q: u32 = rxQueueAt(port, queue);
  if (!enterBurst(port, (q + RX_QUEUE_BUSY) >>> 0)) return 0;
  let waiting: u32 = 0;
  for (let fifo: u32 = 0; fifo < loadRxQueueFifoCount(q); fifo++) {
    const filled: u32 = fifoCount(rxFifoAt(port, q, fifo));
    if (filled !== FIFO_CORRUPT) waiting = (waiting + filled) >>> 0;
  }
  leaveBurst(q + RX_QUEUE_BUSY);
  return waiting;
}

/** Returns the most entries that all rx FIFOs of the queue can hold: one slot of a ring stays empty. */
export function rxCapacity(port: u32, queue: u32): u32 {
  const q: u32 = rxQueueAt(port, queue);
  let capacity: u32 = 0;
  for (let fifo: u32 = 0; fifo < loadRxQueueFifoCount(q); fifo++)
    capacity = (capacity + loadFifoEndLen(rxFifoAt(port, q, fifo)) - 1) >>> 0;
  return capacity;
}
