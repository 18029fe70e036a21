/**
 * Packets from the guest: taken off tx and checked (sections 7, 8 and 12). Loop dialect.
 *
 * Every word of a descriptor is fetched once, after the guest's right to it has been withdrawn. A chain
 * is collected as far as the guest provably owns its buffers: lent through this queue's alloc and taken
 * off it. Each collected buffer goes back to the pool exactly once, whether the packet is valid or not.
 */
import { copy, load32, prefetch, store8 } from '#mem';
import { countUp, NO_FAULT } from '../../../shared/loops/counter';
import { FIFO_CORRUPT, fifoCount, fifoPublishRead, fifoSlot } from '../../../shared/loops/fifo';
import {
  FEATURE_VLAN_OFFLOAD,
  loadDescDataHi,
  loadDescDataLen,
  loadDescDataLo,
  loadDescNbSegs,
  loadDescNextHi,
  loadDescNextLo,
  loadDescOlFlags,
  loadDescPktLen,
  loadDescVlanTci,
  MAX_SEGMENTS,
  MIN_PACKET_BYTES,
  OL_TX_VLAN,
} from '../../../shared/loops/layout';
import {
  HOST_FRAME_BYTES,
  HOST_TX_QUEUE_PACKETS,
  HOST_TX_QUEUE_TX,
  loadHostBufferData,
  loadHostBufferDesc,
  loadHostBufferPlace,
  loadHostPortBurst,
  loadHostPortFeatures,
  loadHostPortFrameArea,
  loadHostPortFrameLast,
  loadHostPortFrames,
  loadHostPortMbufSize,
  loadHostPortStackCount,
  loadHostTxQueueLent,
  loadHostTxQueuePort,
  PLACE_TAKEN,
  PORT_COUNTERS_REFUSED_TX_INDEX,
  PORT_COUNTERS_TX_DROP_ADDRESS,
  PORT_COUNTERS_TX_DROP_CHAIN_LOOP,
  PORT_COUNTERS_TX_DROP_DATA_POINTER,
  PORT_COUNTERS_TX_DROP_NOT_LENT,
  PORT_COUNTERS_TX_DROP_PACKET_LENGTH,
  PORT_COUNTERS_TX_DROP_SEGMENT_COUNT,
  PORT_COUNTERS_TX_DROP_SEGMENT_LENGTH,
  PORT_COUNTERS_TX_DROP_TOO_SHORT,
  PORT_COUNTERS_TX_OFFERED,
  PORT_COUNTERS_TX_TAGS_DROPPED,
  storeHostBufferChain,
  storeHostBufferPlace,
  storeHostFrameAddress,
  storeHostFrameLength,
  storeHostPortBurst,
  storeHostPortFrameCount,
  storeHostTxQueueLent,
} from './records';
import { isGuests, observeAlloc } from './lend';
import { bufferAt, countAt, emptyDesc, lesser, returnBuffer, returnChain, withdrawRights } from './buffers';

/** Frames of a burst at most; the port's table has this many entries. */
export const BURST_FRAMES: u32 = 64;
/** Rounds up to a cache line, where each frame starts; its tag lies before. */
const LAST_OF_LINE: u32 = 63;
const TAG_BYTES: u32 = 4;
const TAG_OFFSET: u32 = 12;
/** The two bytes of the 802.1Q type. */
const TPID_HIGH: u32 = 0x81;
const TPID_LOW: u32 = 0x00;

/** Returns the packets on tx to take in this step, at most `budget`. Counts an invalid index. */
export function txWaiting(queue: u32, budget: u32): u32 {
  const filled: u32 = fifoCount(queue + HOST_TX_QUEUE_TX);
  if (filled === FIFO_CORRUPT) countAt(loadHostTxQueuePort(queue), PORT_COUNTERS_REFUSED_TX_INDEX, 1);
  // The guest moves `read` of alloc before `write` of tx. Reading them in the opposite order, the host
  // sees each buffer on tx as taken off alloc.
  if (filled === FIFO_CORRUPT || filled === 0 || !observeAlloc(queue)) return 0;
  return lesser(filled, budget);
}

/**
 * Fetches at most `most` slots of tx into the port's `burst`, as records of the buffers that they name.
 * Descriptors and data lie in the cache of the guest's CPU; prefetching them all overlaps the waits.
 * Returns the number of slots.
 */
