/** Frames to the guest: copied into chains of the host's buffers on rx (sections 7, 8 and 12). Loop dialect. */
import { copy, load8, protect } from '#mem';
import { countUp, NO_FAULT } from '../../../shared/loops/counter';
import { fifoFill, fifoPublishWrite } from '../../../shared/loops/fifo';
import {
  DESC_BYTES,
  FEATURE_VLAN_OFFLOAD,
  MAX_SEGMENTS,
  MIN_PACKET_BYTES,
  OL_RX_VLAN,
  storeDescDataLen,
  storeDescNbSegs,
  storeDescNextHi,
  storeDescNextLo,
  storeDescOlFlags,
  storeDescPktLen,
  storeDescVlanTci,
} from '../../../shared/loops/layout';
import { DRIVER_READ, HOST_ONLY } from '../../../shared/loops/rights';
import { loadFifoEndLen } from '../../../shared/loops/records';
import {
  HOST_RX_QUEUE_BYTES,
  HOST_RX_QUEUE_PACKETS,
  HOST_RX_QUEUE_RX,
  LIFE_LIVE,
  loadHostBufferData,
  loadHostBufferDesc,
  loadHostBufferDescHi,
  loadHostBufferDescLo,
  loadHostPortDetached,
  loadHostPortFeatures,
  loadHostPortLinkUp,
  loadHostPortLife,
  loadHostPortMaxRxPktLen,
  loadHostPortMbufSize,
  loadHostPortPaused,
  loadHostPortRemoved,
  loadHostPortRxLimit,
  loadHostPortRxOut,
  loadHostPortRxQueues,
  loadHostPortRxRecords,
  loadHostPortRxSegmentBytes,
  loadHostPortRxStage,
  loadHostPortStackCount,
  loadHostRxQueueOut,
  loadHostRxQueuePut,
  loadHostRxQueueQueue,
  loadHostRxQueueStaged,
  loadHostRxQueueTaken,
  PLACE_RX,
  PORT_COUNTERS_RX_DROP_DETACHED,
  PORT_COUNTERS_RX_DROP_INDEX_CORRUPT,
  PORT_COUNTERS_RX_DROP_LINK_DOWN,
  PORT_COUNTERS_RX_DROP_NO_BUFFERS,
  PORT_COUNTERS_RX_DROP_NOT_CONFIGURED,
  PORT_COUNTERS_RX_DROP_PAUSED,
  PORT_COUNTERS_RX_DROP_REMOVED,
  PORT_COUNTERS_RX_DROP_RING_FULL,
  PORT_COUNTERS_RX_DROP_TOO_LONG,
  PORT_COUNTERS_RX_DROP_TOO_MANY_SEGMENTS,
  PORT_COUNTERS_RX_DROP_TOO_SHORT,
  PORT_COUNTERS_RX_OFFERED,
  storeHostBufferChain,
  storeHostBufferFirst,
  storeHostBufferPlace,
  storeHostBufferQueue,
  storeHostBufferSequence,
  storeHostPortRxOut,
  storeHostRxQueueOut,
  storeHostRxQueuePut,
  storeHostRxQueueStaged,
} from './records';
import { countAt, lesser, restoreBuffer, takeBuffer } from './buffers';
import { observeRx } from './takeBack';
import { flowHash } from './flowHash';

/** Bits of the hash that select the queue: as many as an indirection table of 128 entries uses. */
const FLOW_BITS: u32 = 127;
const TAG_BYTES: u32 = 4;
const TAG_OFFSET: u32 = 12;
const MIN_TAGGED_BYTES: u32 = 18;
const TPID: u32 = 0x8100;

function wire16(at: u32): u32 {
  return ((load8(at) << 8) | load8(at + 1)) >>> 0;
}

/** Returns `NO_FAULT` while the port takes frames, else the counter of the reason why it takes none. */
export function shut(port: u32): u32 {
  if (loadHostPortRemoved(port) !== 0) return PORT_COUNTERS_RX_DROP_REMOVED;
  if (loadHostPortPaused(port) !== 0) return PORT_COUNTERS_RX_DROP_PAUSED;
  if (loadHostPortDetached(port) !== 0) return PORT_COUNTERS_RX_DROP_DETACHED;
  if (loadHostPortLife(port) !== LIFE_LIVE || loadHostPortRxQueues(port) === 0)
    return PORT_COUNTERS_RX_DROP_NOT_CONFIGURED;
  return loadHostPortLinkUp(port) === 0 ? PORT_COUNTERS_RX_DROP_LINK_DOWN : NO_FAULT;
}

