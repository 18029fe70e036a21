/**
 * Mempools: a stack of free mbufs under a spin lock, which is taken once for each bulk. Loop dialect.
 * In the watched build nobody may touch a free mbuf, including its head, or ever the guard after a
 * data room.
 */
import { compareExchange32, load32, protect, store32, storeRelease32 } from '#mem';
import { DRIVER_ONLY, NO_RIGHTS } from '../../shared/loops/rights';
import { countRefusedFree, mbufEntryOf } from './mempoolTable';
import {
  loadMbufNext,
  loadMbufPool,
  loadMbufRoomBytes,
  loadMempoolAvailable,
  loadMempoolRoomBytes,
  loadMempoolSize,
  MBUF_BYTES,
  MEMPOOL_BYTES,
  MEMPOOL_LOCK,
  storeMbufInUse,
  storeMbufNext,
  storeMempoolAvailable,
} from './records';

function lock(pool: u32): void {
  while (compareExchange32(pool + MEMPOOL_LOCK, 0, 1) !== 0) {}
}

function unlock(pool: u32): void {
  storeRelease32(pool + MEMPOOL_LOCK, 0);
}

function entry(pool: u32, index: u32): u32 {
  return (pool + MEMPOOL_BYTES + ((index << 2) >>> 0)) >>> 0;
}

function seal(mbuf: u32): void {
  protect(mbuf, (MBUF_BYTES + loadMbufRoomBytes(mbuf)) >>> 0, NO_RIGHTS);
}

function handOut(pool: u32, mbuf: u32): void {
  protect(mbuf, (MBUF_BYTES + loadMempoolRoomBytes(pool)) >>> 0, DRIVER_ONLY);
  storeMbufInUse(mbuf, 1);
}

/** Takes up to `count` mbufs and stores their addresses from `to` on. Returns how many it took. */
export function mempoolTake(pool: u32, to: u32, count: u32): u32 {
  lock(pool);
  const available: u32 = loadMempoolAvailable(pool);
  const taken: u32 = count < available ? count : available;
  const left: u32 = (available - taken) >>> 0;
  for (let i: u32 = 0; i < taken; i++) store32(to + ((i << 2) >>> 0), load32(entry(pool, (left + i) >>> 0)));
  storeMempoolAvailable(pool, left);
  unlock(pool);
  for (let i: u32 = 0; i < taken; i++) handOut(pool, load32(to + ((i << 2) >>> 0)));
  return taken;
}

/** Takes one mbuf. Returns 0 if the pool is empty. */
export function mempoolTakeOne(pool: u32): u32 {
  lock(pool);
  const available: u32 = loadMempoolAvailable(pool);
  let mbuf: u32 = 0;
  if (available > 0) {
    const left: u32 = (available - 1) >>> 0;
    mbuf = load32(entry(pool, left));
    storeMempoolAvailable(pool, left);
  }
  unlock(pool);
  if (mbuf !== 0) handOut(pool, mbuf);
  return mbuf;
}

/** Frees `count` mbufs of this pool. Their addresses stand from `from` on. */
export function mempoolGive(pool: u32, from: u32, count: u32): void {
  if (count === 0) return;
  for (let i: u32 = 0; i < count; i++) {
    const mbuf: u32 = load32(from + ((i << 2) >>> 0));
    storeMbufInUse(mbuf, 0);
    seal(mbuf);
  }
  lock(pool);
  const available: u32 = loadMempoolAvailable(pool);
  for (let i: u32 = 0; i < count; i++) store32(entry(pool, (available + i) >>> 0), load32(from + ((i << 2) >>> 0)));
  storeMempoolAvailable(pool, (available + count) >>> 0);
  unlock(pool);
}

/**
 * Marks each segment of a chain, whose head is in use, as free and ends the chain after the last one.
 * Returns the last segment. The marks end the walk in a chain that loops, so that each segment is freed
 * once. An address that is no mbuf ends the walk too.
 */
export function mbufRetire(head: u32): u32 {
  let last: u32 = head;
  storeMbufInUse(last, 0);
  for (let next: u32 = loadMbufNext(last); next !== 0; next = loadMbufNext(last)) {
    if (mbufEntryOf(next) === 0) {
      countRefusedFree();
      break;
    }
    storeMbufInUse(next, 0);
    last = next;
  }
  storeMbufNext(last, 0);
  return last;
}

/** Returns the mbufs of a retired chain to their pools. A run of mbufs of one pool takes its lock once. */
export function mempoolGiveChain(head: u32): void {
  let mbuf: u32 = head;
  while (mbuf !== 0) {
    const pool: u32 = loadMbufPool(mbuf);
    const size: u32 = loadMempoolSize(pool);
    lock(pool);
    let available: u32 = loadMempoolAvailable(pool);
    while (mbuf !== 0) {
      if (loadMbufPool(mbuf) !== pool) break;
      const next: u32 = loadMbufNext(mbuf);
      // Full only if two threads freed one mbuf at the same time: nothing behind the stack may be overwritten.
      if (available < size) {
        store32(entry(pool, available), mbuf);
        available++;
      }
      seal(mbuf);
      mbuf = next;
    }
    storeMempoolAvailable(pool, available);
    unlock(pool);
  }
}

/**
 * Frees a packet: each segment goes back to the pool that it came from. 0 is no packet. An address at
 * which no mbuf in use starts is refused and counted, as the first segment and as any other.
 */
export function mbufFree(mbuf: u32): void {
  if (mbuf === 0) return;
  if (mbufEntryOf(mbuf) === 0) {
    countRefusedFree();
    return;
  }
  mbufRetire(mbuf);
  mempoolGiveChain(mbuf);
}
