/**
 * From the guest: takes packets off tx, each checked before it is believed (sections 7, 8 and
 * 12). Loop dialect.
 *
 * Every word of a descriptor is fetched once, after the guest's right to it has been
 * withdrawn. A chain is collected as far as its buffers are provably the guest's: lent through
 * this queue's alloc and taken off it. What has been collected goes back to the pool once, packet good or bad.
 */
import { copy, store8 } from '#mem';
import { countUp } from '../../shared/counter';
import { FIFO_CORRUPT, fifoFilled, fifoPeekHi, fifoPeekLo, fifoPublishRead } from '../../shared/fifo';
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
} from '../../shared/layout';
import {
  HOST_TX_QUEUE_PACKETS,
  HOST_TX_QUEUE_TX,
  loadHostBufferData,
  loadHostBufferDataHi,
  loadHostBufferDataLo,
  loadHostBufferDesc,
  loadHostBufferPlace,
  loadHostPortFeatures,
  loadHostPortFrame,
  loadHostPortMbufSize,
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
  storeHostPortFrameAt,
  storeHostTxQueueLent,
} from './records';
import { isGuests, observeAlloc } from './ringsAlloc';
import { bufferAt, countAt, lesser, returnChain, withdrawBuffer } from './ringsBuffers';

const TAG_BYTES: u32 = 4;
const TAG_OFFSET: u32 = 12;
/** Both bytes of the 802.1Q type, as they stand in a frame. */
const TPID_HIGH: u32 = 0x81;
const TPID_LOW: u32 = 0x00;

/** No cause: the packet is good. Causes are offsets in `port_counters`, of which this is no drop's. */
const GOOD: u32 = 0;

/** Packets on tx that this step may take, at most `budget`; an index that can't be right is counted. */
export function txWaiting(queue: u32, budget: u32): u32 {
  const filled: u32 = fifoFilled(queue + HOST_TX_QUEUE_TX);
  if (filled === FIFO_CORRUPT) countAt(loadHostTxQueuePort(queue), PORT_COUNTERS_REFUSED_TX_INDEX, 1);
  // The guest moves `read` of alloc before `write` of tx: looked at in this order, it is seen far enough.
  if (filled === FIFO_CORRUPT || filled === 0 || !observeAlloc(queue)) return 0;
  return lesser(filled, budget);
}

/** Gives `taken` slots of tx back, once for the burst. */
export function txDone(queue: u32, taken: u32): void {
  if (taken !== 0) fifoPublishRead(queue + HOST_TX_QUEUE_TX, taken);
}

/**
 * Takes the packet `ahead` slots into tx and puts it together at `frame_at` of the port, tag
 * included. Gives the frame's length, 0 for a packet that was refused and counted.
 */
export function drainOne(queue: u32, ahead: u32): u32 {
  const port: u32 = loadHostTxQueuePort(queue);
  countAt(port, PORT_COUNTERS_TX_OFFERED, 1);
  const lo: u32 = fifoPeekLo(queue + HOST_TX_QUEUE_TX, ahead);
  const first: u32 = bufferAt(port, lo, fifoPeekHi(queue + HOST_TX_QUEUE_TX, ahead));
  if (first === 0) return refuse(port, PORT_COUNTERS_TX_DROP_ADDRESS);
  if (!isGuests(first, queue)) return refuse(port, PORT_COUNTERS_TX_DROP_NOT_LENT);
  withdrawBuffer(port, first);
  const desc: u32 = loadHostBufferDesc(first);
  const segments: u32 = loadDescNbSegs(desc);
  const bytes: u32 = loadDescPktLen(desc);
  const flags: u32 = loadDescOlFlags(desc);
  const tci: u32 = loadDescVlanTci(desc);
  const cause: u32 = gather(queue, first, segments, bytes);
  const returned: u32 = returnChain(port, first);
  storeHostTxQueueLent(queue, (loadHostTxQueueLent(queue) - returned) >>> 0);
  if (cause !== GOOD) return refuse(port, cause);
  countUp(queue + HOST_TX_QUEUE_PACKETS, 1);
  return finish(port, bytes, flags, tci);
}

function refuse(port: u32, cause: u32): u32 {
  countAt(port, cause, 1);
  return 0;
}

/**
 * Walks a chain from its first buffer, withdraws each and copies its data behind the room for
 * a tag. Gives `GOOD`, or the first thing that was wrong; the walk goes on then, because the
 * rest of the chain is to come back too. It ends: no buffer is lent any more once it was here.
 */
