/**
 * Mempools: a stack of free mbufs under a spin lock, which is taken once for each bulk. Loop dialect.
 * In the watched build nobody may touch a free mbuf, including its head, or ever the guard after a
 * data room.
 */
import { add32, compareExchange32, load32, protect, store32, storeRelease32 } from '#mem';
import { DRIVER_ONLY, NO_RIGHTS } from '../../shared/loops/rights';
import { bufferEntryOf, countRefusedFree, mbufEntryOf } from './mempoolTable';
import {
  loadMbufAttachedTo,
  loadMbufNext,
  loadMbufPool,
  loadMbufRefcnt,
  loadMbufRoomBytes,
  loadMempoolAvailable,
  loadMempoolRoomBytes,
  loadMempoolSize,
  MBUF_BYTES,
  MBUF_REFCNT,
  MEMPOOL_BYTES,
  MEMPOOL_LOCK,
  storeMbufAttachedTo,
  storeMbufDataRoom,
  storeMbufNext,
  storeMbufRefcnt,
  storeMbufRoomBytes,
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
  storeMbufRefcnt(mbuf, 1);
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
    storeMbufRefcnt(mbuf, 0);
    seal(mbuf);
  }
  lock(pool);
  const available: u32 = loadMempoolAvailable(pool);
  for (let i: u32 = 0; i < count; i++) store32(entry(pool, (available + i) >>> 0), load32(from + ((i << 2) >>> 0)));
  storeMempoolAvailable(pool, (available + count) >>> 0);
  unlock(pool);
}

/** Drops one reference. Returns true if it was the last one: the mbuf is the caller's then. */
function dropReference(mbuf: u32): bool {
  if (loadMbufRefcnt(mbuf) !== 1) return add32(mbuf + MBUF_REFCNT, 0xffffffff) === 1;
  storeMbufRefcnt(mbuf, 0);
  return true;
}

/**
 * Detaches an mbuf from the buffer whose data room it used: it has its own again. Drops the reference to that buffer,
 * and if that is an mbuf which nobody holds any more, puts it in front of the chain `given`. Returns the chain.
 */
function detachMbuf(mbuf: u32, given: u32): u32 {
  const buffer: u32 = loadMbufAttachedTo(mbuf);
  const pool: u32 = loadMbufPool(mbuf);
  storeMbufAttachedTo(mbuf, 0);
  storeMbufDataRoom(mbuf, (mbuf + MBUF_BYTES) >>> 0);
  storeMbufRoomBytes(mbuf, loadMempoolRoomBytes(pool));
  if (bufferEntryOf(buffer) === 0) {
    countRefusedFree();
    return given;
  }
  // Its application holds a reference to an external buffer, so the last one is never given up here.
  if (!dropReference(buffer) || loadMbufPool(buffer) === 0) return given;
  storeMbufNext(buffer, given);
  return buffer;
}

/**
 * Drops one reference to each segment of a packet, whose head is in use. Puts those that nobody holds any more in
 * front of the chain `given`, and leaves the others as they are. Returns the chain. A segment without references ends
 * the walk, as in a chain that loops, so that each is freed once; so does an address that is no mbuf.
 */
export function mbufRetire(head: u32, given: u32): u32 {
  let chain: u32 = given;
  let mbuf: u32 = head;
  while (mbuf !== 0) {
    const next: u32 = loadMbufNext(mbuf);
    if (dropReference(mbuf)) {
      if (loadMbufAttachedTo(mbuf) !== 0) chain = detachMbuf(mbuf, chain);
      storeMbufNext(mbuf, chain);
      chain = mbuf;
    }
    if (next !== 0 && mbufEntryOf(next) === 0) {
      countRefusedFree();
      break;
    }
    mbuf = next;
  }
  return chain;
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
 * Drops one reference to each segment of a packet. Those that nobody holds any more go back to the pools that they
 * came from. 0 is no packet. An address at which no mbuf in use starts is refused and counted, as the first segment and
 * as any other.
 */
export function mbufFree(mbuf: u32): void {
  if (mbuf === 0) return;
  if (mbufEntryOf(mbuf) === 0) {
    countRefusedFree();
    return;
  }
  mempoolGiveChain(mbufRetire(mbuf, 0));
}
