/**
 * Transmit path (section 11). Loop dialect.
 *
 * A packet is inspected before host buffers are taken for it, so each buffer taken from alloc goes
 * on tx. The exception are entries of alloc that are no usable buffer: nothing can be written there
 * and no ring takes them back. They are skipped and counted, and stay with the guest until the host
 * takes everything back at detach or close. They cost no packet.
 */
import { copy, load32 } from '#mem';
import { countUp, NO_FAULT } from '../../shared/loops/counter';
import {
  FIFO_CORRUPT,
  fifoCount,
  fifoFill,
  fifoFreeCount,
  fifoPublishRead,
  fifoPublishWrite,
} from '../../shared/loops/fifo';
import {
  FEATURE_VLAN_OFFLOAD,
  MAX_BURST,
  MAX_PACKET_BYTES,
  MAX_QUEUES,
  MAX_SEGMENTS,
  MIN_PACKET_BYTES,
  OL_TX_VLAN,
  storeDescDataLen,
  storeDescNbSegs,
  storeDescNextHi,
  storeDescNextLo,
  storeDescOlFlags,
  storeDescPktLen,
  storeDescVlanTci,
} from '../../shared/loops/layout';
import { loadFifoEndLen } from '../../shared/loops/records';
import { enterBurst, leaveBurst } from './gate';
import { mbufData, mbufIsSound } from './mbuf';
import { freePackets } from './mempool';
import { mbufEntryOf } from './mempoolTable';
import {
  loadMbufDataLen,
  loadMbufNext,
  loadMbufOlFlags,
  loadMbufPktLen,
  loadMbufVlanTci,
  loadMempoolEntryStride,
  loadPortFeatures,
  loadPortMbufSize,
  loadTxQueueBufferData,
  loadTxQueueBufferDesc,
  loadTxQueueBufferHi,
  loadTxQueueBufferLo,
  loadTxQueueBuffersUsed,
  loadTxQueueEntriesUsed,
  loadTxQueueReady,
  loadTxQueueSent,
  loadTxQueueSentBytes,
  loadTxQueueTaken,
  loadTxQueueUsed,
  MBUF_TX_VLAN,
  PORT_TX_QUEUE,
  storeTxQueueBuffersUsed,
  storeTxQueueEntriesUsed,
  storeTxQueueExamined,
  storeTxQueueListed,
  storeTxQueuePoolEntry,
  storeTxQueueSent,
  storeTxQueueSentBytes,
  storeTxQueueSlots,
  storeTxQueueTaken,
  storeTxQueueUsed,
  TX_COUNTERS_DROPPED_ALLOC_SMALL,
  TX_COUNTERS_DROPPED_CHAIN,
  TX_COUNTERS_DROPPED_HANDLE,
  TX_COUNTERS_DROPPED_LONG,
  TX_COUNTERS_DROPPED_SHORT,
  TX_COUNTERS_DROPPED_TOO_MANY_BUFFERS,
  TX_COUNTERS_DROPPED_VLAN_OFF,
  TX_COUNTERS_GOOD_BYTES,
  TX_COUNTERS_GOOD_PACKETS,
  TX_COUNTERS_REFUSED_ALLOC_INDEX,
  TX_COUNTERS_REFUSED_BUFFER,
  TX_COUNTERS_REFUSED_TX_INDEX,
  TX_QUEUE_ALLOC,
  TX_QUEUE_BUSY,
  TX_QUEUE_BYTES,
  TX_QUEUE_COUNTERS,
  TX_QUEUE_SLOTS,
  TX_QUEUE_TX,
} from './records';
import { entryAfter, gather, lesser, listBuffers } from './txBuffers';
import { sendStraight } from './txStraight';

/** Returns the address of a transmit queue's record. */
export function txQueueAt(port: u32, queue: u32): u32 {
  return (port + PORT_TX_QUEUE + ((queue * TX_QUEUE_BYTES) >>> 0)) >>> 0;
}

function count(q: u32, counter: u32, amount: u32): void {
  countUp(q + TX_QUEUE_COUNTERS + counter, amount);
}

/**
 * Sends from the `packets` mbufs, at most 64, that stand from `from` on. Returns how many it took. Those were sent or
 * dropped, and are freed; the others stay the caller's.
 */
