/**
 * Mempools: a stack of free mbufs under a spin lock, which is taken once for each bulk. Loop dialect.
 * In the watched build nobody may touch a free mbuf, including its head, or ever the guard after a
 * data room.
 */
import { add32, compareExchange32, load32, protect, store32, storeRelease32 } from '#mem';
import { DRIVER_ONLY, NO_RIGHTS } from '../../shared/loops/rights';
import { bufferEntryOf, countRefusedFree, isMbufInUse, mbufEntryOf } from './mempoolTable';
import {
  loadMbufAttachedTo,
  loadMbufNext,
  loadMbufPool,
  loadMbufRefcnt,
  loadMempoolAvailable,
  loadMempoolEntryMempool,
  loadMempoolFirst,
  loadMempoolInverseHi,
  loadMempoolInverseLo,
  loadMempoolRoomBytes,
  loadMempoolSize,
  loadMempoolStrideShift,
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

function stackSlot(pool: u32, index: u32): u32 {
  return (pool + MEMPOOL_BYTES + ((index << 2) >>> 0)) >>> 0;
}

/** @param room bytes of the data room of each mbuf of the pool. */
function seal(mbuf: u32, room: u32): void {
  protect(mbuf, (MBUF_BYTES + room) >>> 0, NO_RIGHTS);
}

function handOut(mbuf: u32, room: u32): void {
  protect(mbuf, (MBUF_BYTES + room) >>> 0, DRIVER_ONLY);
  storeMbufRefcnt(mbuf, 1);
}

/** Takes up to `count` mbufs and stores their addresses from `to` on. Returns how many it took. */
export function mempoolTake(pool: u32, to: u32, count: u32): u32 {
  lock(pool);
  const available: u32 = loadMempoolAvailable(pool);
  const taken: u32 = count < available ? count : available;
  const left: u32 = (available - taken) >>> 0;
  for (let i: u32 = 0; i < taken; i++) store32(to + ((i << 2) >>> 0), load32(stackSlot(pool, (left + i) >>> 0)));
  storeMempoolAvailable(pool, left);
  unlock(pool);
  const room: u32 = loadMempoolRoomBytes(pool);
  for (let i: u32 = 0; i < taken; i++) handOut(load32(to + ((i << 2) >>> 0)), room);
  return taken;
}

/** Takes one mbuf. Returns 0 if the pool is empty. */
export function mempoolTakeOne(pool: u32): u32 {
  lock(pool);
  const available: u32 = loadMempoolAvailable(pool);
  let mbuf: u32 = 0;
  if (available > 0) {
    const left: u32 = (available - 1) >>> 0;
    mbuf = load32(stackSlot(pool, left));
    storeMempoolAvailable(pool, left);
  }
  unlock(pool);
  if (mbuf !== 0) handOut(mbuf, loadMempoolRoomBytes(pool));
  return mbuf;
}

/** Frees `count` mbufs of this pool. Their addresses stand from `from` on. */
export function mempoolGive(pool: u32, from: u32, count: u32): void {
  if (count === 0) return;
  const end: u32 = (from + ((count << 2) >>> 0)) >>> 0;
  for (let at: u32 = from; at < end; at += 4) storeMbufRefcnt(load32(at), 0);
  giveRetired(pool, from, end);
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
    const room: u32 = loadMempoolRoomBytes(pool);
    lock(pool);
    let available: u32 = loadMempoolAvailable(pool);
    while (mbuf !== 0) {
      if (loadMbufPool(mbuf) !== pool) break;
      const next: u32 = loadMbufNext(mbuf);
      // Full only if two threads freed one mbuf at the same time: nothing behind the stack may be overwritten.
      if (available < size) {
        store32(stackSlot(pool, available), mbuf);
        available++;
      }
      seal(mbuf, room);
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

/** Frees the `count` packets whose addresses stand from `from` on, each as `mbufFree` does, under fewer locks. */
export function mbufFreeBulk(from: u32, count: u32): void {
  freePackets(from, count, true);
}

/**
 * Frees packets. All references are dropped before the first mbuf goes back to its pool, so that an address that stands
 * there twice is seen to be no mbuf in use any more. A run of one pool takes its lock once. 0 is no packet.
 * @param counted counts each address at which no mbuf in use starts
 */
export function freePackets(from: u32, count: u32, counted: bool): void {
  const end: u32 = (from + ((count << 2) >>> 0)) >>> 0;
  let given: u32 = 0;
  let at: u32 = from;
  while (at < end) {
    const mbuf: u32 = load32(at);
    const entry: u32 = mbuf === 0 ? 0 : mbufEntryOf(mbuf);
    const next: u32 = entry === 0 ? at : retireRun(loadMempoolEntryMempool(entry), at, end);
    if (at === from && next === end) {
      giveRetired(loadMempoolEntryMempool(entry), from, end);
      return;
    }
    if (next !== at) {
      given = chainRun(at, next, given);
      at = next;
      continue;
    }
    if (entry !== 0) given = mbufRetire(mbuf, given);
    else if (mbuf !== 0 && counted) countRefusedFree();
    at = (at + 4) >>> 0;
  }
  mempoolGiveChain(given);
}

/**
 * Drops the only reference to each of the packets from `from` on, up to the first one that is not of this pool, or has
 * several mbufs, or may be in use elsewhere. Returns where that one stands, or `end`. Keeps what it needs in locals and
 * calls nothing, so that it stays in registers.
 */
function retireRun(pool: u32, from: u32, end: u32): u32 {
  const first: u32 = loadMempoolFirst(pool);
  const size: u32 = loadMempoolSize(pool);
  const shift: u32 = loadMempoolStrideShift(pool);
  const inverseLo: u32 = loadMempoolInverseLo(pool);
  const inverseHi: u32 = loadMempoolInverseHi(pool);
  let at: u32 = from;
  for (; at < end; at += 4) {
    const mbuf: u32 = load32(at);
    if (!isMbufInUse(mbuf, pool, first, size, shift, inverseLo, inverseHi)) break;
    if (loadMbufRefcnt(mbuf) !== 1 || loadMbufNext(mbuf) !== 0 || loadMbufAttachedTo(mbuf) !== 0) break;
    storeMbufRefcnt(mbuf, 0);
  }
  return at;
}

/** Puts the retired mbufs from `from` to `end` in front of the chain `given`. Returns the chain. */
function chainRun(from: u32, end: u32, given: u32): u32 {
  let chain: u32 = given;
  for (let at: u32 = from; at < end; at += 4) {
    const mbuf: u32 = load32(at);
    storeMbufNext(mbuf, chain);
    chain = mbuf;
  }
  return chain;
}

/** Returns the retired mbufs from `from` to `end` to their pool. */
function giveRetired(pool: u32, from: u32, end: u32): void {
  const size: u32 = loadMempoolSize(pool);
  const room: u32 = loadMempoolRoomBytes(pool);
  lock(pool);
  let available: u32 = loadMempoolAvailable(pool);
  for (let at: u32 = from; at < end; at += 4) {
    const mbuf: u32 = load32(at);
    // Full only if two threads freed one mbuf at the same time: nothing behind the stack may be overwritten.
    if (available < size) {
      store32(stackSlot(pool, available), mbuf);
      available++;
    }
    seal(mbuf, room);
  }
  storeMempoolAvailable(pool, available);
  unlock(pool);
}
