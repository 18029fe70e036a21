/**
 * Host buffers for the packets of a burst (section 11). Loop dialect.
 *
 * Entries of alloc are examined ahead of the packets, and the usable ones listed in the queue's scratch fields. Nothing
 * is taken off alloc here: the burst says at its end how far it has used the list.
 */
import { load32, prefetch } from '#mem';
import { slotAt } from '../../shared/loops/fifo';
import { DESC_BYTES, loadDescDataHi, loadDescDataLo } from '../../shared/loops/layout';
import { loadFifoEndBase, loadFifoEndIndex, loadFifoEndLen } from '../../shared/loops/records';
import {
  loadPoolWindowAddress,
  loadPoolWindowVaHi,
  loadPoolWindowVaLo,
  loadPortMbufSize,
  loadTxQueueBufferData,
  loadTxQueueBufferDesc,
  loadTxQueueBufferEntry,
  loadTxQueueBufferHi,
  loadTxQueueBufferLo,
  loadTxQueueDataHi,
  loadTxQueueDataLo,
  loadTxQueueEntriesUsed,
  loadTxQueueExamined,
  loadTxQueueListed,
  loadTxQueueUsed,
  PORT_WINDOW,
  storeTxQueueBufferData,
  storeTxQueueBufferDesc,
  storeTxQueueBufferEntry,
  storeTxQueueBufferHi,
  storeTxQueueBufferLo,
  storeTxQueueDataHi,
  storeTxQueueDataLo,
  storeTxQueueExamined,
  storeTxQueueListed,
  storeTxQueueUsed,
  TX_QUEUE_ALLOC,
} from './records';
import { alignedDesc, plainSpan, translateIn, windowOf } from './translate';

/** Most entries of alloc that are examined for one packet: as many as the buffers of a full burst. */
const MAX_LOOKED_AT: u32 = 320;

export function lesser(a: u32, b: u32): u32 {
  return a < b ? a : b;
}

/**
 * Lists usable buffers until there are `needed` that no packet uses, or alloc has no more, or too many entries were
 * examined for this packet. Returns how many there are, at most `needed`. Nothing is taken yet.
 * @param packets packets that are left in the burst, each of which needs a buffer at least
 */
export function gather(port: u32, q: u32, buffers: u32, needed: u32, packets: u32): u32 {
  let found: u32 = (loadTxQueueListed(q) - loadTxQueueUsed(q)) >>> 0;
  while (found < needed) {
    const examined: u32 = loadTxQueueExamined(q);
    const looked: u32 = (examined - loadTxQueueEntriesUsed(q)) >>> 0;
    if (examined >= buffers || looked >= MAX_LOOKED_AT) return found;
    const wanted: u32 = needed < packets ? packets : needed;
    const most: u32 = lesser((buffers - examined) >>> 0, (MAX_LOOKED_AT - looked) >>> 0);
    listBuffers(port, q, lesser((wanted - found) >>> 0, most));
    found = (loadTxQueueListed(q) - loadTxQueueUsed(q)) >>> 0;
  }
  return needed;
}

/** Returns the number of the entry of alloc after the next `found` buffers, or after all examined ones if it is 0. */
export function entryAfter(q: u32, found: u32): u32 {
  if (found === 0) return loadTxQueueExamined(q);
  return (loadTxQueueBufferEntry(q, (loadTxQueueUsed(q) + found - 1) >>> 0) + 1) >>> 0;
}

/** Examines the next `entries` entries of alloc, at most 64 with those listed already, and lists the usable ones. */
export function listBuffers(port: u32, q: u32, entries: u32): void {
  const first: u32 = (port + PORT_WINDOW) >>> 0;
  const examined: u32 = loadTxQueueExamined(q);
  const kept: u32 = dropUsed(q);
  const end: u32 = (kept + entries) >>> 0;
  // While an entry is examined, its number on alloc exceeds its place in the list by this much.
  const ahead: u32 = (examined - kept) >>> 0;
  let window: u32 = first;
  let at: u32 = kept;
  while (at < end) {
    at = findDescsIn(window, q, ahead, at, end);
    if (at === end) break;
    const lo: u32 = loadTxQueueBufferLo(q, at);
    const hi: u32 = loadTxQueueBufferHi(q, at);
    window = windowOf(port, lo, hi, DESC_BYTES);
    noteDesc(q, at, translateIn(window, lo, hi, DESC_BYTES));
    at++;
  }
  storeTxQueueListed(q, kept);
  at = kept;
  window = first;
  const size: u32 = loadPortMbufSize(port);
  while (at < end) {
    at = findDataIn(window, q, size, ahead, at, end);
    if (at === end) break;
    const lo: u32 = loadTxQueueDataLo(q);
    const hi: u32 = loadTxQueueDataHi(q);
    window = windowOf(port, lo, hi, size);
    const data: u32 = translateIn(window, lo, hi, size);
    if (data !== 0) append(q, loadTxQueueListed(q), at, (ahead + at) >>> 0, data);
    if (data !== 0) storeTxQueueListed(q, (loadTxQueueListed(q) + 1) >>> 0);
    at++;
  }
  storeTxQueueExamined(q, (examined + entries) >>> 0);
}