export function transmitBurst(port: u32, queue: u32, from: u32, packets: u32): u32 {
  if (queue >= MAX_QUEUES) return 0;
  const q: u32 = txQueueAt(port, queue);
  if (!enterBurst(port, (q + TX_QUEUE_BUSY) >>> 0)) return 0;
  const taken: u32 = sendAll(port, q, from, packets < MAX_BURST ? packets : MAX_BURST);
  leaveBurst(q + TX_QUEUE_BUSY);
  return taken;
}

function sendAll(port: u32, q: u32, from: u32, packets: u32): u32 {
  if (loadTxQueueReady(q) === 0) return 0;
  const room: u32 = fifoFreeCount(q + TX_QUEUE_TX);
  if (room === FIFO_CORRUPT) {
    count(q, TX_COUNTERS_REFUSED_TX_INDEX, 1);
    return 0;
  }
  const buffers: u32 = fifoCount(q + TX_QUEUE_ALLOC);
  if (buffers === FIFO_CORRUPT) {
    count(q, TX_COUNTERS_REFUSED_ALLOC_INDEX, 1);
    return 0;
  }
  const taken: u32 = sendSome(port, q, from, packets, room, buffers);
  freeTaken(q, taken);
  return taken;
}

/**
 * Sends while buffers and room last. The read index of alloc is published before the packets appear
 * on tx, so the host sees each buffer in alloc, then in the guest's hands, then in tx, and never in two
 * places. A handle that is no mbuf is dropped before anything behind it is touched; its slot becomes 0.
 */
function sendSome(port: u32, q: u32, from: u32, packets: u32, room: u32, buffers: u32): u32 {
  startBurst(q);
  const most: u32 = lesser(packets, room);
  listBuffers(port, q, lesser(most, buffers));
  for (let more: bool = true; more;) {
    sendStraight(port, q, from, packets, room);
    more = loadTxQueueTaken(q) < packets && loadTxQueueSent(q) < room;
    if (more) more = sendAny(port, q, from, packets, buffers);
  }
  const used: u32 = loadTxQueueEntriesUsed(q);
  const sent: u32 = loadTxQueueSent(q);
  if (used > 0) fifoPublishRead(q + TX_QUEUE_ALLOC, used);
  if (sent > 0) fifoPublishWrite(q + TX_QUEUE_TX, sent);
  count(q, TX_COUNTERS_REFUSED_BUFFER, (used - loadTxQueueBuffersUsed(q)) >>> 0);
  count(q, TX_COUNTERS_GOOD_PACKETS, sent);
  count(q, TX_COUNTERS_GOOD_BYTES, loadTxQueueSentBytes(q));
  return loadTxQueueTaken(q);
}

function startBurst(q: u32): void {
  storeTxQueueTaken(q, 0);
  storeTxQueueSent(q, 0);
  storeTxQueueSentBytes(q, 0);
  storeTxQueueEntriesUsed(q, 0);
  storeTxQueueBuffersUsed(q, 0);
  storeTxQueueExamined(q, 0);
  storeTxQueueListed(q, 0);
  storeTxQueueUsed(q, 0);
}

/** Sends or drops the next packet, whatever it is. Returns false if it has to wait for buffers. */
function sendAny(port: u32, q: u32, from: u32, packets: u32, buffers: u32): bool {
  const taken: u32 = loadTxQueueTaken(q);
  const mbuf: u32 = load32(from + ((taken << 2) >>> 0));
  const entry: u32 = mbufEntryOf(mbuf);
  if (entry !== 0) storeTxQueuePoolEntry(q, entry);
  storeTxQueueSlots(q, taken, entry === 0 ? 0 : mbuf);
  const fault: u32 = inspect(port, q, mbuf, entry);
  if (fault !== NO_FAULT) {
    count(q, fault, 1);
    storeTxQueueTaken(q, (taken + 1) >>> 0);
    return true;
  }
  const pktLen: u32 = loadMbufPktLen(mbuf);
  const needed: u32 = buffersFor(port, pktLen);
  const found: u32 = gather(port, q, buffers, needed, (packets - taken) >>> 0);
  const enough: bool = found === needed;
  // Unusable entries at the front are skipped even then, or they would block the queue for ever.
  if (enough || found === 0) storeTxQueueEntriesUsed(q, entryAfter(q, found));
  if (!enough) return false;
  const buffer: u32 = loadTxQueueUsed(q);
  const sent: u32 = loadTxQueueSent(q);
  copyIn(port, q, mbuf, buffer, needed);
  fifoFill(q + TX_QUEUE_TX, sent, loadTxQueueBufferLo(q, buffer), loadTxQueueBufferHi(q, buffer));
  storeTxQueueUsed(q, (buffer + needed) >>> 0);
  storeTxQueueBuffersUsed(q, (loadTxQueueBuffersUsed(q) + needed) >>> 0);
  storeTxQueueSentBytes(q, (loadTxQueueSentBytes(q) + pktLen) >>> 0);
  storeTxQueueSent(q, (sent + 1) >>> 0);
  storeTxQueueTaken(q, (taken + 1) >>> 0);
  return true;
}

