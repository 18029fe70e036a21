/**
 * The host's packet buffers: the pool, and the lookup of a buffer's record by the address that the guest
 * names. Loop dialect.
 */
import { copy, copy16, load32, protect, store32 } from '#mem';
import { countUp } from '../../../shared/loops/counter';
import {
  DESC_BYTES,
  DESC_OL_FLAGS,
  loadDescDataHi,
  loadDescDataLo,
  storeDescDataHi,
  storeDescDataLo,
  storeDescPktMbufHi,
  storeDescPktMbufLo,
} from '../../../shared/loops/layout';
import { HOST_ONLY } from '../../../shared/loops/rights';
import {
  HOST_BUFFER_EMPTY,
  HOST_POOL_BYTES,
  HOST_PORT_POOL,
  loadHostBufferChain,
  loadHostBufferData,
  loadHostBufferDesc,
  loadHostBufferDescHi,
  loadHostBufferDescLo,
  loadHostBufferPlace,
  loadHostBufferQueue,
  loadHostPoolBaseHi,
  loadHostPoolBaseLo,
  loadHostPoolFirst,
  loadHostPoolLength,
  loadHostPoolRecords,
  loadHostPoolStride,
  loadHostPortCounters,
  loadHostPortJunk,
  loadHostPortJunkAt,
  loadHostPortMbufSize,
  loadHostPortPoolCount,
  loadHostPortStack,
  loadHostPortStackCount,
  PLACE_LENT,
  PLACE_POOL,
  storeHostBufferChain,
  storeHostBufferPlace,
  storeHostPortJunkAt,
  storeHostPortStackCount,
} from './records';

/** A `host_buffer` has 64 bytes. */
const RECORD_SHIFT: u32 = 6;
/** Offset in a descriptor of the 32 bytes that `host_buffer.empty` holds. */
const EMPTY_FROM: u32 = (DESC_OL_FLAGS - 2) >>> 0;

/** Number of start offsets in the block of junk, which is this much longer than the longest buffer. */
export const JUNK_STARTS: u32 = 4096;
/** Step between start offsets: 4 times an odd number, so that every multiple of 4 below `JUNK_STARTS` is used. */
const JUNK_STEP: u32 = 2684;

function bufferIn(pool: u32, lo: u32, hi: u32): u32 {
  const baseLo: u32 = loadHostPoolBaseLo(pool);
  // A lower half below the base's means that a 4 GiB boundary lies between the two.
  const carry: u32 = lo < baseLo ? 1 : 0;
  const offset: u32 = (lo - baseLo) >>> 0;
  if ((loadHostPoolBaseHi(pool) + carry) >>> 0 !== hi || offset >= loadHostPoolLength(pool)) return 0;
  const first: u32 = loadHostPoolFirst(pool);
  if (offset < first) return 0;
  const within: u32 = (offset - first) >>> 0;
  const stride: u32 = loadHostPoolStride(pool);
  const index: u32 = (within / stride) >>> 0;
  if ((index * stride) >>> 0 !== within) return 0;
  return (loadHostPoolRecords(pool) + ((index << RECORD_SHIFT) >>> 0)) >>> 0;
}

/** Returns the record of the buffer whose descriptor starts at a host virtual address, 0 if there is none. */
export function bufferAt(port: u32, lo: u32, hi: u32): u32 {
  const pools: u32 = loadHostPortPoolCount(port);
  let pool: u32 = (port + HOST_PORT_POOL) >>> 0;
  for (let i: u32 = 0; i < pools; i++) {
    const found: u32 = bufferIn(pool, lo, hi);
    if (found !== 0) return found;
    pool = (pool + HOST_POOL_BYTES) >>> 0;
  }
  return 0;
}

/** Withdraws the guest's rights to a buffer, so that its contents no longer change. */
export function withdrawRights(port: u32, buffer: u32): void {
  protect(loadHostBufferDesc(buffer), DESC_BYTES, HOST_ONLY);
  protect(loadHostBufferData(buffer), loadHostPortMbufSize(port), HOST_ONLY);
}