function gather(queue: u32, first: u32, segments: u32, bytes: u32): u32 {
  const port: u32 = loadHostTxQueuePort(queue);
  let to: u32 = (loadHostPortFrame(port) + TAG_BYTES) >>> 0;
  let left: u32 = bytes;
  let seen: u32 = 0;
  let buffer: u32 = first;
  let cause: u32 = segments === 0 || segments > MAX_SEGMENTS ? PORT_COUNTERS_TX_DROP_SEGMENT_COUNT : GOOD;
  while (buffer !== 0) {
    const desc: u32 = loadHostBufferDesc(buffer);
    seen = (seen + 1) >>> 0;
    if (cause === GOOD && seen > segments) cause = PORT_COUNTERS_TX_DROP_SEGMENT_COUNT;
    const part: u32 = loadDescDataLen(desc);
    if (cause === GOOD) cause = checkSegment(port, buffer, part, left);
    if (cause === GOOD) {
      copy(to, loadHostBufferData(buffer), part);
      to = (to + part) >>> 0;
      left = (left - part) >>> 0;
    }
    const nextLo: u32 = loadDescNextLo(desc);
    const nextHi: u32 = loadDescNextHi(desc);
    if (nextLo === 0 && nextHi === 0) break;
    const next: u32 = bufferAt(port, nextLo, nextHi);
    const wrong: u32 = checkLink(queue, next);
    if (wrong !== GOOD) return cause === GOOD ? wrong : cause;
    withdrawBuffer(port, next);
    storeHostBufferChain(buffer, next);
    buffer = next;
  }
  if (cause !== GOOD) return cause;
  if (seen !== segments) return PORT_COUNTERS_TX_DROP_SEGMENT_COUNT;
  if (left !== 0) return PORT_COUNTERS_TX_DROP_PACKET_LENGTH;
  return bytes < MIN_PACKET_BYTES ? PORT_COUNTERS_TX_DROP_TOO_SHORT : GOOD;
}

/** `left`: bytes of the packet that are not accounted for yet. */
function checkSegment(port: u32, buffer: u32, part: u32, left: u32): u32 {
  const desc: u32 = loadHostBufferDesc(buffer);
  if (part === 0 || part > loadHostPortMbufSize(port)) return PORT_COUNTERS_TX_DROP_SEGMENT_LENGTH;
  const own: bool =
    loadDescDataLo(desc) === loadHostBufferDataLo(buffer) && loadDescDataHi(desc) === loadHostBufferDataHi(buffer);
  if (!own) return PORT_COUNTERS_TX_DROP_DATA_POINTER;
  return part > left ? PORT_COUNTERS_TX_DROP_PACKET_LENGTH : GOOD;
}

function checkLink(queue: u32, next: u32): u32 {
  if (next === 0) return PORT_COUNTERS_TX_DROP_ADDRESS;
  if (loadHostBufferPlace(next) === PLACE_TAKEN) return PORT_COUNTERS_TX_DROP_CHAIN_LOOP;
  return isGuests(next, queue) ? GOOD : PORT_COUNTERS_TX_DROP_NOT_LENT;
}

/** Puts the tag in behind the two addresses where it was negotiated (section 12). */
function finish(port: u32, bytes: u32, flags: u32, tci: u32): u32 {
  const frame: u32 = loadHostPortFrame(port);
  const tagged: bool = (flags & OL_TX_VLAN) !== 0;
  const negotiated: bool = (loadHostPortFeatures(port) & FEATURE_VLAN_OFFLOAD) !== 0;
  if (!tagged || !negotiated) {
    if (tagged) countAt(port, PORT_COUNTERS_TX_TAGS_DROPPED, 1);
    storeHostPortFrameAt(port, (frame + TAG_BYTES) >>> 0);
    return bytes;
  }
  copy(frame, frame + TAG_BYTES, TAG_OFFSET);
  store8(frame + TAG_OFFSET, TPID_HIGH);
  store8(frame + TAG_OFFSET + 1, TPID_LOW);
  store8(frame + TAG_OFFSET + 2, tci >>> 8);
  store8(frame + TAG_OFFSET + 3, (tci & 0xff) >>> 0);
  storeHostPortFrameAt(port, frame);
  return (bytes + TAG_BYTES) >>> 0;
}
