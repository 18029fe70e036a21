/**
 * FIFO of section 6: one producer and one consumer, no lock. Loop dialect.
 *
 * Each side works through its own private end (`fifo_end`), so that it never reads the base, the
 * length or its own index from memory that the other side can write. It loads the other side's
 * index once a burst and checks it. A producer fills slots, then publishes `write` once with a
 * release store. A consumer loads `write` with an acquire load, reads slots, then publishes `read`
 * once with a release store.
 */
import { load32, loadAcquire32, store32, storeRelease32 } from '#mem';
import { FIFO_BYTES, FIFO_ELEM_BYTES, FIFO_ELEM_SIZE, FIFO_LEN, FIFO_READ, FIFO_WRITE } from './layout';
import {
  loadFifoEndBase,
  loadFifoEndIndex,
  loadFifoEndLen,
  storeFifoEndBase,
  storeFifoEndIndex,
  storeFifoEndLen,
} from './records';

/** Result of the counting functions if the other side's index is outside the ring. */
export const FIFO_CORRUPT: u32 = 0xffffffff;

/** Returns the size in bytes of a FIFO with `len` slots, header included. */
export function fifoBytes(len: u32): u32 {
  return (FIFO_BYTES + ((len << 3) >>> 0)) >>> 0;
}

/** Host only: initialises an empty FIFO before the guest can see it. */
export function fifoInit(base: u32, len: u32): void {
  store32(base + FIFO_WRITE, 0);
  store32(base + FIFO_READ, 0);
  store32(base + FIFO_LEN, len);
  store32(base + FIFO_ELEM_SIZE, FIFO_ELEM_BYTES);
}

/** Opens a private end on a FIFO. The caller has checked the header. */
export function fifoOpen(end: u32, base: u32, len: u32, index: u32): void {
  storeFifoEndBase(end, base);
  storeFifoEndLen(end, len);
  storeFifoEndIndex(end, index);
}

/** Producer: returns the number of free entries, or `FIFO_CORRUPT`. */
export function fifoFreeCount(end: u32): u32 {
  const len = loadFifoEndLen(end);
  const read = loadAcquire32(loadFifoEndBase(end) + FIFO_READ);
  if (read >= len) return FIFO_CORRUPT;
  return ((read - loadFifoEndIndex(end) - 1) & (len - 1)) >>> 0;
}

/** Consumer: returns the number of entries, or `FIFO_CORRUPT`. */
export function fifoCount(end: u32): u32 {
  const len = loadFifoEndLen(end);
  const write = loadAcquire32(loadFifoEndBase(end) + FIFO_WRITE);
  if (write >= len) return FIFO_CORRUPT;
  return ((write - loadFifoEndIndex(end)) & (len - 1)) >>> 0;
}

/** Returns the arena address of the slot `number`, counted modulo `len`, of the ring at `base`. */
export function slotAt(base: u32, len: u32, number: u32): u32 {
  const slot = (number & (len - 1)) >>> 0;
  return (base + FIFO_BYTES + ((slot << 3) >>> 0)) >>> 0;
}

/** Returns the arena address of the slot `ahead` slots after this side's index. */
export function fifoSlot(end: u32, ahead: u32): u32 {
  return slotAt(loadFifoEndBase(end), loadFifoEndLen(end), (loadFifoEndIndex(end) + ahead) >>> 0);
}

/** Producer: fills the slot `ahead` slots after its index. The consumer sees it after `fifoPublishWrite`. */
export function fifoFill(end: u32, ahead: u32, lo: u32, hi: u32): void {
  const slot = fifoSlot(end, ahead);
  store32(slot, lo);
  store32(slot + 4, hi);
}

/** Consumer: returns the low half of the slot `ahead` slots after its index. */
export function fifoPeekLo(end: u32, ahead: u32): u32 {
  return load32(fifoSlot(end, ahead));
}

/** Consumer: returns the high half of the slot `ahead` slots after its index. */
export function fifoPeekHi(end: u32, ahead: u32): u32 {
  return load32(fifoSlot(end, ahead) + 4);
}

function advance(end: u32, count: u32): u32 {
  const index = ((loadFifoEndIndex(end) + count) & (loadFifoEndLen(end) - 1)) >>> 0;
  storeFifoEndIndex(end, index);
  return index;
}

/** Producer: publishes `count` filled slots, once for the burst. */
export function fifoPublishWrite(end: u32, count: u32): void {
  const index = advance(end, count);
  storeRelease32(loadFifoEndBase(end) + FIFO_WRITE, index);
}

/** Consumer: returns `count` slots to the producer, once for the burst. */
export function fifoPublishRead(end: u32, count: u32): void {
  const index = advance(end, count);
  storeRelease32(loadFifoEndBase(end) + FIFO_READ, index);
}