/** Returns how many host buffers a packet needs. */
function buffersFor(port: u32, pktLen: u32): u32 {
  const size: u32 = loadPortMbufSize(port);
  return pktLen <= size ? 1 : (((pktLen + size - 1) >>> 0) / size) >>> 0;
}

/**
 * Returns `NO_FAULT`, or the counter of the reason why this packet can never be sent.
 * @param entry table entry of the packet's pool; 0 if the handle is no mbuf in use
 */
function inspect(port: u32, q: u32, mbuf: u32, entry: u32): u32 {
  if (entry === 0) return TX_COUNTERS_DROPPED_HANDLE;
  const pktLen: u32 = loadMbufPktLen(mbuf);
  if (pktLen < MIN_PACKET_BYTES) return TX_COUNTERS_DROPPED_SHORT;
  if (pktLen > MAX_PACKET_BYTES) return TX_COUNTERS_DROPPED_LONG;
  if (!mbufIsSound(mbuf, loadMempoolEntryStride(entry))) return TX_COUNTERS_DROPPED_CHAIN;
  const needed: u32 = buffersFor(port, pktLen);
  if (needed > MAX_SEGMENTS) return TX_COUNTERS_DROPPED_TOO_MANY_BUFFERS;
  if (needed >= loadFifoEndLen(q + TX_QUEUE_ALLOC)) return TX_COUNTERS_DROPPED_ALLOC_SMALL;
  const tagged: bool = (loadMbufOlFlags(mbuf) & MBUF_TX_VLAN) !== 0;
  if (tagged && (loadPortFeatures(port) & FEATURE_VLAN_OFFLOAD) === 0) return TX_COUNTERS_DROPPED_VLAN_OFF;
  return NO_FAULT;
}

/**
 * Copies a packet into `buffers` listed buffers from number `used` on, and fills each but the last. Sets every field that counts,
 * so that nothing that the host or a former packet left in a descriptor has any effect.
 */
function copyIn(port: u32, q: u32, packet: u32, used: u32, buffers: u32): void {
  const size: u32 = loadPortMbufSize(port);
  let left: u32 = loadMbufPktLen(packet);
  const head: u32 = loadTxQueueBufferDesc(q, used);
  const tagged: bool = (loadMbufOlFlags(packet) & MBUF_TX_VLAN) !== 0;
  storeDescPktLen(head, left);
  storeDescNbSegs(head, buffers);
  storeDescOlFlags(head, tagged ? OL_TX_VLAN : 0);
  storeDescVlanTci(head, tagged ? loadMbufVlanTci(packet) : 0);
  let segment: u32 = packet;
  let done: u32 = 0;
  for (let i: u32 = 0; i < buffers; i++) {
    const at: u32 = (used + i) >>> 0;
    const desc: u32 = loadTxQueueBufferDesc(q, at);
    const bytes: u32 = left < size ? left : size;
    const last: bool = i === (buffers - 1) >>> 0;
    storeDescDataLen(desc, bytes);
    storeDescNextLo(desc, last ? 0 : loadTxQueueBufferLo(q, (at + 1) >>> 0));
    storeDescNextHi(desc, last ? 0 : loadTxQueueBufferHi(q, (at + 1) >>> 0));
    left = (left - bytes) >>> 0;
    const to: u32 = loadTxQueueBufferData(q, at);
    for (let filled: u32 = 0; filled < bytes;) {
      const rest: u32 = (loadMbufDataLen(segment) - done) >>> 0;
      const room: u32 = (bytes - filled) >>> 0;
      const part: u32 = rest < room ? rest : room;
      copy(to + filled, mbufData(segment) + done, part);
      filled = (filled + part) >>> 0;
      done = (done + part) >>> 0;
      if (part === rest) {
        segment = loadMbufNext(segment);
        done = 0;
      }
    }
  }
}

/**
 * Drops the burst's reference to each of the first `taken` packets, and frees a packet that nobody else refers to. A
 * slot is 0 where its handle was refused.
 */
function freeTaken(q: u32, taken: u32): void {
  freePackets(q + TX_QUEUE_SLOTS, taken, false);
}