/** Pushes a buffer onto the pool. It must be linked to no chain and marked as first of none. */
export function returnBuffer(port: u32, buffer: u32): void {
  const count: u32 = loadHostPortStackCount(port);
  storeHostBufferPlace(buffer, PLACE_POOL);
  store32(loadHostPortStack(port) + ((count << 2) >>> 0), buffer);
  storeHostPortStackCount(port, (count + 1) >>> 0);
}

/** Returns the buffer `depth` below the top of the pool; `depth` must be less than the pool's count. */
export function peekBuffer(port: u32, depth: u32): u32 {
  const at: u32 = (loadHostPortStackCount(port) - 1 - depth) >>> 0;
  return load32(loadHostPortStack(port) + ((at << 2) >>> 0));
}

/** Removes `count` buffers from the top of the pool, after `peekBuffer`. */
export function dropBuffers(port: u32, count: u32): void {
  storeHostPortStackCount(port, (loadHostPortStackCount(port) - count) >>> 0);
}

/** Pops a buffer off the pool. Returns 0 if the pool is empty. */
export function takeBuffer(port: u32): u32 {
  const count: u32 = loadHostPortStackCount(port);
  if (count === 0) return 0;
  const left: u32 = (count - 1) >>> 0;
  const buffer: u32 = load32(loadHostPortStack(port) + ((left << 2) >>> 0));
  storeHostPortStackCount(port, left);
  return buffer;
}

/** Returns a chain, rights already withdrawn, to the pool. Returns the number of its buffers. */
export function returnChain(port: u32, first: u32): u32 {
  let count: u32 = 0;
  let buffer: u32 = first;
  while (buffer !== 0) {
    const next: u32 = loadHostBufferChain(buffer);
    storeHostBufferChain(buffer, 0);
    returnBuffer(port, buffer);
    count = (count + 1) >>> 0;
    buffer = next;
  }
  return count;
}

/** Returns where the empty descriptor in a buffer's record would begin; only its 32 stored bytes exist. */
export function emptyDesc(buffer: u32): u32 {
  return (buffer + HOST_BUFFER_EMPTY - EMPTY_FROM) >>> 0;
}

/** Writes the descriptor of an empty buffer (section 7); `pkt_mbuf` stays. */
export function restoreBuffer(buffer: u32): void {
  const to: u32 = (loadHostBufferDesc(buffer) + EMPTY_FROM) >>> 0;
  const from: u32 = (buffer + HOST_BUFFER_EMPTY) >>> 0;
  copy16(to, from);
  copy16(to + 16, (from + 16) >>> 0);
}

/** Fills an empty buffer with junk, except for `data` and `pkt_mbuf`: a guest may rely on nothing else (section 7). */
export function poisonBuffer(port: u32, buffer: u32): void {
  const desc: u32 = loadHostBufferDesc(buffer);
  const junk: u32 = loadHostPortJunk(port);
  const start: u32 = loadHostPortJunkAt(port);
  copy(desc, junk + start, DESC_BYTES);
  copy(loadHostBufferData(buffer), junk + start, loadHostPortMbufSize(port));
  storeHostPortJunkAt(port, ((start + JUNK_STEP) & (JUNK_STARTS - 1)) >>> 0);
  storeDescDataLo(desc, loadDescDataLo(emptyDesc(buffer)));
  storeDescDataHi(desc, loadDescDataHi(emptyDesc(buffer)));
  nameBuffer(buffer);
}

/** Writes `pkt_mbuf`, the host's own reference: the descriptor's host virtual address. */
export function nameBuffer(buffer: u32): void {
  const desc: u32 = loadHostBufferDesc(buffer);
  storeDescPktMbufLo(desc, loadHostBufferDescLo(buffer));
  storeDescPktMbufHi(desc, loadHostBufferDescHi(buffer));
}

/** Adds to a counter of the port; `counter` is an offset in `port_counters`. */
export function countAt(port: u32, counter: u32, amount: u32): void {
  countUp(loadHostPortCounters(port) + counter, amount);
}

export function lesser(a: u32, b: u32): u32 {
  return a < b ? a : b;
}

/** True if the buffer is lent through this queue's alloc, still on it or not. */
export function isLent(buffer: u32, queue: u32): bool {
  return loadHostBufferPlace(buffer) === PLACE_LENT && loadHostBufferQueue(buffer) === queue;
}