export function fetchBurst(queue: u32, most: u32): u32 {
  const port: u32 = loadHostTxQueuePort(queue);
  const count: u32 = lesser(most, BURST_FRAMES);
  for (let i: u32 = 0; i < count; i++) {
    const slot: u32 = fifoSlot(queue + HOST_TX_QUEUE_TX, i);
    storeHostPortBurst(port, i, bufferAt(port, load32(slot), load32(slot + 4)));
  }
  for (let i: u32 = 0; i < count; i++) {
    const buffer: u32 = loadHostPortBurst(port, i);
    if (buffer === 0) continue;
    prefetch(loadHostBufferDesc(buffer));
    prefetch(loadHostBufferData(buffer));
  }
  return count;
}

/**
 * Takes packets of the `burst` off tx, from index `from` on, as many as the frame area holds. The valid ones
 * are in the port's `frames` until the next call. Returns the number of slots, which go back to the guest.
 * @param count number of slots in the burst.
 */
export function drainBurst(queue: u32, from: u32, count: u32): u32 {
  const port: u32 = loadHostTxQueuePort(queue);
  const last: u32 = loadHostPortFrameLast(port);
  const inPool: u32 = loadHostPortStackCount(port);
  let to: u32 = loadHostPortFrameArea(port);
  let frame: u32 = loadHostPortFrames(port);
  let at: u32 = from;
  let good: u32 = 0;
  while (at < count && to <= last) {
    const bytes: u32 = drainOne(queue, port, loadHostPortBurst(port, at), to, frame);
    at = (at + 1) >>> 0;
    if (bytes === 0) continue;
    good = (good + 1) >>> 0;
    frame = (frame + HOST_FRAME_BYTES) >>> 0;
    to = (to + (((bytes + TAG_BYTES + LAST_OF_LINE) & ~LAST_OF_LINE) >>> 0)) >>> 0;
  }
  const taken: u32 = (at - from) >>> 0;
  // Every buffer that came back had been lent through this queue.
  const back: u32 = (loadHostPortStackCount(port) - inPool) >>> 0;
  storeHostTxQueueLent(queue, (loadHostTxQueueLent(queue) - back) >>> 0);
  storeHostPortFrameCount(port, good);
  countAt(port, PORT_COUNTERS_TX_OFFERED, taken);
  countUp(queue + HOST_TX_QUEUE_PACKETS, good);
  if (taken !== 0) fifoPublishRead(queue + HOST_TX_QUEUE_TX, taken);
  return taken;
}

/**
 * Takes the packet whose first buffer has record `first`, copies it behind `to`, and writes its place into
 * `frame`. Returns the bytes of the packet, 0 if it was refused and counted.
 */
function drainOne(queue: u32, port: u32, first: u32, to: u32, frame: u32): u32 {
  if (first === 0) return refuse(port, PORT_COUNTERS_TX_DROP_ADDRESS);
  if (!isGuests(first, queue)) return refuse(port, PORT_COUNTERS_TX_DROP_NOT_LENT);
  withdrawRights(port, first);
  const desc: u32 = loadHostBufferDesc(first);
  const segments: u32 = loadDescNbSegs(desc);
  const bytes: u32 = loadDescPktLen(desc);
  const flags: u32 = loadDescOlFlags(desc);
  const tci: u32 = loadDescVlanTci(desc);
  const part: u32 = loadDescDataLen(desc);
  const nextLo: u32 = loadDescNextLo(desc);
  const nextHi: u32 = loadDescNextHi(desc);
  let cause: u32 = NO_FAULT;
  if (segments === 1 && part === bytes && nextLo === 0 && nextHi === 0) {
    cause = takeSegment(port, first, part, part, (to + TAG_BYTES) >>> 0);
    if (cause === NO_FAULT && bytes < MIN_PACKET_BYTES) cause = PORT_COUNTERS_TX_DROP_TOO_SHORT;
    returnBuffer(port, first);
  } else {
    storeHostBufferPlace(first, PLACE_TAKEN);
    cause = gather(queue, first, segments, bytes, part, nextLo, nextHi, (to + TAG_BYTES) >>> 0);
    returnChain(port, first);
  }
  if (cause !== NO_FAULT) return refuse(port, cause);
  finish(port, frame, to, bytes, flags, tci);
  return bytes;
}

function refuse(port: u32, cause: u32): u32 {
  countAt(port, cause, 1);
  return 0;
}

/**
 * Walks a chain from its first buffer, whose length and link are fetched already. Withdraws the rights to
 * each buffer and copies its data to `place`. Returns `NO_FAULT`, or the counter of the first fault; the walk
 * continues after a fault, because the rest of the chain has to come back too. It ends, because a buffer that
 * was visited is no longer lent.
 */
