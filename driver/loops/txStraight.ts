/**
 * Packets to send that consist of one mbuf and fit one host buffer, which most do (section 11). Loop dialect.
 */
import { copyShort, load32, store32 } from '#mem';
import { slotAt } from '../../shared/loops/fifo';
import {
  MIN_PACKET_BYTES,
  storeDescDataLen,
  storeDescNbSegs,
  storeDescNextHi,
  storeDescNextLo,
  storeDescOlFlags,
  storeDescPktLen,
  storeDescVlanTci,
} from '../../shared/loops/layout';
import { loadFifoEndBase, loadFifoEndIndex, loadFifoEndLen } from '../../shared/loops/records';
import { isMbufInUse } from './mempoolTable';
import {
  loadMbufAttachedTo,
  loadMbufDataLen,
  loadMbufDataOff,
  loadMbufDataRoom,
  loadMbufNbSegs,
  loadMbufNext,
  loadMbufOlFlags,
  loadMbufPktLen,
  loadMbufRoomBytes,
  loadMempoolEntryMempool,
  loadMempoolFirst,
  loadMempoolInverseHi,
  loadMempoolInverseLo,
  loadMempoolSize,
  loadMempoolStride,
  loadMempoolStrideShift,
  loadPortMbufSize,
  loadTxQueueBufferData,
  loadTxQueueBufferDesc,
  loadTxQueueBufferEntry,
  loadTxQueueBufferHi,
  loadTxQueueBufferLo,
  loadTxQueueBuffersUsed,
  loadTxQueueListed,
  loadTxQueuePoolEntry,
  loadTxQueueSent,
  loadTxQueueSentBytes,
  loadTxQueueTaken,
  loadTxQueueUsed,
  MBUF_BYTES,
  MBUF_TX_VLAN,
  storeTxQueueBuffersUsed,
  storeTxQueueEntriesUsed,
  storeTxQueueSent,
  storeTxQueueSentBytes,
  storeTxQueueSlots,
  storeTxQueueTaken,
  storeTxQueueUsed,
  TX_QUEUE_TX,
} from './records';
import { lesser } from './txBuffers';
/** Longer packets take the general path, whose call of the built-in copy pays for them. */
const MOST_SENT_STRAIGHT: u32 = 2_048;

/**
 * Sends the next packets, up to the first that is longer, tagged, broken, or not of the mempool of the former one, or
 * for which no buffer is listed. Everything that the loop needs is in locals, and it calls nothing, so that the
 * compiler can keep it in registers.
 */
export function sendStraight(port: u32, q: u32, from: u32, packets: u32, room: u32): void {
  const entry: u32 = loadTxQueuePoolEntry(q);
  if (entry === 0) return;
  const mempool: u32 = loadMempoolEntryMempool(entry);
  const first: u32 = loadMempoolFirst(mempool);
  const size: u32 = loadMempoolSize(mempool);
  const shift: u32 = loadMempoolStrideShift(mempool);
  const inverseLo: u32 = loadMempoolInverseLo(mempool);
  const inverseHi: u32 = loadMempoolInverseHi(mempool);
  const mostRoom: u32 = (loadMempoolStride(mempool) - MBUF_BYTES) >>> 0;
  const most: u32 = lesser(loadPortMbufSize(port), MOST_SENT_STRAIGHT);
  const listed: u32 = loadTxQueueListed(q);
  const start: u32 = loadTxQueueUsed(q);
  const base: u32 = loadFifoEndBase(q + TX_QUEUE_TX);
  const len: u32 = loadFifoEndLen(q + TX_QUEUE_TX);
  const index: u32 = (loadFifoEndIndex(q + TX_QUEUE_TX) + loadTxQueueSent(q)) >>> 0;
  // Each packet takes a handle, a buffer and a slot of tx.
  const end: u32 = lesser(
    (listed - start) >>> 0,
    lesser((packets - loadTxQueueTaken(q)) >>> 0, (room - loadTxQueueSent(q)) >>> 0),
  );
  const handles: u32 = (from + ((loadTxQueueTaken(q) << 2) >>> 0)) >>> 0;
  let bytes: u32 = 0;
  let i: u32 = 0;
  for (; i < end; i++) {
    const mbuf: u32 = load32(handles + ((i << 2) >>> 0));
    if (!isMbufInUse(mbuf, mempool, first, size, shift, inverseLo, inverseHi)) break;
    const pktLen: u32 = loadMbufPktLen(mbuf);
    const roomBytes: u32 = loadMbufRoomBytes(mbuf);
    const offset: u32 = loadMbufDataOff(mbuf);
    const whole: bool = loadMbufNbSegs(mbuf) === 1 && loadMbufDataLen(mbuf) === pktLen && loadMbufNext(mbuf) === 0;
    const own: bool = loadMbufAttachedTo(mbuf) === 0 && loadMbufDataRoom(mbuf) === (mbuf + MBUF_BYTES) >>> 0;
    if (!whole || !own || roomBytes > mostRoom) break;
    if (offset > roomBytes || pktLen > (roomBytes - offset) >>> 0) break;
    if (pktLen < MIN_PACKET_BYTES || pktLen > most || (loadMbufOlFlags(mbuf) & MBUF_TX_VLAN) !== 0) break;
    const buffer: u32 = (start + i) >>> 0;
    const desc: u32 = loadTxQueueBufferDesc(q, buffer);
    storeDescPktLen(desc, pktLen);
    storeDescNbSegs(desc, 1);
    storeDescOlFlags(desc, 0);
    storeDescVlanTci(desc, 0);
    storeDescDataLen(desc, pktLen);
    storeDescNextLo(desc, 0);
    storeDescNextHi(desc, 0);
    copyShort(loadTxQueueBufferData(q, buffer), (mbuf + MBUF_BYTES + offset) >>> 0, pktLen);
    const slot: u32 = slotAt(base, len, (index + i) >>> 0);
    store32(slot, loadTxQueueBufferLo(q, buffer));
    store32(slot + 4, loadTxQueueBufferHi(q, buffer));
    storeTxQueueSlots(q, (loadTxQueueTaken(q) + i) >>> 0, mbuf);
    bytes = (bytes + pktLen) >>> 0;
  }
  if (i === 0) return;
  storeTxQueueEntriesUsed(q, (loadTxQueueBufferEntry(q, (start + i - 1) >>> 0) + 1) >>> 0);
  storeTxQueueBuffersUsed(q, (loadTxQueueBuffersUsed(q) + i) >>> 0);
  storeTxQueueUsed(q, (start + i) >>> 0);
  storeTxQueueTaken(q, (loadTxQueueTaken(q) + i) >>> 0);
  storeTxQueueSent(q, (loadTxQueueSent(q) + i) >>> 0);
  storeTxQueueSentBytes(q, (loadTxQueueSentBytes(q) + bytes) >>> 0);
}
