/**
 * Receive path (section 10). Loop dialect.
 *
 * Everything that the host wrote is fetched once, checked, and then used from private memory. No
 * malformed packet is delivered, each drop is counted by its cause, and every entry taken from rx
 * goes to free, whatever became of its packet.
 */
import { copy, load32, store32 } from '#mem';
import { countUp, NO_FAULT } from '../../shared/loops/counter';
import { FIFO_CORRUPT, fifoCount, fifoFreeCount, fifoPublishRead, fifoPublishWrite } from '../../shared/loops/fifo';
import { MAX_BURST, MAX_QUEUES, MAX_SEGMENTS, MIN_PACKET_BYTES, OL_RX_VLAN } from '../../shared/loops/layout';
import { enterBurst, leaveBurst } from './gate';
import { mbufOwnData, mbufReset } from './mbuf';
import { mempoolGive, mempoolTake } from './mempool';
import {
  loadPortMaxRxPktLen,
  loadPortMbufSize,
  loadPortScattered,
  loadRxQueueChained,
  loadRxQueueDelivered,
  loadRxQueueDeliveredBytes,
  loadRxQueueEntryBytes,
  loadRxQueueEntryData,
  loadRxQueueEntryDesc,
  loadRxQueueFifoCount,
  loadRxQueueFirstFifo,
  loadRxQueueMbufBytes,
  loadRxQueueMempool,
  loadRxQueueOlFlags,
  loadRxQueuePktLen,
  loadRxQueueSegAddress,
  loadRxQueueSegBytes,
  loadRxQueueSegCount,
  loadRxQueueSpareCount,
  loadRxQueueTurn,
  loadRxQueueVlanTci,
  PORT_RX_PAIR,
  PORT_RX_QUEUE,
  RX_COUNTERS_DROPPED_ADDRESS,
  RX_COUNTERS_DROPPED_CHAIN,
  RX_COUNTERS_DROPPED_EMPTY_SEGMENT,
  RX_COUNTERS_DROPPED_LENGTH,
  RX_COUNTERS_DROPPED_LONG,
  RX_COUNTERS_DROPPED_NOT_SIMPLE,
  RX_COUNTERS_DROPPED_SEGMENT_COUNT,
  RX_COUNTERS_DROPPED_SEGMENT_LONG,
  RX_COUNTERS_DROPPED_SHORT,
  RX_COUNTERS_DROPPED_TOO_MANY_MBUFS,
  RX_COUNTERS_FILTERED_MAC,
  RX_COUNTERS_GOOD_BYTES,
  RX_COUNTERS_GOOD_PACKETS,
  RX_COUNTERS_NO_MBUF,
  RX_COUNTERS_REFUSED_FREE_INDEX,
  RX_COUNTERS_REFUSED_RX_INDEX,
  RX_PAIR_BYTES,
  RX_PAIR_FREE,
  RX_PAIR_RX,
  RX_QUEUE_BUSY,
  RX_QUEUE_BYTES,
  RX_QUEUE_COUNTERS,
  RX_QUEUE_SPARE,
  storeMbufNbSegs,
  storeMbufNext,
  storeMbufPktLen,
  storeRxQueueDelivered,
  storeRxQueueDeliveredBytes,
  storeRxQueueSegAddress,
  storeRxQueueSegBytes,
  storeRxQueueSpareCount,
  storeRxQueueTurn,
} from './records';
import { chainBytes, chainData, chainFetched, chainGoesOn, followChains } from './rxChains';
import { findData, findDescs } from './rxEntries';
import { macFilter, noteTag, receiveStraight } from './rxStraight';

/** Returns the address of a receive queue's record. */
export function rxQueueAt(port: u32, queue: u32): u32 {
  return (port + PORT_RX_QUEUE + ((queue * RX_QUEUE_BYTES) >>> 0)) >>> 0;
}

/** Returns the address of the record of a receive FIFO and its free FIFO. */
export function rxPairAt(port: u32, fifo: u32): u32 {
  return (port + PORT_RX_PAIR + ((fifo * RX_PAIR_BYTES) >>> 0)) >>> 0;
}

function count(q: u32, counter: u32, amount: u32): void {
  countUp(q + RX_QUEUE_COUNTERS + counter, amount);
}

/**
 * Receives up to `limit` packets, at most 64, from one FIFO of the queue: the next in turn that has any. Stores their
 * mbufs from `out` on, and returns the number of packets.
 */
export function receiveBurst(port: u32, queue: u32, out: u32, limit: u32): u32 {
  if (queue >= MAX_QUEUES) return 0;
  const q: u32 = rxQueueAt(port, queue);
  if (!enterBurst(port, (q + RX_QUEUE_BUSY) >>> 0)) return 0;
  const delivered: u32 = serveNext(port, q, out, limit < MAX_BURST ? limit : MAX_BURST);
  leaveBurst(q + RX_QUEUE_BUSY);
  return delivered;
}

