/**
 * Received packets that lie in one host buffer and fit one mbuf, which nearly all do (section 10). Loop dialect.
 */
import { copyShort, load16, load32, store32 } from '#mem';
import { countUp } from '../../shared/loops/counter';
import {
  loadDescNbSegs,
  loadDescOlFlags,
  loadDescPktLen,
  loadDescVlanTci,
  MIN_PACKET_BYTES,
  OL_RX_VLAN,
} from '../../shared/loops/layout';
import { mbufOwnData, mbufReset } from './mbuf';
import {
  loadPortMacHi,
  loadPortMacLo,
  loadPortMaxRxPktLen,
  loadPortMbufSize,
  loadPortPromiscuous,
  loadPortRxVlan,
  loadRxQueueChainSegs,
  loadRxQueueDelivered,
  loadRxQueueDeliveredBytes,
  loadRxQueueEntryBytes,
  loadRxQueueEntryData,
  loadRxQueueEntryDesc,
  loadRxQueueEntryNext,
  loadRxQueueMbufBytes,
  loadRxQueueSpareCount,
  MBUF_RX_VLAN,
  MBUF_RX_VLAN_STRIPPED,
  RX_COUNTERS_FILTERED_MAC,
  RX_COUNTERS_VLAN_REFUSED,
  RX_QUEUE_COUNTERS,
  RX_QUEUE_SPARE,
  storeMbufOlFlags,
  storeMbufVlanTci,
  storeRxQueueDelivered,
  storeRxQueueDeliveredBytes,
  storeRxQueueOlFlags,
  storeRxQueuePktLen,
  storeRxQueueSegCount,
  storeRxQueueSpare,
  storeRxQueueSpareCount,
  storeRxQueueVlanTci,
} from './records';

/** Longer packets take the general path, whose call of the built-in copy pays for them. */
const MOST_STRAIGHT: u32 = 2_048;

function lesser(a: u32, b: u32): u32 {
  return a < b ? a : b;
}

/**
 * True for a frame that the MAC filter lets through (section 10). Works on the guest's own copy, whose first six
 * bytes always lie in one mbuf.
 */
export function macFilter(port: u32, frame: u32): bool {
  const lo: u32 = load32(frame);
  if ((lo & 1) !== 0 || loadPortPromiscuous(port) !== 0) return true;
  return lo === loadPortMacLo(port) && load16(frame + 4) === loadPortMacHi(port);
}

/** Tells the application of the tag that the host has stripped. */
export function noteTag(port: u32, q: u32, mbuf: u32, tci: u32): void {
  if (loadPortRxVlan(port) === 0) {
    countUp(q + RX_QUEUE_COUNTERS + RX_COUNTERS_VLAN_REFUSED, 1);
    return;
  }
  markTag(mbuf, tci);
}

function markTag(mbuf: u32, tci: u32): void {
  storeMbufOlFlags(mbuf, (MBUF_RX_VLAN | MBUF_RX_VLAN_STRIPPED) >>> 0);
  storeMbufVlanTci(mbuf, tci);
}

/**
 * Receives the packets of the entries from number `from` on, up to the first that is longer or broken. Fetches that
 * one's descriptor into the scratch fields, and returns its number.
 */
export function receiveStraight(port: u32, q: u32, out: u32, from: u32, entries: u32): u32 {
  const next: u32 = (out + ((loadRxQueueDelivered(q) << 2) >>> 0)) >>> 0;
  const longest: u32 = lesser(loadPortMaxRxPktLen(port), loadPortMbufSize(port));
  const most: u32 = lesser(longest, lesser(loadRxQueueMbufBytes(q), MOST_STRAIGHT));
  const end: u32 = prepareStraight(port, q, next, from, entries, most);
  copyStraight(port, q, next, from, end);
  return end;
}

/**
 * Takes an mbuf for each packet that can be received straight, and stores its address from `out` on. This loop and
 * `copyStraight` keep what they need in locals and call nothing, so that it stays in registers.
 * @param most bytes of the longest such packet
 */
function prepareStraight(port: u32, q: u32, out: u32, from: u32, entries: u32, most: u32): u32 {
  const tags: u32 = loadPortRxVlan(port);
  const spares: u32 = loadRxQueueSpareCount(q);
  const first: u32 = (q + RX_QUEUE_SPARE) >>> 0;
  let spare: u32 = (first + ((spares << 2) >>> 0)) >>> 0;
  let to: u32 = out;
  let i: u32 = from;
  for (; i < entries; i++) {
    const desc: u32 = loadRxQueueEntryDesc(q, i);
    if (desc === 0) break;
    const pktLen: u32 = loadDescPktLen(desc);
    const chained: bool = loadRxQueueEntryNext(q, i) !== 0;
    const segments: u32 = chained ? loadRxQueueChainSegs(q, i) : loadDescNbSegs(desc);
    const flags: u32 = loadDescOlFlags(desc);
    const tci: u32 = loadDescVlanTci(desc);
    const tagged: bool = (flags & OL_RX_VLAN) !== 0;
    const whole: bool = segments === 1 && loadRxQueueEntryBytes(q, i) === pktLen && !chained;
    const fits: bool = pktLen >= MIN_PACKET_BYTES && pktLen <= most && loadRxQueueEntryData(q, i) !== 0;
    if (!whole || !fits || spare === first || (tagged && tags === 0)) {
      storeRxQueuePktLen(q, pktLen);
      storeRxQueueSegCount(q, segments);
      storeRxQueueOlFlags(q, flags);
      storeRxQueueVlanTci(q, tci);
      break;
    }
    spare = (spare - 4) >>> 0;
    const mbuf: u32 = load32(spare);
    mbufReset(mbuf, port, pktLen);
    if (tagged) markTag(mbuf, tci);
    store32(to, mbuf);
    to = (to + 4) >>> 0;
  }
  storeRxQueueSpareCount(q, (spares - i + from) >>> 0);
  return i;
}

/** Copies the packets of entries into their mbufs, which stand from `out` on, and keeps those that the filter lets through. */
function copyStraight(port: u32, q: u32, out: u32, from: u32, end: u32): void {
  let kept: u32 = out;
  let at: u32 = out;
  let total: u32 = loadRxQueueDeliveredBytes(q);
  for (let i: u32 = from; i < end; i++) {
    const mbuf: u32 = load32(at);
    at = (at + 4) >>> 0;
    const bytes: u32 = loadRxQueueEntryBytes(q, i);
    copyShort(mbufOwnData(mbuf), loadRxQueueEntryData(q, i), bytes);
    if (macFilter(port, mbufOwnData(mbuf))) {
      store32(kept, mbuf);
      kept = (kept + 4) >>> 0;
      total = (total + bytes) >>> 0;
    } else {
      countUp(q + RX_QUEUE_COUNTERS + RX_COUNTERS_FILTERED_MAC, 1);
      storeRxQueueSpare(q, loadRxQueueSpareCount(q), mbuf);
      storeRxQueueSpareCount(q, (loadRxQueueSpareCount(q) + 1) >>> 0);
    }
  }
  storeRxQueueDelivered(q, (loadRxQueueDelivered(q) + (((kept - out) >>> 0) >>> 2)) >>> 0);
  storeRxQueueDeliveredBytes(q, total);
}