function noteDesc(q: u32, at: u32, place: u32): void {
  const desc: u32 = alignedDesc(place);
  storeTxQueueBufferDesc(q, at, desc);
  if (desc !== 0) prefetch(desc);
}

/**
 * Finds the descriptors of entries of alloc, up to the first that is not in this pool, whose number in the list it
 * returns. They lie in the cache of the host's CPU: prefetching all of them overlaps the waits. The loop keeps what it
 * needs in locals and calls nothing, as `findDataIn` does.
 */
function findDescsIn(window: u32, q: u32, ahead: u32, from: u32, end: u32): u32 {
  const baseLo: u32 = loadPoolWindowVaLo(window);
  const baseHi: u32 = loadPoolWindowVaHi(window);
  const span: u32 = plainSpan(window, DESC_BYTES);
  const toArena: u32 = (loadPoolWindowAddress(window) - baseLo) >>> 0;
  const base: u32 = loadFifoEndBase(q + TX_QUEUE_ALLOC);
  const len: u32 = loadFifoEndLen(q + TX_QUEUE_ALLOC);
  const index: u32 = (loadFifoEndIndex(q + TX_QUEUE_ALLOC) + ahead) >>> 0;
  for (let i: u32 = from; i < end; i++) {
    const slot: u32 = slotAt(base, len, (index + i) >>> 0);
    const lo: u32 = load32(slot);
    const hi: u32 = load32(slot + 4);
    storeTxQueueBufferLo(q, i, lo);
    storeTxQueueBufferHi(q, i, hi);
    if (hi !== baseHi || (lo - baseLo) >>> 0 >= span) return i;
    noteDesc(q, i, (lo + toArena) >>> 0);
  }
  return end;
}

/**
 * Finds the data of buffers, and lists those that have any, up to the first whose data are not in this pool. Puts that
 * one's address into `data_lo` and `data_hi`, and returns its number.
 */
function findDataIn(window: u32, q: u32, size: u32, ahead: u32, from: u32, end: u32): u32 {
  const baseLo: u32 = loadPoolWindowVaLo(window);
  const baseHi: u32 = loadPoolWindowVaHi(window);
  const span: u32 = plainSpan(window, size);
  const toArena: u32 = (loadPoolWindowAddress(window) - baseLo) >>> 0;
  let listed: u32 = loadTxQueueListed(q);
  let i: u32 = from;
  for (; i < end; i++) {
    const desc: u32 = loadTxQueueBufferDesc(q, i);
    if (desc === 0) continue;
    const lo: u32 = loadDescDataLo(desc);
    const hi: u32 = loadDescDataHi(desc);
    if (hi !== baseHi || (lo - baseLo) >>> 0 >= span) {
      storeTxQueueDataLo(q, lo);
      storeTxQueueDataHi(q, hi);
      break;
    }
    append(q, listed, i, (ahead + i) >>> 0, (lo + toArena) >>> 0);
    listed++;
  }
  storeTxQueueListed(q, listed);
  return i;
}

/** Puts the buffer that was examined at place `from` into the list at place `to`, which is not after it. */
function append(q: u32, to: u32, from: u32, entry: u32, data: u32): void {
  storeTxQueueBufferData(q, to, data);
  storeTxQueueBufferEntry(q, to, entry);
  if (to === from) return;
  storeTxQueueBufferDesc(q, to, loadTxQueueBufferDesc(q, from));
  storeTxQueueBufferLo(q, to, loadTxQueueBufferLo(q, from));
  storeTxQueueBufferHi(q, to, loadTxQueueBufferHi(q, from));
}

/** Removes from the list the buffers that packets use. Returns how many are left: fewer than one packet needs. */
function dropUsed(q: u32): u32 {
  const used: u32 = loadTxQueueUsed(q);
  const kept: u32 = (loadTxQueueListed(q) - used) >>> 0;
  for (let i: u32 = 0; i < kept; i++) {
    const at: u32 = (used + i) >>> 0;
    storeTxQueueBufferDesc(q, i, loadTxQueueBufferDesc(q, at));
    storeTxQueueBufferData(q, i, loadTxQueueBufferData(q, at));
    storeTxQueueBufferLo(q, i, loadTxQueueBufferLo(q, at));
    storeTxQueueBufferHi(q, i, loadTxQueueBufferHi(q, at));
    storeTxQueueBufferEntry(q, i, loadTxQueueBufferEntry(q, at));
  }
  storeTxQueueUsed(q, 0);
  return kept;
}