/** Returns how many pieces of `size` bytes hold `bytes` bytes, at least 1. */
function piecesOf(bytes: u32, size: u32): u32 {
  // Most frames take one piece, and a division is slow.
  if (bytes <= size) return 1;
  const full: u32 = (((bytes - 1) >>> 0) / size) >>> 0;
  return (full + 1) >>> 0;
}

/** Returns the bytes per segment: as set, or more if the packet would exceed `MAX_SEGMENTS`. */
function segmentBytes(port: u32, bytes: u32): u32 {
  const wanted: u32 = loadHostPortRxSegmentBytes(port);
  if (bytes <= wanted) return wanted;
  const least: u32 = piecesOf(bytes, MAX_SEGMENTS);
  return wanted < least ? least : wanted;
}

/**
 * Takes a frame from the switch. Puts it into buffers and a slot of rx, which the guest sees after the
 * next `flushRx`, or counts its drop. The frame lies in host memory, so it does not change meanwhile.
 */
export function deliverFrame(port: u32, address: u32, bytes: u32): void {
  countAt(port, PORT_COUNTERS_RX_OFFERED, 1);
  const closed: u32 = shut(port);
  const cause: u32 = closed === NO_FAULT ? accept(port, address, bytes) : closed;
  if (cause !== NO_FAULT) countAt(port, cause, 1);
}

/** Puts a frame into buffers while the port is not shut. Returns `NO_FAULT`, or the counter of the drop. */
export function accept(port: u32, address: u32, bytes: u32): u32 {
  if (bytes < MIN_PACKET_BYTES) return PORT_COUNTERS_RX_DROP_TOO_SHORT;
  const negotiated: bool = (loadHostPortFeatures(port) & FEATURE_VLAN_OFFLOAD) !== 0;
  const tagged: bool = negotiated && bytes >= MIN_TAGGED_BYTES && wire16(address + TAG_OFFSET) === TPID;
  const length: u32 = tagged ? (bytes - TAG_BYTES) >>> 0 : bytes;
  if (length > loadHostPortMaxRxPktLen(port)) return PORT_COUNTERS_RX_DROP_TOO_LONG;
  const size: u32 = segmentBytes(port, length);
  if (size > loadHostPortMbufSize(port)) return PORT_COUNTERS_RX_DROP_TOO_MANY_SEGMENTS;
  const segments: u32 = piecesOf(length, size);
  const queue: u32 = hostRxQueueAt(port, queueFor(address, bytes, loadHostPortRxQueues(port)));
  const full: u32 = makeRoom(queue);
  if (full !== NO_FAULT) return full;
  if (!hasBuffers(port, segments)) return PORT_COUNTERS_RX_DROP_NO_BUFFERS;
  const first: u32 = fillChain(port, queue, address, tagged, length, size);
  fillSlot(queue, first, 0);
  stage(port, queue, 1, segments);
  return NO_FAULT;
}

/** Returns the index of the queue for a frame's flow. Skips the hash if there is only one queue. */
function queueFor(address: u32, bytes: u32, queues: u32): u32 {
  return queues === 1 ? 0 : (((flowHash(address, bytes) & FLOW_BITS) >>> 0) % queues) >>> 0;
}

/** Returns the `host_rx_queue` of a queue. */
export function hostRxQueueAt(port: u32, index: u32): u32 {
  return (loadHostPortRxRecords(port) + ((index * HOST_RX_QUEUE_BYTES) >>> 0)) >>> 0;
}

/** True if the limit of rx and the pool allow `segments` more buffers. */
export function hasBuffers(port: u32, segments: u32): bool {
  const out: u32 = loadHostPortRxOut(port);
  const limit: u32 = loadHostPortRxLimit(port);
  return out < limit && segments <= (limit - out) >>> 0 && segments <= loadHostPortStackCount(port);
}

/** Returns `NO_FAULT` where a slot is free, else the counter of the drop. It loads the guest's index only if it must. */
export function makeRoom(queue: u32): u32 {
  const last: u32 = (loadFifoEndLen(queue + HOST_RX_QUEUE_RX) - 1) >>> 0;
  if ((loadHostRxQueuePut(queue) - loadHostRxQueueTaken(queue)) >>> 0 < last) return NO_FAULT;
  if (!observeRx(queue)) return PORT_COUNTERS_RX_DROP_INDEX_CORRUPT;
  const waiting: u32 = (loadHostRxQueuePut(queue) - loadHostRxQueueTaken(queue)) >>> 0;
  return waiting < last ? NO_FAULT : PORT_COUNTERS_RX_DROP_RING_FULL;
}