function serveNext(port: u32, q: u32, out: u32, limit: u32): u32 {
  const fifos: u32 = loadRxQueueFifoCount(q);
  let turn: u32 = loadRxQueueTurn(q);
  for (let tried: u32 = 0; tried < fifos; tried++) {
    const pair: u32 = rxPairAt(port, (loadRxQueueFirstFifo(q) + turn) >>> 0);
    turn++;
    if (turn === fifos) turn = 0;
    const entries: u32 = takable(q, pair, limit);
    if (entries > 0) {
      storeRxQueueTurn(q, turn);
      return serve(port, q, pair, out, entries);
    }
  }
  return 0;
}

/** Returns how many entries can be taken: no more than rx holds and free has room for. */
function takable(q: u32, pair: u32, limit: u32): u32 {
  const filled: u32 = fifoCount(pair + RX_PAIR_RX);
  if (filled === FIFO_CORRUPT) {
    count(q, RX_COUNTERS_REFUSED_RX_INDEX, 1);
    return 0;
  }
  if (filled === 0) return 0;
  const room: u32 = fifoFreeCount(pair + RX_PAIR_FREE);
  if (room === FIFO_CORRUPT) {
    count(q, RX_COUNTERS_REFUSED_FREE_INDEX, 1);
    return 0;
  }
  const most: u32 = filled < limit ? filled : limit;
  return room < most ? room : most;
}

/**
 * Receives from one FIFO. The read index of rx is published before the entries appear on free, so the
 * host sees each buffer in rx, then in the guest's hands, then in free, and never in two places.
 */
function serve(port: u32, q: u32, pair: u32, out: u32, entries: u32): u32 {
  const rx: u32 = (pair + RX_PAIR_RX) >>> 0;
  const free: u32 = (pair + RX_PAIR_FREE) >>> 0;
  addSpares(q, entries);
  findDescs(port, q, rx, free, entries);
  findData(port, q, entries);
  if (loadRxQueueChained(q) !== 0) followChains(port, q, entries);
  receiveAll(port, q, out, entries);
  fifoPublishRead(rx, entries);
  fifoPublishWrite(free, entries);
  mempoolGive(loadRxQueueMempool(q), (q + RX_QUEUE_SPARE) >>> 0, loadRxQueueSpareCount(q));
  storeRxQueueSpareCount(q, 0);
  const delivered: u32 = loadRxQueueDelivered(q);
  count(q, RX_COUNTERS_GOOD_PACKETS, delivered);
  count(q, RX_COUNTERS_GOOD_BYTES, loadRxQueueDeliveredBytes(q));
  return delivered;
}

/** Receives the packets of all entries that were found. */
function receiveAll(port: u32, q: u32, out: u32, entries: u32): void {
  storeRxQueueDelivered(q, 0);
  storeRxQueueDeliveredBytes(q, 0);
  let at: u32 = 0;
  while (at < entries) {
    at = receiveStraight(port, q, out, at, entries);
    if (at === entries) return;
    const mbuf: u32 = receive(port, q, at);
    at++;
    if (mbuf === 0) continue;
    const delivered: u32 = loadRxQueueDelivered(q);
    store32(out + ((delivered << 2) >>> 0), mbuf);
    storeRxQueueDelivered(q, (delivered + 1) >>> 0);
    storeRxQueueDeliveredBytes(q, (loadRxQueueDeliveredBytes(q) + loadRxQueuePktLen(q)) >>> 0);
  }
}

/** Takes up to `wanted` more spare mbufs from the queue's pool. A burst has at most 64. */
function addSpares(q: u32, wanted: u32): void {
  const spares: u32 = loadRxQueueSpareCount(q);
  const room: u32 = (MAX_BURST - spares) >>> 0;
  const to: u32 = (q + RX_QUEUE_SPARE + ((spares << 2) >>> 0)) >>> 0;
  const taken: u32 = mempoolTake(loadRxQueueMempool(q), to, wanted < room ? wanted : room);
  storeRxQueueSpareCount(q, (spares + taken) >>> 0);
}

/**
 * Receives the packet at whose entry `receiveStraight` stopped. Returns its first mbuf, or 0 if the packet was dropped
 * and counted.
 */
function receive(port: u32, q: u32, entry: u32): u32 {
  const fault: u32 = inspect(port, q, entry);
  if (fault !== NO_FAULT) {
    count(q, fault, 1);
    return 0;
  }
  const mbufBytes: u32 = loadRxQueueMbufBytes(q);
  const mbufs: u32 = (((loadRxQueuePktLen(q) + mbufBytes - 1) >>> 0) / mbufBytes) >>> 0;
  const simple: bool = loadPortScattered(port) === 0;
  if (simple && (mbufs > 1 || loadRxQueueSegCount(q) > 1)) {
    count(q, RX_COUNTERS_DROPPED_NOT_SIMPLE, 1);
    return 0;
  }
  if (mbufs > MAX_SEGMENTS) {
    count(q, RX_COUNTERS_DROPPED_TOO_MANY_MBUFS, 1);
    return 0;
  }
  if (loadRxQueueSpareCount(q) < mbufs) addSpares(q, (mbufs - loadRxQueueSpareCount(q)) >>> 0);
  if (loadRxQueueSpareCount(q) < mbufs) {
    count(q, RX_COUNTERS_NO_MBUF, 1);
    return 0;
  }
  return deliver(port, q, mbufs);
}

