/**
 * The host's packet buffers: its pool, and the way from an address that the guest names to the
 * host's own record of the buffer there. Loop dialect.
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

/** Records of buffers are 64 bytes: `index << 6`. */
const RECORD_SHIFT: u32 = 6;
/** Where in a descriptor the bytes of `host_buffer.empty` belong; they are 32. */
const EMPTY_FROM: u32 = (DESC_OL_FLAGS - 2) >>> 0;

/** Junk comes in a block of so many bytes more than the longest buffer; a start is within them. */
export const JUNK_STARTS: u32 = 4096;
/** Odd, so that every multiple of 4 below `JUNK_STARTS` has its turn. */
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

/** Record of the buffer whose descriptor starts at this host virtual address; 0 if none does. */
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

/** Withdraws the guest's rights: from here on what it wrote stays as it is. */
export function withdrawRights(port: u32, buffer: u32): void {
  protect(loadHostBufferDesc(buffer), DESC_BYTES, HOST_ONLY);
  protect(loadHostBufferData(buffer), loadHostPortMbufSize(port), HOST_ONLY);
}

/** Puts a buffer that nobody has back into the pool, where each is without a chain and no first. */
export function returnBuffer(port: u32, buffer: u32): void {
  const count: u32 = loadHostPortStackCount(port);
  storeHostBufferPlace(buffer, PLACE_POOL);
  store32(loadHostPortStack(port) + ((count << 2) >>> 0), buffer);
  storeHostPortStackCount(port, (count + 1) >>> 0);
}

/** The buffer that would be the next but `depth` to come out of the pool; `depth` is less than what is there. */
export function peekBuffer(port: u32, depth: u32): u32 {
  const at: u32 = (loadHostPortStackCount(port) - 1 - depth) >>> 0;
  return load32(loadHostPortStack(port) + ((at << 2) >>> 0));
}

/** Takes the buffers out of the pool that were peeked at, and have been handed out. */
export function dropBuffers(port: u32, count: u32): void {
  storeHostPortStackCount(port, (loadHostPortStackCount(port) - count) >>> 0);
}

/** Takes a buffer out of the pool, to be handed out at once; 0 where it is empty. */
export function takeBuffer(port: u32): u32 {
  const count: u32 = loadHostPortStackCount(port);
  if (count === 0) return 0;
  const left: u32 = (count - 1) >>> 0;
  const buffer: u32 = load32(loadHostPortStack(port) + ((left << 2) >>> 0));
  storeHostPortStackCount(port, left);
  return buffer;
}

/** Returns a chain that has been withdrawn; gives the number of its buffers. */
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

/** Where a buffer's empty descriptor would begin; only what the record holds of it is there. */
export function emptyDesc(buffer: u32): u32 {
  return (buffer + HOST_BUFFER_EMPTY - EMPTY_FROM) >>> 0;
}

/** Makes the descriptor what section 7 promises for an empty buffer; `pkt_mbuf` stays. */
export function restoreBuffer(buffer: u32): void {
  const to: u32 = (loadHostBufferDesc(buffer) + EMPTY_FROM) >>> 0;
  const from: u32 = (buffer + HOST_BUFFER_EMPTY) >>> 0;
  copy16(to, from);
  copy16(to + 16, (from + 16) >>> 0);
}

/** Fills an empty buffer with junk, all but `data` and `pkt_mbuf` (section 7: a guest must not rely on more). */
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

/** Writes the host's own reference, which the guest leaves alone: the descriptor's own address. */
export function nameBuffer(buffer: u32): void {
  const desc: u32 = loadHostBufferDesc(buffer);
  storeDescPktMbufLo(desc, loadHostBufferDescLo(buffer));
  storeDescPktMbufHi(desc, loadHostBufferDescHi(buffer));
}

/** Counts at the port; `counter` is an offset in `port_counters`. */
export function countAt(port: u32, counter: u32, amount: u32): void {
  countUp(loadHostPortCounters(port) + counter, amount);
}

export function lesser(a: u32, b: u32): u32 {
  return a < b ? a : b;
}

/** Whether a buffer is out through the alloc of this queue, be it still on it. */
export function isLent(buffer: u32, queue: u32): bool {
  return loadHostBufferPlace(buffer) === PLACE_LENT && loadHostBufferQueue(buffer) === queue;
}