function gather(
  queue: u32,
  first: u32,
  segments: u32,
  bytes: u32,
  firstPart: u32,
  firstLo: u32,
  firstHi: u32,
  place: u32,
): u32 {
  const port: u32 = loadHostTxQueuePort(queue);
  let to: u32 = place;
  let part: u32 = firstPart;
  let nextLo: u32 = firstLo;
  let nextHi: u32 = firstHi;
  let left: u32 = bytes;
  let seen: u32 = 0;
  let buffer: u32 = first;
  let cause: u32 = segments === 0 || segments > MAX_SEGMENTS ? PORT_COUNTERS_TX_DROP_SEGMENT_COUNT : NO_FAULT;
  while (buffer !== 0) {
    seen = (seen + 1) >>> 0;
    if (cause === NO_FAULT && seen > segments) cause = PORT_COUNTERS_TX_DROP_SEGMENT_COUNT;
    if (cause === NO_FAULT) cause = takeSegment(port, buffer, part, left, to);
    if (cause === NO_FAULT) {
      to = (to + part) >>> 0;
      left = (left - part) >>> 0;
    }
    if (nextLo === 0 && nextHi === 0) break;
    const next: u32 = bufferAt(port, nextLo, nextHi);
    const wrong: u32 = checkLink(queue, next);
    if (wrong !== NO_FAULT) return cause === NO_FAULT ? wrong : cause;
    withdrawRights(port, next);
    storeHostBufferPlace(next, PLACE_TAKEN);
    storeHostBufferChain(buffer, next);
    buffer = next;
    const desc: u32 = loadHostBufferDesc(buffer);
    part = loadDescDataLen(desc);
    nextLo = loadDescNextLo(desc);
    nextHi = loadDescNextHi(desc);
  }
  if (cause !== NO_FAULT) return cause;
  if (seen !== segments) return PORT_COUNTERS_TX_DROP_SEGMENT_COUNT;
  if (left !== 0) return PORT_COUNTERS_TX_DROP_PACKET_LENGTH;
  return bytes < MIN_PACKET_BYTES ? PORT_COUNTERS_TX_DROP_TOO_SHORT : NO_FAULT;
}

/** Checks a segment and copies its data; `left` is how many bytes of the packet are still missing. */
function takeSegment(port: u32, buffer: u32, part: u32, left: u32, to: u32): u32 {
  const desc: u32 = loadHostBufferDesc(buffer);
  if (part === 0 || part > loadHostPortMbufSize(port)) return PORT_COUNTERS_TX_DROP_SEGMENT_LENGTH;
  const own: u32 = emptyDesc(buffer);
  if (loadDescDataLo(desc) !== loadDescDataLo(own) || loadDescDataHi(desc) !== loadDescDataHi(own))
    return PORT_COUNTERS_TX_DROP_DATA_POINTER;
  if (part > left) return PORT_COUNTERS_TX_DROP_PACKET_LENGTH;
  copy(to, loadHostBufferData(buffer), part);
  return NO_FAULT;
}

function checkLink(queue: u32, next: u32): u32 {
  if (next === 0) return PORT_COUNTERS_TX_DROP_ADDRESS;
  if (loadHostBufferPlace(next) === PLACE_TAKEN) return PORT_COUNTERS_TX_DROP_CHAIN_LOOP;
  return isGuests(next, queue) ? NO_FAULT : PORT_COUNTERS_TX_DROP_NOT_LENT;
}

/** Writes a frame's place. If VLAN offload is negotiated, inserts the tag after the two MAC addresses (section 12). */
function finish(port: u32, frame: u32, at: u32, bytes: u32, flags: u32, tci: u32): void {
  const tagged: bool = (flags & OL_TX_VLAN) !== 0;
  const negotiated: bool = (loadHostPortFeatures(port) & FEATURE_VLAN_OFFLOAD) !== 0;
  if (!tagged || !negotiated) {
    if (tagged) countAt(port, PORT_COUNTERS_TX_TAGS_DROPPED, 1);
    storeHostFrameAddress(frame, (at + TAG_BYTES) >>> 0);
    storeHostFrameLength(frame, bytes);
    return;
  }
  copy(at, at + TAG_BYTES, TAG_OFFSET);
  store8(at + TAG_OFFSET, TPID_HIGH);
  store8(at + TAG_OFFSET + 1, TPID_LOW);
  store8(at + TAG_OFFSET + 2, tci >>> 8);
  store8(at + TAG_OFFSET + 3, (tci & 0xff) >>> 0);
  storeHostFrameAddress(frame, at);
  storeHostFrameLength(frame, (bytes + TAG_BYTES) >>> 0);
}