/** Copies the inspected packet into spare mbufs, filters it, and completes the first mbuf. */
function deliver(port: u32, q: u32, mbufs: u32): u32 {
  const first: u32 = copyOut(port, q, mbufs);
  if (!macFilter(port, mbufOwnData(first))) {
    count(q, RX_COUNTERS_FILTERED_MAC, 1);
    return 0;
  }
  storeRxQueueSpareCount(q, (loadRxQueueSpareCount(q) - mbufs) >>> 0);
  storeMbufNbSegs(first, mbufs);
  storeMbufPktLen(first, loadRxQueuePktLen(q));
  if ((loadRxQueueOlFlags(q) & OL_RX_VLAN) !== 0) noteTag(port, q, first, loadRxQueueVlanTci(q));
  return first;
}

/**
 * Checks a packet, all of whose descriptors are fetched, and puts its segments into the queue's scratch fields. Returns `NO_FAULT` or the counter of the fault.
 */
function inspect(port: u32, q: u32, entry: u32): u32 {
  if (loadRxQueueEntryDesc(q, entry) === 0) return RX_COUNTERS_DROPPED_ADDRESS;
  const pktLen: u32 = loadRxQueuePktLen(q);
  const segments: u32 = loadRxQueueSegCount(q);
  if (pktLen < MIN_PACKET_BYTES) return RX_COUNTERS_DROPPED_SHORT;
  if (pktLen > loadPortMaxRxPktLen(port)) return RX_COUNTERS_DROPPED_LONG;
  if (segments === 0 || segments > MAX_SEGMENTS) return RX_COUNTERS_DROPPED_SEGMENT_COUNT;
  return inspectChain(port, q, entry, segments, pktLen);
}

function inspectChain(port: u32, q: u32, entry: u32, segments: u32, pktLen: u32): u32 {
  const mbufSize: u32 = loadPortMbufSize(port);
  const fetched: u32 = chainFetched(q, entry);
  const goesOn: bool = chainGoesOn(q, entry);
  let data: u32 = loadRxQueueEntryData(q, entry);
  let bytes: u32 = loadRxQueueEntryBytes(q, entry);
  let left: u32 = pktLen;
  for (let i: u32 = 0; i < segments; i++) {
    if (bytes === 0) return RX_COUNTERS_DROPPED_EMPTY_SEGMENT;
    if (bytes > mbufSize) return RX_COUNTERS_DROPPED_SEGMENT_LONG;
    if (bytes > left) return RX_COUNTERS_DROPPED_LENGTH;
    left = (left - bytes) >>> 0;
    if (data === 0) return RX_COUNTERS_DROPPED_ADDRESS;
    storeRxQueueSegAddress(q, i, data);
    storeRxQueueSegBytes(q, i, bytes);
    const last: bool = i === (segments - 1) >>> 0;
    const more: bool = i < fetched || goesOn;
    if (more === last) return RX_COUNTERS_DROPPED_CHAIN;
    if (last) break;
    if (i === fetched) return RX_COUNTERS_DROPPED_ADDRESS;
    data = chainData(q, entry, i);
    bytes = chainBytes(q, entry, i);
  }
  return left === 0 ? NO_FAULT : RX_COUNTERS_DROPPED_LENGTH;
}

/**
 * Copies the inspected segments into `mbufs` mbufs from the end of the spares, and fills each but the
 * last. Returns the first one. The mbufs stay spares until the caller takes them.
 */
function copyOut(port: u32, q: u32, mbufs: u32): u32 {
  const mbufBytes: u32 = loadRxQueueMbufBytes(q);
  let spare: u32 = (q + RX_QUEUE_SPARE + ((loadRxQueueSpareCount(q) << 2) >>> 0)) >>> 0;
  let left: u32 = loadRxQueuePktLen(q);
  let segment: u32 = 0;
  let done: u32 = 0;
  let first: u32 = 0;
  let former: u32 = 0;
  for (let i: u32 = 0; i < mbufs; i++) {
    spare = (spare - 4) >>> 0;
    const mbuf: u32 = load32(spare);
    const bytes: u32 = left < mbufBytes ? left : mbufBytes;
    mbufReset(mbuf, port, bytes);
    if (former === 0) first = mbuf;
    else storeMbufNext(former, mbuf);
    former = mbuf;
    left = (left - bytes) >>> 0;
    const to: u32 = mbufOwnData(mbuf);
    for (let filled: u32 = 0; filled < bytes;) {
      const rest: u32 = (loadRxQueueSegBytes(q, segment) - done) >>> 0;
      const room: u32 = (bytes - filled) >>> 0;
      const part: u32 = rest < room ? rest : room;
      copy(to + filled, loadRxQueueSegAddress(q, segment) + done, part);
      filled = (filled + part) >>> 0;
      done = (done + part) >>> 0;
      if (part === rest) {
        segment++;
        done = 0;
      }
    }
  }
  return first;
}
