/**
 * Entries of rx: where their descriptors and data lie (section 10). Loop dialect.
 *
 * Both lie in the cache of the host's CPU. Prefetching those of the whole burst, before the first packet is looked at,
 * overlaps the waits. The loops below keep what they need in locals and call nothing, and stop at the first address
 * outside the pool at hand. Their caller takes that one the longer way.
 */
import { load32, prefetch, store32 } from '#mem';
import { slotAt } from '../../shared/loops/fifo';
import {
  DESC_BYTES,
  loadDescDataHi,
  loadDescDataLen,
  loadDescDataLo,
  loadDescNextHi,
  loadDescNextLo,
} from '../../shared/loops/layout';
import { loadFifoEndBase, loadFifoEndIndex, loadFifoEndLen } from '../../shared/loops/records';
import { startChain } from './rxChains';
import {
  loadPoolWindowAddress,
  loadPoolWindowVaHi,
  loadPoolWindowVaLo,
  loadRxQueueEntryBytes,
  loadRxQueueEntryDesc,
  loadRxQueueNextHi,
  loadRxQueueNextLo,
  PORT_WINDOW,
  storeRxQueueChained,
  storeRxQueueEntryBytes,
  storeRxQueueEntryData,
  storeRxQueueEntryDesc,
  storeRxQueueEntryNext,
  storeRxQueueNextHi,
  storeRxQueueNextLo,
} from './records';
import { alignedDesc, plainSpan, translateIn, windowOf } from './translate';

/** Bytes of a cache line. */
const LINE_BYTES: u32 = 64;
/** Most bytes that are prefetched: the CPU fetches the rest of longer data by itself. */
const MOST_PREFETCHED: u32 = 2_048;

/** Moves entries from rx to the slots of free, and finds the descriptors that they name. */
export function findDescs(port: u32, q: u32, rx: u32, free: u32, entries: u32): void {
  let window: u32 = (port + PORT_WINDOW) >>> 0;
  let at: u32 = 0;
  while (at < entries) {
    at = findDescsIn(window, q, rx, free, at, entries);
    if (at === entries) return;
    const lo: u32 = loadRxQueueNextLo(q);
    const hi: u32 = loadRxQueueNextHi(q);
    window = windowOf(port, lo, hi, DESC_BYTES);
    noteDesc(q, at, translateIn(window, lo, hi, DESC_BYTES));
    at++;
  }
}

function noteDesc(q: u32, at: u32, place: u32): void {
  const desc: u32 = alignedDesc(place);
  storeRxQueueEntryDesc(q, at, desc);
  if (desc !== 0) prefetch(desc);
}

/**
 * Moves the entries from number `from` on, up to the first whose descriptor is not in this pool. Puts that one's
 * address into `next_lo` and `next_hi`, and returns its number.
 */
function findDescsIn(window: u32, q: u32, rx: u32, free: u32, from: u32, entries: u32): u32 {
  const baseLo: u32 = loadPoolWindowVaLo(window);
  const baseHi: u32 = loadPoolWindowVaHi(window);
  const span: u32 = plainSpan(window, DESC_BYTES);
  const toArena: u32 = (loadPoolWindowAddress(window) - baseLo) >>> 0;
  const rxBase: u32 = loadFifoEndBase(rx);
  const rxLen: u32 = loadFifoEndLen(rx);
  const rxIndex: u32 = loadFifoEndIndex(rx);
  const freeBase: u32 = loadFifoEndBase(free);
  const freeLen: u32 = loadFifoEndLen(free);
  const freeIndex: u32 = loadFifoEndIndex(free);
  for (let i: u32 = from; i < entries; i++) {
    const slot: u32 = slotAt(rxBase, rxLen, (rxIndex + i) >>> 0);
    const lo: u32 = load32(slot);
    const hi: u32 = load32(slot + 4);
    const freeSlot: u32 = slotAt(freeBase, freeLen, (freeIndex + i) >>> 0);
    store32(freeSlot, lo);
    store32(freeSlot + 4, hi);
    if (hi !== baseHi || (lo - baseLo) >>> 0 >= span) {
      storeRxQueueNextLo(q, lo);
      storeRxQueueNextHi(q, hi);
      return i;
    }
    noteDesc(q, i, (lo + toArena) >>> 0);
  }
  return entries;
}

/** Fetches where the data of each entry's first descriptor lie, and finds them. Starts the chains of the entries. */
export function findData(port: u32, q: u32, entries: u32): void {
  storeRxQueueChained(q, 0);
  let window: u32 = (port + PORT_WINDOW) >>> 0;
  let at: u32 = 0;
  while (at < entries) {
    at = findDataIn(port, window, q, at, entries);
    if (at === entries) return;
    const lo: u32 = loadRxQueueNextLo(q);
    const hi: u32 = loadRxQueueNextHi(q);
    const bytes: u32 = loadRxQueueEntryBytes(q, at);
    window = windowOf(port, lo, hi, bytes);
    storeRxQueueEntryData(q, at, translateIn(window, lo, hi, bytes));
    at++;
  }
}

/** Prefetches the lines after the first one of data. */
function prefetchRest(data: u32, bytes: u32): void {
  const end: u32 = (data + (bytes < MOST_PREFETCHED ? bytes : MOST_PREFETCHED)) >>> 0;
  for (let line: u32 = (data + LINE_BYTES) >>> 0; line < end; line += LINE_BYTES) prefetch(line);
}

/**
 * Finds the data of the entries from number `from` on, up to the first whose data are not in this pool. Puts that
 * one's address into `next_lo` and `next_hi`, and returns its number.
 */
function findDataIn(port: u32, window: u32, q: u32, from: u32, entries: u32): u32 {
  const baseLo: u32 = loadPoolWindowVaLo(window);
  const baseHi: u32 = loadPoolWindowVaHi(window);
  const length: u32 = plainSpan(window, 1);
  const toArena: u32 = (loadPoolWindowAddress(window) - baseLo) >>> 0;
  for (let i: u32 = from; i < entries; i++) {
    const desc: u32 = loadRxQueueEntryDesc(q, i);
    if (desc === 0) continue;
    const lo: u32 = loadDescDataLo(desc);
    const hi: u32 = loadDescDataHi(desc);
    const bytes: u32 = loadDescDataLen(desc);
    const nextLo: u32 = loadDescNextLo(desc);
    const nextHi: u32 = loadDescNextHi(desc);
    storeRxQueueEntryNext(q, i, 0);
    if ((nextLo | nextHi) !== 0) startChain(port, q, i, nextLo, nextHi);
    const offset: u32 = (lo - baseLo) >>> 0;
    storeRxQueueEntryBytes(q, i, bytes);
    if (hi !== baseHi || offset >= length || bytes > (length - offset) >>> 0) {
      storeRxQueueNextLo(q, lo);
      storeRxQueueNextHi(q, hi);
      return i;
    }
    const data: u32 = (lo + toArena) >>> 0;
    storeRxQueueEntryData(q, i, data);
    prefetch(data);
    if (bytes > LINE_BYTES) prefetchRest(data, bytes);
  }
  return entries;
}
