/**
 * Transmit path (section 11). Loop dialect.
 *
 * A packet is inspected before host buffers are taken for it, so each buffer taken from alloc goes
 * on tx. The exception are entries of alloc that are no usable buffer: nothing can be written there
 * and no ring takes them back. They are skipped and counted, and stay with the guest until the host
 * takes everything back at detach or close. They cost no packet.
 */
import { copy, load32, store32 } from '#mem';
import { countUp, NO_FAULT } from '../../shared/loops/counter';
import {
  FIFO_CORRUPT,
  fifoCount,
  fifoFill,
  fifoFreeCount,
  fifoPeekHi,
  fifoPeekLo,
  fifoPublishRead,
  fifoPublishWrite,
} from '../../shared/loops/fifo';
import {
  FEATURE_VLAN_OFFLOAD,
  loadDescDataHi,
  loadDescDataLo,
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
import { mbufRetire, mempoolGiveChain } from './mempool';
import { isMbufInUse, mbufEntryOf } from './mempoolTable';
import {
  loadMbufDataLen,
  loadMbufNext,
  loadMbufOlFlags,
  loadMbufPktLen,
  loadMbufRefcnt,
  loadMbufVlanTci,
  loadMempoolEntryFirst,
  loadMempoolEntryLength,
  loadMempoolEntryMempool,
  loadMempoolEntryStride,
  loadPortFeatures,
  loadPortMbufSize,
  loadTxQueueBufferData,
  loadTxQueueBufferDesc,
  loadTxQueueBufferHi,
  loadTxQueueBufferLo,
  loadTxQueueFound,
  loadTxQueueReady,
  loadTxQueueRefused,
  MBUF_TX_VLAN,
  PORT_TX_QUEUE,
  storeTxQueueBufferData,
  storeTxQueueBufferDesc,
  storeTxQueueBufferHi,
  storeTxQueueBufferLo,
  storeTxQueueFound,
  storeTxQueueRefused,
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
import { translate, translateDesc } from './translate';

/** Most entries of alloc that are examined for one packet: as many as the buffers of a full burst. */
const MAX_LOOKED_AT: u32 = 320;

/** Returns the address of a transmit queue's record. */
export function txQueueAt(port: u32, queue: u32): u32 {
  return (port + PORT_TX_QUEUE + ((queue * TX_QUEUE_BYTES) >>> 0)) >>> 0;
}

function count(q: u32, counter: u32, amount: u32): void {
  countUp(q + TX_QUEUE_COUNTERS + counter, amount);
}

/**
 * Sends from the `packets` mbufs, at most 64, in the queue's slots. Returns how many it took. Those
 * were sent or dropped, and are freed; the others stay the caller's.
 */
export function transmitBurst(port: u32, queue: u32, packets: u32): u32 {
  if (queue >= MAX_QUEUES) return 0;
  const q: u32 = txQueueAt(port, queue);
  if (!enterBurst(port, (q + TX_QUEUE_BUSY) >>> 0)) return 0;
  const taken: u32 = sendAll(port, q, packets < MAX_BURST ? packets : MAX_BURST);
  leaveBurst(q + TX_QUEUE_BUSY);
  return taken;
}

function sendAll(port: u32, q: u32, packets: u32): u32 {
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
  const taken: u32 = sendSome(port, q, packets, room, buffers);
  freeTaken(q, taken);
  return taken;
}

/**
 * Sends while buffers and room last. The read index of alloc is published before the packets appear
 * on tx, so the host sees each buffer in alloc, then in the guest's hands, then in tx, and never in two
 * places. A handle that is no mbuf is dropped before anything behind it is touched; its slot becomes 0.
 */
function sendSome(port: u32, q: u32, packets: u32, room: u32, buffers: u32): u32 {
  let taken: u32 = 0;
  let sent: u32 = 0;
  let used: u32 = 0;
  let bytes: u32 = 0;
  // Where the mbufs of the last packet's pool lie; nothing before the first packet.
  let mempool: u32 = 0;
  let first: u32 = 0;
  let length: u32 = 0;
  let stride: u32 = 0;
  while (taken < packets && sent < room) {
    const slot: u32 = (q + TX_QUEUE_SLOTS + ((taken << 2) >>> 0)) >>> 0;
    const mbuf: u32 = load32(slot);
    if (stride === 0 || !isMbufInUse(mbuf, mempool, first, length, stride)) {
      const entry: u32 = mbufEntryOf(mbuf);
      mempool = entry === 0 ? 0 : loadMempoolEntryMempool(entry);
      first = entry === 0 ? 0 : loadMempoolEntryFirst(entry);
      length = entry === 0 ? 0 : loadMempoolEntryLength(entry);
      stride = entry === 0 ? 0 : loadMempoolEntryStride(entry);
    }
    const fault: u32 = inspect(port, q, mbuf, stride);
    if (fault !== NO_FAULT) {
      count(q, fault, 1);
      if (stride === 0) store32(slot, 0);
      taken++;
      continue;
    }
    const needed: u32 = buffersFor(port, loadMbufPktLen(mbuf));
    const next: u32 = gather(port, q, used, buffers, needed);
    const enough: bool = loadTxQueueFound(q) === needed;
    // Unusable entries at the front are skipped even then, or they would block the queue for ever.
    if (enough || loadTxQueueFound(q) === 0) {
      used = next;
      count(q, TX_COUNTERS_REFUSED_BUFFER, loadTxQueueRefused(q));
    }
    if (!enough) break;
    copyIn(port, q, mbuf, needed);
    fifoFill(q + TX_QUEUE_TX, sent, loadTxQueueBufferLo(q, 0), loadTxQueueBufferHi(q, 0));
    bytes = (bytes + loadMbufPktLen(mbuf)) >>> 0;
    sent++;
    taken++;
  }
  if (used > 0) fifoPublishRead(q + TX_QUEUE_ALLOC, used);
  if (sent > 0) fifoPublishWrite(q + TX_QUEUE_TX, sent);
  count(q, TX_COUNTERS_GOOD_PACKETS, sent);
  count(q, TX_COUNTERS_GOOD_BYTES, bytes);
  return taken;
}

function buffersFor(port: u32, pktLen: u32): u32 {
  const size: u32 = loadPortMbufSize(port);
  return (((pktLen + size - 1) >>> 0) / size) >>> 0;
}

/**
 * Returns `NO_FAULT`, or the counter of the reason why this packet can never be sent.
 * @param stride bytes from one mbuf of the packet's pool to the next; 0 if the handle is no mbuf in use
 */
function inspect(port: u32, q: u32, mbuf: u32, stride: u32): u32 {
  if (stride === 0) return TX_COUNTERS_DROPPED_HANDLE;
  const pktLen: u32 = loadMbufPktLen(mbuf);
  if (pktLen < MIN_PACKET_BYTES) return TX_COUNTERS_DROPPED_SHORT;
  if (pktLen > MAX_PACKET_BYTES) return TX_COUNTERS_DROPPED_LONG;
  if (!mbufIsSound(mbuf, stride)) return TX_COUNTERS_DROPPED_CHAIN;
  const needed: u32 = buffersFor(port, pktLen);
  if (needed > MAX_SEGMENTS) return TX_COUNTERS_DROPPED_TOO_MANY_BUFFERS;
  if (needed >= loadFifoEndLen(q + TX_QUEUE_ALLOC)) return TX_COUNTERS_DROPPED_ALLOC_SMALL;
  const tagged: bool = (loadMbufOlFlags(mbuf) & MBUF_TX_VLAN) !== 0;
  if (tagged && (loadPortFeatures(port) & FEATURE_VLAN_OFFLOAD) === 0) return TX_COUNTERS_DROPPED_VLAN_OFF;
  return NO_FAULT;
}

/**
 * Looks for `needed` usable buffers among the entries of alloc, from entry `from` to the end of the
 * `buffers` entries that it holds. Puts those found, their number and the number of unusable entries
 * into the scratch fields. Returns the index after the last entry examined. Nothing is taken yet.
 */
function gather(port: u32, q: u32, from: u32, buffers: u32, needed: u32): u32 {
  let found: u32 = 0;
  let at: u32 = from;
  while (found < needed && at < buffers && (at - from) >>> 0 < MAX_LOOKED_AT) {
    const lo: u32 = fifoPeekLo(q + TX_QUEUE_ALLOC, at);
    const hi: u32 = fifoPeekHi(q + TX_QUEUE_ALLOC, at);
    at++;
    const desc: u32 = translateDesc(port, lo, hi);
    if (desc === 0) continue;
    const data: u32 = translate(port, loadDescDataLo(desc), loadDescDataHi(desc), loadPortMbufSize(port));
    if (data === 0) continue;
    storeTxQueueBufferDesc(q, found, desc);
    storeTxQueueBufferData(q, found, data);
    storeTxQueueBufferLo(q, found, lo);
    storeTxQueueBufferHi(q, found, hi);
    found++;
  }
  storeTxQueueFound(q, found);
  storeTxQueueRefused(q, (((at - from) >>> 0) - found) >>> 0);
  return at;
}

/**
 * Copies a packet into the buffers found, and fills each but the last. Sets every field that counts,
 * so that nothing that the host or a former packet left in a descriptor has any effect.
 */
function copyIn(port: u32, q: u32, packet: u32, buffers: u32): void {
  const size: u32 = loadPortMbufSize(port);
  let left: u32 = loadMbufPktLen(packet);
  const head: u32 = loadTxQueueBufferDesc(q, 0);
  const tagged: bool = (loadMbufOlFlags(packet) & MBUF_TX_VLAN) !== 0;
  storeDescPktLen(head, left);
  storeDescNbSegs(head, buffers);
  storeDescOlFlags(head, tagged ? OL_TX_VLAN : 0);
  storeDescVlanTci(head, tagged ? loadMbufVlanTci(packet) : 0);
  let segment: u32 = packet;
  let done: u32 = 0;
  for (let i: u32 = 0; i < buffers; i++) {
    const desc: u32 = loadTxQueueBufferDesc(q, i);
    const bytes: u32 = left < size ? left : size;
    const last: bool = i === (buffers - 1) >>> 0;
    storeDescDataLen(desc, bytes);
    storeDescNextLo(desc, last ? 0 : loadTxQueueBufferLo(q, (i + 1) >>> 0));
    storeDescNextHi(desc, last ? 0 : loadTxQueueBufferHi(q, (i + 1) >>> 0));
    left = (left - bytes) >>> 0;
    const to: u32 = loadTxQueueBufferData(q, i);
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
 * Gives up the references to the first `taken` packets in the slots, and frees what nobody else holds as one chain, so
 * that a run of one pool takes its lock once. A slot whose handle was refused is 0.
 */
function freeTaken(q: u32, taken: u32): void {
  let given: u32 = 0;
  for (let i: u32 = 0; i < taken; i++) {
    const mbuf: u32 = load32(q + TX_QUEUE_SLOTS + ((i << 2) >>> 0));
    // Two slots may hold the only reference to a packet, which is freed once.
    if (mbuf === 0 || loadMbufRefcnt(mbuf) === 0) continue;
    given = mbufRetire(mbuf, given);
  }
  mempoolGiveChain(given);
}