/** Copies a frame into a chain and grants the guest read rights. Returns the first buffer. */
function fillChain(port: u32, queue: u32, address: u32, tagged: bool, length: u32, size: u32): u32 {
  const first: u32 = takeBuffer(port);
  let buffer: u32 = first;
  let done: u32 = 0;
  while (done < length) {
    const part: u32 = lesser(size, (length - done) >>> 0);
    copyFrame(loadHostBufferData(buffer), address, tagged, done, part);
    done = (done + part) >>> 0;
    const next: u32 = done < length ? takeBuffer(port) : 0;
    restoreBuffer(buffer);
    link(buffer, next, part);
    storeHostBufferPlace(buffer, PLACE_RX);
    storeHostBufferQueue(buffer, loadHostRxQueueQueue(queue));
    if (buffer === first) describePacket(first, address, tagged, length, size);
    protect(loadHostBufferDesc(buffer), DESC_BYTES, (DRIVER_READ | HOST_ONLY) >>> 0);
    protect(loadHostBufferData(buffer), loadHostPortMbufSize(port), (DRIVER_READ | HOST_ONLY) >>> 0);
    buffer = next;
  }
  return first;
}

function link(buffer: u32, next: u32, part: u32): void {
  const desc: u32 = loadHostBufferDesc(buffer);
  storeDescDataLen(desc, part);
  storeHostBufferChain(buffer, next);
  if (next === 0) return;
  storeDescNextLo(desc, loadHostBufferDescLo(next));
  storeDescNextHi(desc, loadHostBufferDescHi(next));
}

/** Writes the fields of the first descriptor: segment count, packet length, VLAN tag. */
function describePacket(first: u32, address: u32, tagged: bool, length: u32, size: u32): void {
  const desc: u32 = loadHostBufferDesc(first);
  storeDescNbSegs(desc, piecesOf(length, size));
  storeDescPktLen(desc, length);
  if (!tagged) return;
  storeDescOlFlags(desc, OL_RX_VLAN);
  storeDescVlanTci(desc, wire16(address + TAG_OFFSET + 2));
}

/** Copies `bytes` bytes from offset `from` of the frame without its tag, if `tagged`. */
function copyFrame(to: u32, address: u32, tagged: bool, from: u32, bytes: u32): void {
  const ahead: u32 = tagged && from < TAG_OFFSET ? lesser(bytes, (TAG_OFFSET - from) >>> 0) : 0;
  const skipped: u32 = tagged ? TAG_BYTES : 0;
  if (ahead !== 0) copy(to, address + from, ahead);
  copy(to + ahead, address + from + ahead + skipped, (bytes - ahead) >>> 0);
}

/** Puts a chain's first buffer into the slot `ahead` slots after the staged ones. */
export function fillSlot(queue: u32, first: u32, ahead: u32): void {
  storeHostBufferFirst(first, 1);
  storeHostBufferSequence(first, (loadHostRxQueuePut(queue) + ahead) >>> 0);
  fifoFill(
    queue + HOST_RX_QUEUE_RX,
    (loadHostRxQueueStaged(queue) + ahead) >>> 0,
    loadHostBufferDescLo(first),
    loadHostBufferDescHi(first),
  );
}

/** Stages filled slots for the next `flushRx`, which it calls if the limit is reached. */
export function stage(port: u32, queue: u32, packets: u32, segments: u32): void {
  const staged: u32 = (loadHostRxQueueStaged(queue) + packets) >>> 0;
  storeHostRxQueuePut(queue, (loadHostRxQueuePut(queue) + packets) >>> 0);
  storeHostRxQueueStaged(queue, staged);
  storeHostRxQueueOut(queue, (loadHostRxQueueOut(queue) + segments) >>> 0);
  storeHostPortRxOut(port, (loadHostPortRxOut(port) + segments) >>> 0);
  countUp(queue + HOST_RX_QUEUE_PACKETS, packets);
  if (staged >= loadHostPortRxStage(port)) flushRx(queue);
}

/** Publishes all staged slots to the guest at once. */
export function flushRx(queue: u32): void {
  const staged: u32 = loadHostRxQueueStaged(queue);
  if (staged === 0) return;
  storeHostRxQueueStaged(queue, 0);
  fifoPublishWrite(queue + HOST_RX_QUEUE_RX, staged);
}
