/**
 * FIFO of section 6, one producer and one consumer, no lock. Loop dialect.
 *
 * Each side works through its own private end (`fifo_end`): base, length and own index are
 * never fetched again from memory that the other side can write. The other side's index is
 * fetched once a burst and checked. Order: a producer fills slots, then publishes `write` with
 * a release store, once; a consumer loads `write` with an acquire load, reads slots, then
 * publishes `read` with a release store, once.
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

/** What the counting functions give where the other side's index lies outside the ring. */
export const FIFO_CORRUPT: u32 = 0xffffffff;

/** Bytes that a FIFO of `len` slots takes. */
export function fifoBytes(len: u32): u32 {
  return (FIFO_BYTES + ((len << 3) >>> 0)) >>> 0;
}

/** Host only: makes an empty FIFO, before the guest can see it. */
export function fifoInit(base: u32, len: u32): void {
  store32(base + FIFO_WRITE, 0);
  store32(base + FIFO_READ, 0);
  store32(base + FIFO_LEN, len);
  store32(base + FIFO_ELEM_SIZE, FIFO_ELEM_BYTES);
}

/** Points a private end at a FIFO whose header the caller has checked. */
export function fifoOpen(end: u32, base: u32, len: u32, index: u32): void {
  storeFifoEndBase(end, base);
  storeFifoEndLen(end, len);
  storeFifoEndIndex(end, index);
}

/** Producer: slots that can be filled now, or `FIFO_CORRUPT`. */
export function fifoFreeCount(end: u32): u32 {
  const len = loadFifoEndLen(end);
  const read = loadAcquire32(loadFifoEndBase(end) + FIFO_READ);
  if (read >= len) return FIFO_CORRUPT;
  return ((read - loadFifoEndIndex(end) - 1) & (len - 1)) >>> 0;
}

/** Consumer: slots that can be read now, or `FIFO_CORRUPT`. */
export function fifoCount(end: u32): u32 {
  const len = loadFifoEndLen(end);
  const write = loadAcquire32(loadFifoEndBase(end) + FIFO_WRITE);
  if (write >= len) return FIFO_CORRUPT;
  return ((write - loadFifoEndIndex(end)) & (len - 1)) >>> 0;
}

/** Arena address of the slot `ahead` of this side's index. */
export function fifoSlot(end: u32, ahead: u32): u32 {
  const slot = ((loadFifoEndIndex(end) + ahead) & (loadFifoEndLen(end) - 1)) >>> 0;
  return (loadFifoEndBase(end) + FIFO_BYTES + ((slot << 3) >>> 0)) >>> 0;
}

/** Producer: fills the slot `ahead` of its index; invisible until `fifoPublishWrite`. */
export function fifoFill(end: u32, ahead: u32, lo: u32, hi: u32): void {
  const slot = fifoSlot(end, ahead);
  store32(slot, lo);
  store32(slot + 4, hi);
}

/** Consumer: low half of the slot `ahead` of its index. */
export function fifoPeekLo(end: u32, ahead: u32): u32 {
  return load32(fifoSlot(end, ahead));
}

/** Consumer: high half of the slot `ahead` of its index. */
export function fifoPeekHi(end: u32, ahead: u32): u32 {
  return load32(fifoSlot(end, ahead) + 4);
}

function advance(end: u32, count: u32): u32 {
  const index = ((loadFifoEndIndex(end) + count) & (loadFifoEndLen(end) - 1)) >>> 0;
  storeFifoEndIndex(end, index);
  return index;
}

/** Producer: makes `count` filled slots visible, once for the burst. */
export function fifoPublishWrite(end: u32, count: u32): void {
  const index = advance(end, count);
  storeRelease32(loadFifoEndBase(end) + FIFO_WRITE, index);
}

/** Consumer: gives `count` slots back, once for the burst. */
export function fifoPublishRead(end: u32, count: u32): void {
  const index = advance(end, count);
  storeRelease32(loadFifoEndBase(end) + FIFO_READ, index);
}
