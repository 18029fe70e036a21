// Generated from driver/abi/records.ts by `make generate`. Do not edit.
import { load16, load32, load8, store16, store32, store8 } from '#mem';

export const BLOCKED_STOPPED: u32 = 1;
export const BLOCKED_DETACHED: u32 = 2;
export const BLOCKED_REMOVED: u32 = 4;
export const BLOCKED_SETTLING: u32 = 8;
export const UNSURE_CONFIG: u32 = 1;
export const UNSURE_LINK: u32 = 2;
export const STATE_PROBED: u32 = 1;
export const STATE_CONFIGURED: u32 = 2;
export const STATE_STARTED: u32 = 3;
export const STATE_STOPPED: u32 = 4;
export const STATE_CLOSED: u32 = 5;
export const EVENT_LINK_UP: u32 = 1;
export const EVENT_LINK_DOWN: u32 = 2;
export const EVENT_REMOVED: u32 = 3;
export const EVENT_DETACHED: u32 = 4;
export const EVENT_ATTACHED: u32 = 5;
export const EVENT_MIGRATION_FAILED: u32 = 6;
export const PHASE_DETACH: u32 = 1;
export const PHASE_ATTACH: u32 = 2;
export const LOST_VLAN_STRIP: u32 = 1;
export const LOST_VLAN_INSERT: u32 = 2;
export const LOST_MTU: u32 = 4;
export const EVENT_SLOTS: u32 = 16;
/** Flag of a received packet: it had a VLAN tag, whose control information is in `vlanTci`. */
export const MBUF_RX_VLAN: u32 = 1;
/** Flag of a received packet: its VLAN tag is no longer in the data. */
export const MBUF_RX_VLAN_STRIPPED: u32 = 2;
/** Flag of a packet to be sent: the port inserts a VLAN tag with the control information in `vlanTci`. */
export const MBUF_TX_VLAN: u32 = 4;
export const MEMPOOL_ENTRIES: u32 = 250;
export const MBUF_GUARD_BYTES: u32 = 64;

// mbuf: head of a packet buffer, its data room follows
export const MBUF_BYTES: u32 = 64;
export const MBUF_POOL: u32 = 0;
export const MBUF_ROOM_BYTES: u32 = 4;
export const MBUF_REFCNT: u32 = 8;
export const MBUF_NEXT: u32 = 12;
export const MBUF_DATA_OFF: u32 = 16;
export const MBUF_DATA_LEN: u32 = 20;
export const MBUF_PKT_LEN: u32 = 24;
export const MBUF_NB_SEGS: u32 = 28;
export const MBUF_PORT: u32 = 32;
export const MBUF_OL_FLAGS: u32 = 36;
export const MBUF_VLAN_TCI: u32 = 40;
export const MBUF_DATA_ROOM: u32 = 44;
export const MBUF_ATTACHED_TO: u32 = 48;

export function loadMbufPool(base: u32): u32 {
  return load32(base);
}
export function storeMbufPool(base: u32, value: u32): void {
  store32(base, value);
}
export function loadMbufRoomBytes(base: u32): u32 {
  return load32(base + 4);
}
export function storeMbufRoomBytes(base: u32, value: u32): void {
  store32(base + 4, value);
}
export function loadMbufRefcnt(base: u32): u32 {
  return load32(base + 8);
}
export function storeMbufRefcnt(base: u32, value: u32): void {
  store32(base + 8, value);
}
export function loadMbufNext(base: u32): u32 {
  return load32(base + 12);
}
export function storeMbufNext(base: u32, value: u32): void {
  store32(base + 12, value);
}
export function loadMbufDataOff(base: u32): u32 {
  return load32(base + 16);
}
export function storeMbufDataOff(base: u32, value: u32): void {
  store32(base + 16, value);
}
export function loadMbufDataLen(base: u32): u32 {
  return load32(base + 20);
}
export function storeMbufDataLen(base: u32, value: u32): void {
  store32(base + 20, value);
}
export function loadMbufPktLen(base: u32): u32 {
  return load32(base + 24);
}
export function storeMbufPktLen(base: u32, value: u32): void {
  store32(base + 24, value);
}
export function loadMbufNbSegs(base: u32): u32 {
  return load32(base + 28);
}
export function storeMbufNbSegs(base: u32, value: u32): void {
  store32(base + 28, value);
}
export function loadMbufPort(base: u32): u32 {
  return load32(base + 32);
}
export function storeMbufPort(base: u32, value: u32): void {
  store32(base + 32, value);
}
export function loadMbufOlFlags(base: u32): u32 {
  return load32(base + 36);
}
export function storeMbufOlFlags(base: u32, value: u32): void {
  store32(base + 36, value);
}
export function loadMbufVlanTci(base: u32): u32 {
  return load32(base + 40);
}
export function storeMbufVlanTci(base: u32, value: u32): void {
  store32(base + 40, value);
}
export function loadMbufDataRoom(base: u32): u32 {
  return load32(base + 44);
}
export function storeMbufDataRoom(base: u32, value: u32): void {
  store32(base + 44, value);
}
export function loadMbufAttachedTo(base: u32): u32 {
  return load32(base + 48);
}
export function storeMbufAttachedTo(base: u32, value: u32): void {
  store32(base + 48, value);
}

// mempool: head of a mempool, its stack of free mbufs follows
export const MEMPOOL_BYTES: u32 = 64;
export const MEMPOOL_LOCK: u32 = 0;
export const MEMPOOL_AVAILABLE: u32 = 4;
export const MEMPOOL_SIZE: u32 = 8;
export const MEMPOOL_ROOM_BYTES: u32 = 12;
export const MEMPOOL_FIRST: u32 = 16;
export const MEMPOOL_STRIDE: u32 = 20;
export const MEMPOOL_STRIDE_SHIFT: u32 = 24;
export const MEMPOOL_INVERSE_LO: u32 = 28;
export const MEMPOOL_INVERSE_HI: u32 = 32;

export function loadMempoolLock(base: u32): u32 {
  return load32(base);
}
export function storeMempoolLock(base: u32, value: u32): void {
  store32(base, value);
}
export function loadMempoolAvailable(base: u32): u32 {
  return load32(base + 4);
}
export function storeMempoolAvailable(base: u32, value: u32): void {
  store32(base + 4, value);
}
export function loadMempoolSize(base: u32): u32 {
  return load32(base + 8);
}
export function storeMempoolSize(base: u32, value: u32): void {
  store32(base + 8, value);
}
export function loadMempoolRoomBytes(base: u32): u32 {
  return load32(base + 12);
}
export function storeMempoolRoomBytes(base: u32, value: u32): void {
  store32(base + 12, value);
}
export function loadMempoolFirst(base: u32): u32 {
  return load32(base + 16);
}
export function storeMempoolFirst(base: u32, value: u32): void {
  store32(base + 16, value);
}
export function loadMempoolStride(base: u32): u32 {
  return load32(base + 20);
}
export function storeMempoolStride(base: u32, value: u32): void {
  store32(base + 20, value);
}
export function loadMempoolStrideShift(base: u32): u32 {
  return load32(base + 24);
}
export function storeMempoolStrideShift(base: u32, value: u32): void {
  store32(base + 24, value);
}
export function loadMempoolInverseLo(base: u32): u32 {
  return load32(base + 28);
}
export function storeMempoolInverseLo(base: u32, value: u32): void {
  store32(base + 28, value);
}
export function loadMempoolInverseHi(base: u32): u32 {
  return load32(base + 32);
}
export function storeMempoolInverseHi(base: u32, value: u32): void {
  store32(base + 32, value);
}

// mempool_entry: where the mbufs of a mempool lie
export const MEMPOOL_ENTRY_BYTES: u32 = 16;
export const MEMPOOL_ENTRY_FIRST: u32 = 0;
export const MEMPOOL_ENTRY_LENGTH: u32 = 4;
export const MEMPOOL_ENTRY_STRIDE: u32 = 8;
export const MEMPOOL_ENTRY_MEMPOOL: u32 = 12;

export function loadMempoolEntryFirst(base: u32): u32 {
  return load32(base);
}
export function storeMempoolEntryFirst(base: u32, value: u32): void {
  store32(base, value);
}
export function loadMempoolEntryLength(base: u32): u32 {
  return load32(base + 4);
}
export function storeMempoolEntryLength(base: u32, value: u32): void {
  store32(base + 4, value);
}
export function loadMempoolEntryStride(base: u32): u32 {
  return load32(base + 8);
}
export function storeMempoolEntryStride(base: u32, value: u32): void {
  store32(base + 8, value);
}
export function loadMempoolEntryMempool(base: u32): u32 {
  return load32(base + 12);
}
export function storeMempoolEntryMempool(base: u32, value: u32): void {
  store32(base + 12, value);
}

// mempool_table: all mempools, so that a wild mbuf is recognised
export const MEMPOOL_TABLE_BYTES: u32 = 4032;
export const MEMPOOL_TABLE_USED: u32 = 0;
export const MEMPOOL_TABLE_REFUSED_FREES: u32 = 4;
export const MEMPOOL_TABLE_ENTRY: u32 = 8;

export function loadMempoolTableUsed(base: u32): u32 {
  return load32(base);
}
export function storeMempoolTableUsed(base: u32, value: u32): void {
  store32(base, value);
}
export function loadMempoolTableRefusedFrees(base: u32): u32 {
  return load32(base + 4);
}
export function storeMempoolTableRefusedFrees(base: u32, value: u32): void {
  store32(base + 4, value);
}

// pool_window: section 4: a packet-buffer pool of the host, seen from the guest
export const POOL_WINDOW_BYTES: u32 = 16;
export const POOL_WINDOW_VA_LO: u32 = 0;
export const POOL_WINDOW_VA_HI: u32 = 4;
export const POOL_WINDOW_LENGTH: u32 = 8;
export const POOL_WINDOW_ADDRESS: u32 = 12;

export function loadPoolWindowVaLo(base: u32): u32 {
  return load32(base);
}
export function storePoolWindowVaLo(base: u32, value: u32): void {
  store32(base, value);
}
export function loadPoolWindowVaHi(base: u32): u32 {
  return load32(base + 4);
}
export function storePoolWindowVaHi(base: u32, value: u32): void {
  store32(base + 4, value);
}
export function loadPoolWindowLength(base: u32): u32 {
  return load32(base + 8);
}
export function storePoolWindowLength(base: u32, value: u32): void {
  store32(base + 8, value);
}
export function loadPoolWindowAddress(base: u32): u32 {
  return load32(base + 12);
}
export function storePoolWindowAddress(base: u32, value: u32): void {
  store32(base + 12, value);
}

// rx_counters: what happened to the packets of a receive queue
export const RX_COUNTERS_BYTES: u32 = 136;
export const RX_COUNTERS_GOOD_PACKETS: u32 = 0;
export const RX_COUNTERS_GOOD_BYTES: u32 = 8;
export const RX_COUNTERS_NO_MBUF: u32 = 16;
export const RX_COUNTERS_FILTERED_MAC: u32 = 24;
export const RX_COUNTERS_DROPPED_SHORT: u32 = 32;
export const RX_COUNTERS_DROPPED_LONG: u32 = 40;
export const RX_COUNTERS_DROPPED_ADDRESS: u32 = 48;
export const RX_COUNTERS_DROPPED_SEGMENT_COUNT: u32 = 56;
export const RX_COUNTERS_DROPPED_CHAIN: u32 = 64;
export const RX_COUNTERS_DROPPED_EMPTY_SEGMENT: u32 = 72;
export const RX_COUNTERS_DROPPED_SEGMENT_LONG: u32 = 80;
export const RX_COUNTERS_DROPPED_LENGTH: u32 = 88;
export const RX_COUNTERS_DROPPED_NOT_SIMPLE: u32 = 96;
export const RX_COUNTERS_DROPPED_TOO_MANY_MBUFS: u32 = 104;
export const RX_COUNTERS_VLAN_REFUSED: u32 = 112;
export const RX_COUNTERS_REFUSED_RX_INDEX: u32 = 120;
export const RX_COUNTERS_REFUSED_FREE_INDEX: u32 = 128;

export function loadRxCountersGoodPacketsLo(base: u32): u32 {
  return load32(base);
}
export function storeRxCountersGoodPacketsLo(base: u32, value: u32): void {
  store32(base, value);
}
export function loadRxCountersGoodPacketsHi(base: u32): u32 {
  return load32(base + 4);
}
export function storeRxCountersGoodPacketsHi(base: u32, value: u32): void {
  store32(base + 4, value);
}
export function loadRxCountersGoodBytesLo(base: u32): u32 {
  return load32(base + 8);
}
export function storeRxCountersGoodBytesLo(base: u32, value: u32): void {
  store32(base + 8, value);
}
export function loadRxCountersGoodBytesHi(base: u32): u32 {
  return load32(base + 12);
}
export function storeRxCountersGoodBytesHi(base: u32, value: u32): void {
  store32(base + 12, value);
}
export function loadRxCountersNoMbufLo(base: u32): u32 {
  return load32(base + 16);
}
export function storeRxCountersNoMbufLo(base: u32, value: u32): void {
  store32(base + 16, value);
}
export function loadRxCountersNoMbufHi(base: u32): u32 {
  return load32(base + 20);
}
export function storeRxCountersNoMbufHi(base: u32, value: u32): void {
  store32(base + 20, value);
}
export function loadRxCountersFilteredMacLo(base: u32): u32 {
  return load32(base + 24);
}
export function storeRxCountersFilteredMacLo(base: u32, value: u32): void {
  store32(base + 24, value);
}
export function loadRxCountersFilteredMacHi(base: u32): u32 {
  return load32(base + 28);
}
export function storeRxCountersFilteredMacHi(base: u32, value: u32): void {
  store32(base + 28, value);
}
export function loadRxCountersDroppedShortLo(base: u32): u32 {
  return load32(base + 32);
}
export function storeRxCountersDroppedShortLo(base: u32, value: u32): void {
  store32(base + 32, value);
}
export function loadRxCountersDroppedShortHi(base: u32): u32 {
  return load32(base + 36);
}
export function storeRxCountersDroppedShortHi(base: u32, value: u32): void {
  store32(base + 36, value);
}
export function loadRxCountersDroppedLongLo(base: u32): u32 {
  return load32(base + 40);
}
export function storeRxCountersDroppedLongLo(base: u32, value: u32): void {
  store32(base + 40, value);
}
export function loadRxCountersDroppedLongHi(base: u32): u32 {
  return load32(base + 44);
}
export function storeRxCountersDroppedLongHi(base: u32, value: u32): void {
  store32(base + 44, value);
}
export function loadRxCountersDroppedAddressLo(base: u32): u32 {
  return load32(base + 48);
}
export function storeRxCountersDroppedAddressLo(base: u32, value: u32): void {
  store32(base + 48, value);
}
export function loadRxCountersDroppedAddressHi(base: u32): u32 {
  return load32(base + 52);
}
export function storeRxCountersDroppedAddressHi(base: u32, value: u32): void {
  store32(base + 52, value);
}
export function loadRxCountersDroppedSegmentCountLo(base: u32): u32 {
  return load32(base + 56);
}
export function storeRxCountersDroppedSegmentCountLo(base: u32, value: u32): void {
  store32(base + 56, value);
}
export function loadRxCountersDroppedSegmentCountHi(base: u32): u32 {
  return load32(base + 60);
}
export function storeRxCountersDroppedSegmentCountHi(base: u32, value: u32): void {
  store32(base + 60, value);
}
export function loadRxCountersDroppedChainLo(base: u32): u32 {
  return load32(base + 64);
}
export function storeRxCountersDroppedChainLo(base: u32, value: u32): void {
  store32(base + 64, value);
}
export function loadRxCountersDroppedChainHi(base: u32): u32 {
  return load32(base + 68);
}
export function storeRxCountersDroppedChainHi(base: u32, value: u32): void {
  store32(base + 68, value);
}
export function loadRxCountersDroppedEmptySegmentLo(base: u32): u32 {
  return load32(base + 72);
}
export function storeRxCountersDroppedEmptySegmentLo(base: u32, value: u32): void {
  store32(base + 72, value);
}
export function loadRxCountersDroppedEmptySegmentHi(base: u32): u32 {
  return load32(base + 76);
}
export function storeRxCountersDroppedEmptySegmentHi(base: u32, value: u32): void {
  store32(base + 76, value);
}
export function loadRxCountersDroppedSegmentLongLo(base: u32): u32 {
  return load32(base + 80);
}
export function storeRxCountersDroppedSegmentLongLo(base: u32, value: u32): void {
  store32(base + 80, value);
}
export function loadRxCountersDroppedSegmentLongHi(base: u32): u32 {
  return load32(base + 84);
}
export function storeRxCountersDroppedSegmentLongHi(base: u32, value: u32): void {
  store32(base + 84, value);
}
export function loadRxCountersDroppedLengthLo(base: u32): u32 {
  return load32(base + 88);
}
export function storeRxCountersDroppedLengthLo(base: u32, value: u32): void {
  store32(base + 88, value);
}
export function loadRxCountersDroppedLengthHi(base: u32): u32 {
  return load32(base + 92);
}
export function storeRxCountersDroppedLengthHi(base: u32, value: u32): void {
  store32(base + 92, value);
}
export function loadRxCountersDroppedNotSimpleLo(base: u32): u32 {
  return load32(base + 96);
}
export function storeRxCountersDroppedNotSimpleLo(base: u32, value: u32): void {
  store32(base + 96, value);
}
export function loadRxCountersDroppedNotSimpleHi(base: u32): u32 {
  return load32(base + 100);
}
export function storeRxCountersDroppedNotSimpleHi(base: u32, value: u32): void {
  store32(base + 100, value);
}
export function loadRxCountersDroppedTooManyMbufsLo(base: u32): u32 {
  return load32(base + 104);
}
export function storeRxCountersDroppedTooManyMbufsLo(base: u32, value: u32): void {
  store32(base + 104, value);
}
export function loadRxCountersDroppedTooManyMbufsHi(base: u32): u32 {
  return load32(base + 108);
}
export function storeRxCountersDroppedTooManyMbufsHi(base: u32, value: u32): void {
  store32(base + 108, value);
}
export function loadRxCountersVlanRefusedLo(base: u32): u32 {
  return load32(base + 112);
}
export function storeRxCountersVlanRefusedLo(base: u32, value: u32): void {
  store32(base + 112, value);
}
export function loadRxCountersVlanRefusedHi(base: u32): u32 {
  return load32(base + 116);
}
export function storeRxCountersVlanRefusedHi(base: u32, value: u32): void {
  store32(base + 116, value);
}
export function loadRxCountersRefusedRxIndexLo(base: u32): u32 {
  return load32(base + 120);
}
export function storeRxCountersRefusedRxIndexLo(base: u32, value: u32): void {
  store32(base + 120, value);
}
export function loadRxCountersRefusedRxIndexHi(base: u32): u32 {
  return load32(base + 124);
}
export function storeRxCountersRefusedRxIndexHi(base: u32, value: u32): void {
  store32(base + 124, value);
}
export function loadRxCountersRefusedFreeIndexLo(base: u32): u32 {
  return load32(base + 128);
}
export function storeRxCountersRefusedFreeIndexLo(base: u32, value: u32): void {
  store32(base + 128, value);
}
export function loadRxCountersRefusedFreeIndexHi(base: u32): u32 {
  return load32(base + 132);
}
export function storeRxCountersRefusedFreeIndexHi(base: u32, value: u32): void {
  store32(base + 132, value);
}

// tx_counters: what happened to the packets of a transmit queue
export const TX_COUNTERS_BYTES: u32 = 96;
export const TX_COUNTERS_GOOD_PACKETS: u32 = 0;
export const TX_COUNTERS_GOOD_BYTES: u32 = 8;
export const TX_COUNTERS_DROPPED_HANDLE: u32 = 16;
export const TX_COUNTERS_DROPPED_SHORT: u32 = 24;
export const TX_COUNTERS_DROPPED_LONG: u32 = 32;
export const TX_COUNTERS_DROPPED_CHAIN: u32 = 40;
export const TX_COUNTERS_DROPPED_TOO_MANY_BUFFERS: u32 = 48;
export const TX_COUNTERS_DROPPED_ALLOC_SMALL: u32 = 56;
export const TX_COUNTERS_DROPPED_VLAN_OFF: u32 = 64;
export const TX_COUNTERS_REFUSED_BUFFER: u32 = 72;
export const TX_COUNTERS_REFUSED_TX_INDEX: u32 = 80;
export const TX_COUNTERS_REFUSED_ALLOC_INDEX: u32 = 88;

export function loadTxCountersGoodPacketsLo(base: u32): u32 {
  return load32(base);
}
export function storeTxCountersGoodPacketsLo(base: u32, value: u32): void {
  store32(base, value);
}
export function loadTxCountersGoodPacketsHi(base: u32): u32 {
  return load32(base + 4);
}
export function storeTxCountersGoodPacketsHi(base: u32, value: u32): void {
  store32(base + 4, value);
}
export function loadTxCountersGoodBytesLo(base: u32): u32 {
  return load32(base + 8);
}
export function storeTxCountersGoodBytesLo(base: u32, value: u32): void {
  store32(base + 8, value);
}
export function loadTxCountersGoodBytesHi(base: u32): u32 {
  return load32(base + 12);
}
export function storeTxCountersGoodBytesHi(base: u32, value: u32): void {
  store32(base + 12, value);
}
export function loadTxCountersDroppedHandleLo(base: u32): u32 {
  return load32(base + 16);
}
export function storeTxCountersDroppedHandleLo(base: u32, value: u32): void {
  store32(base + 16, value);
}
export function loadTxCountersDroppedHandleHi(base: u32): u32 {
  return load32(base + 20);
}
export function storeTxCountersDroppedHandleHi(base: u32, value: u32): void {
  store32(base + 20, value);
}
export function loadTxCountersDroppedShortLo(base: u32): u32 {
  return load32(base + 24);
}
export function storeTxCountersDroppedShortLo(base: u32, value: u32): void {
  store32(base + 24, value);
}
export function loadTxCountersDroppedShortHi(base: u32): u32 {
  return load32(base + 28);
}
export function storeTxCountersDroppedShortHi(base: u32, value: u32): void {
  store32(base + 28, value);
}
export function loadTxCountersDroppedLongLo(base: u32): u32 {
  return load32(base + 32);
}
export function storeTxCountersDroppedLongLo(base: u32, value: u32): void {
  store32(base + 32, value);
}
export function loadTxCountersDroppedLongHi(base: u32): u32 {
  return load32(base + 36);
}
export function storeTxCountersDroppedLongHi(base: u32, value: u32): void {
  store32(base + 36, value);
}
export function loadTxCountersDroppedChainLo(base: u32): u32 {
  return load32(base + 40);
}
export function storeTxCountersDroppedChainLo(base: u32, value: u32): void {
  store32(base + 40, value);
}
export function loadTxCountersDroppedChainHi(base: u32): u32 {
  return load32(base + 44);
}
export function storeTxCountersDroppedChainHi(base: u32, value: u32): void {
  store32(base + 44, value);
}
export function loadTxCountersDroppedTooManyBuffersLo(base: u32): u32 {
  return load32(base + 48);
}
export function storeTxCountersDroppedTooManyBuffersLo(base: u32, value: u32): void {
  store32(base + 48, value);
}
export function loadTxCountersDroppedTooManyBuffersHi(base: u32): u32 {
  return load32(base + 52);
}
export function storeTxCountersDroppedTooManyBuffersHi(base: u32, value: u32): void {
  store32(base + 52, value);
}
export function loadTxCountersDroppedAllocSmallLo(base: u32): u32 {
  return load32(base + 56);
}
export function storeTxCountersDroppedAllocSmallLo(base: u32, value: u32): void {
  store32(base + 56, value);
}
export function loadTxCountersDroppedAllocSmallHi(base: u32): u32 {
  return load32(base + 60);
}
export function storeTxCountersDroppedAllocSmallHi(base: u32, value: u32): void {
  store32(base + 60, value);
}
export function loadTxCountersDroppedVlanOffLo(base: u32): u32 {
  return load32(base + 64);
}
export function storeTxCountersDroppedVlanOffLo(base: u32, value: u32): void {
  store32(base + 64, value);
}
export function loadTxCountersDroppedVlanOffHi(base: u32): u32 {
  return load32(base + 68);
}
export function storeTxCountersDroppedVlanOffHi(base: u32, value: u32): void {
  store32(base + 68, value);
}
export function loadTxCountersRefusedBufferLo(base: u32): u32 {
  return load32(base + 72);
}
export function storeTxCountersRefusedBufferLo(base: u32, value: u32): void {
  store32(base + 72, value);
}
export function loadTxCountersRefusedBufferHi(base: u32): u32 {
  return load32(base + 76);
}
export function storeTxCountersRefusedBufferHi(base: u32, value: u32): void {
  store32(base + 76, value);
}
export function loadTxCountersRefusedTxIndexLo(base: u32): u32 {
  return load32(base + 80);
}
export function storeTxCountersRefusedTxIndexLo(base: u32, value: u32): void {
  store32(base + 80, value);
}
export function loadTxCountersRefusedTxIndexHi(base: u32): u32 {
  return load32(base + 84);
}
export function storeTxCountersRefusedTxIndexHi(base: u32, value: u32): void {
  store32(base + 84, value);
}
export function loadTxCountersRefusedAllocIndexLo(base: u32): u32 {
  return load32(base + 88);
}
export function storeTxCountersRefusedAllocIndexLo(base: u32, value: u32): void {
  store32(base + 88, value);
}
export function loadTxCountersRefusedAllocIndexHi(base: u32): u32 {
  return load32(base + 92);
}
export function storeTxCountersRefusedAllocIndexHi(base: u32, value: u32): void {
  store32(base + 92, value);
}

// control_counters: what happened on the control channel
export const CONTROL_COUNTERS_BYTES: u32 = 40;
export const CONTROL_COUNTERS_LATE_ANSWERS: u32 = 0;
export const CONTROL_COUNTERS_TIMEOUTS: u32 = 8;
export const CONTROL_COUNTERS_BAD_ANSWERS: u32 = 16;
export const CONTROL_COUNTERS_UNEXPECTED_INTERRUPTS: u32 = 24;
export const CONTROL_COUNTERS_FAILED_SHUTDOWNS: u32 = 32;

export function loadControlCountersLateAnswersLo(base: u32): u32 {
  return load32(base);
}
export function storeControlCountersLateAnswersLo(base: u32, value: u32): void {
  store32(base, value);
}
export function loadControlCountersLateAnswersHi(base: u32): u32 {
  return load32(base + 4);
}
export function storeControlCountersLateAnswersHi(base: u32, value: u32): void {
  store32(base + 4, value);
}
export function loadControlCountersTimeoutsLo(base: u32): u32 {
  return load32(base + 8);
}
export function storeControlCountersTimeoutsLo(base: u32, value: u32): void {
  store32(base + 8, value);
}
export function loadControlCountersTimeoutsHi(base: u32): u32 {
  return load32(base + 12);
}
export function storeControlCountersTimeoutsHi(base: u32, value: u32): void {
  store32(base + 12, value);
}
export function loadControlCountersBadAnswersLo(base: u32): u32 {
  return load32(base + 16);
}
export function storeControlCountersBadAnswersLo(base: u32, value: u32): void {
  store32(base + 16, value);
}
export function loadControlCountersBadAnswersHi(base: u32): u32 {
  return load32(base + 20);
}
export function storeControlCountersBadAnswersHi(base: u32, value: u32): void {
  store32(base + 20, value);
}
export function loadControlCountersUnexpectedInterruptsLo(base: u32): u32 {
  return load32(base + 24);
}
export function storeControlCountersUnexpectedInterruptsLo(base: u32, value: u32): void {
  store32(base + 24, value);
}
export function loadControlCountersUnexpectedInterruptsHi(base: u32): u32 {
  return load32(base + 28);
}
export function storeControlCountersUnexpectedInterruptsHi(base: u32, value: u32): void {
  store32(base + 28, value);
}
export function loadControlCountersFailedShutdownsLo(base: u32): u32 {
  return load32(base + 32);
}
export function storeControlCountersFailedShutdownsLo(base: u32, value: u32): void {
  store32(base + 32, value);
}
export function loadControlCountersFailedShutdownsHi(base: u32): u32 {
  return load32(base + 36);
}
export function storeControlCountersFailedShutdownsHi(base: u32, value: u32): void {
  store32(base + 36, value);
}

// migration_counters: what became of migration events
export const MIGRATION_COUNTERS_BYTES: u32 = 72;
export const MIGRATION_COUNTERS_DETACHED: u32 = 0;
export const MIGRATION_COUNTERS_ATTACHED: u32 = 8;
export const MIGRATION_COUNTERS_REPEATED: u32 = 16;
export const MIGRATION_COUNTERS_REFUSED_BURST: u32 = 24;
export const MIGRATION_COUNTERS_REFUSED_REQUEST: u32 = 32;
export const MIGRATION_COUNTERS_REFUSED_TIMEOUT: u32 = 40;
export const MIGRATION_COUNTERS_REFUSED_HOST: u32 = 48;
export const MIGRATION_COUNTERS_REFUSED_QUEUES: u32 = 56;
export const MIGRATION_COUNTERS_REFUSED_STATUS: u32 = 64;

export function loadMigrationCountersDetachedLo(base: u32): u32 {
  return load32(base);
}
export function storeMigrationCountersDetachedLo(base: u32, value: u32): void {
  store32(base, value);
}
export function loadMigrationCountersDetachedHi(base: u32): u32 {
  return load32(base + 4);
}
export function storeMigrationCountersDetachedHi(base: u32, value: u32): void {
  store32(base + 4, value);
}
export function loadMigrationCountersAttachedLo(base: u32): u32 {
  return load32(base + 8);
}
export function storeMigrationCountersAttachedLo(base: u32, value: u32): void {
  store32(base + 8, value);
}
export function loadMigrationCountersAttachedHi(base: u32): u32 {
  return load32(base + 12);
}
export function storeMigrationCountersAttachedHi(base: u32, value: u32): void {
  store32(base + 12, value);
}
export function loadMigrationCountersRepeatedLo(base: u32): u32 {
  return load32(base + 16);
}
export function storeMigrationCountersRepeatedLo(base: u32, value: u32): void {
  store32(base + 16, value);
}
export function loadMigrationCountersRepeatedHi(base: u32): u32 {
  return load32(base + 20);
}
export function storeMigrationCountersRepeatedHi(base: u32, value: u32): void {
  store32(base + 20, value);
}
export function loadMigrationCountersRefusedBurstLo(base: u32): u32 {
  return load32(base + 24);
}
export function storeMigrationCountersRefusedBurstLo(base: u32, value: u32): void {
  store32(base + 24, value);
}
export function loadMigrationCountersRefusedBurstHi(base: u32): u32 {
  return load32(base + 28);
}
export function storeMigrationCountersRefusedBurstHi(base: u32, value: u32): void {
  store32(base + 28, value);
}
export function loadMigrationCountersRefusedRequestLo(base: u32): u32 {
  return load32(base + 32);
}
export function storeMigrationCountersRefusedRequestLo(base: u32, value: u32): void {
  store32(base + 32, value);
}
export function loadMigrationCountersRefusedRequestHi(base: u32): u32 {
  return load32(base + 36);
}
export function storeMigrationCountersRefusedRequestHi(base: u32, value: u32): void {
  store32(base + 36, value);
}
export function loadMigrationCountersRefusedTimeoutLo(base: u32): u32 {
  return load32(base + 40);
}
export function storeMigrationCountersRefusedTimeoutLo(base: u32, value: u32): void {
  store32(base + 40, value);
}
export function loadMigrationCountersRefusedTimeoutHi(base: u32): u32 {
  return load32(base + 44);
}
export function storeMigrationCountersRefusedTimeoutHi(base: u32, value: u32): void {
  store32(base + 44, value);
}
export function loadMigrationCountersRefusedHostLo(base: u32): u32 {
  return load32(base + 48);
}
export function storeMigrationCountersRefusedHostLo(base: u32, value: u32): void {
  store32(base + 48, value);
}
export function loadMigrationCountersRefusedHostHi(base: u32): u32 {
  return load32(base + 52);
}
export function storeMigrationCountersRefusedHostHi(base: u32, value: u32): void {
  store32(base + 52, value);
}
export function loadMigrationCountersRefusedQueuesLo(base: u32): u32 {
  return load32(base + 56);
}
export function storeMigrationCountersRefusedQueuesLo(base: u32, value: u32): void {
  store32(base + 56, value);
}
export function loadMigrationCountersRefusedQueuesHi(base: u32): u32 {
  return load32(base + 60);
}
export function storeMigrationCountersRefusedQueuesHi(base: u32, value: u32): void {
  store32(base + 60, value);
}
export function loadMigrationCountersRefusedStatusLo(base: u32): u32 {
  return load32(base + 64);
}
export function storeMigrationCountersRefusedStatusLo(base: u32, value: u32): void {
  store32(base + 64, value);
}
export function loadMigrationCountersRefusedStatusHi(base: u32): u32 {
  return load32(base + 68);
}
export function storeMigrationCountersRefusedStatusHi(base: u32, value: u32): void {
  store32(base + 68, value);
}

// event_slot: an event of a port
export const EVENT_SLOT_BYTES: u32 = 256;
export const EVENT_SLOT_SEQUENCE: u32 = 0;
export const EVENT_SLOT_EVENT: u32 = 4;
export const EVENT_SLOT_PHASE: u32 = 8;
export const EVENT_SLOT_ERRNO: u32 = 12;
export const EVENT_SLOT_LOST: u32 = 16;
export const EVENT_SLOT_MESSAGE_BYTES: u32 = 20;
export const EVENT_SLOT_MESSAGE: u32 = 24;

export function loadEventSlotSequence(base: u32): u32 {
  return load32(base);
}
export function storeEventSlotSequence(base: u32, value: u32): void {
  store32(base, value);
}
export function loadEventSlotEvent(base: u32): u32 {
  return load32(base + 4);
}
export function storeEventSlotEvent(base: u32, value: u32): void {
  store32(base + 4, value);
}
export function loadEventSlotPhase(base: u32): u32 {
  return load32(base + 8);
}
export function storeEventSlotPhase(base: u32, value: u32): void {
  store32(base + 8, value);
}
export function loadEventSlotErrno(base: u32): u32 {
  return load32(base + 12);
}
export function storeEventSlotErrno(base: u32, value: u32): void {
  store32(base + 12, value);
}
export function loadEventSlotLost(base: u32): u32 {
  return load32(base + 16);
}
export function storeEventSlotLost(base: u32, value: u32): void {
  store32(base + 16, value);
}
export function loadEventSlotMessageBytes(base: u32): u32 {
  return load32(base + 20);
}
export function storeEventSlotMessageBytes(base: u32, value: u32): void {
  store32(base + 20, value);
}
export function loadEventSlotMessage(base: u32, index: u32): u32 {
  return load8(base + 24 + index);
}
export function storeEventSlotMessage(base: u32, index: u32, value: u32): void {
  store8(base + 24 + index, value);
}

// rx_pair: a receive FIFO and its free FIFO
export const RX_PAIR_BYTES: u32 = 64;
export const RX_PAIR_RX: u32 = 0;
export const RX_PAIR_FREE: u32 = 16;


// rx_queue: a receive queue of the application
export const RX_QUEUE_BYTES: u32 = 3456;
export const RX_QUEUE_BUSY: u32 = 0;
export const RX_QUEUE_MEMPOOL: u32 = 4;
export const RX_QUEUE_MBUF_BYTES: u32 = 8;
export const RX_QUEUE_FIRST_FIFO: u32 = 12;
export const RX_QUEUE_FIFO_COUNT: u32 = 16;
export const RX_QUEUE_TURN: u32 = 20;
export const RX_QUEUE_DELIVERED: u32 = 24;
export const RX_QUEUE_DELIVERED_BYTES: u32 = 28;
export const RX_QUEUE_PKT_LEN: u32 = 32;
export const RX_QUEUE_SEG_COUNT: u32 = 36;
export const RX_QUEUE_OL_FLAGS: u32 = 40;
export const RX_QUEUE_VLAN_TCI: u32 = 44;
export const RX_QUEUE_NEXT_LO: u32 = 48;
export const RX_QUEUE_NEXT_HI: u32 = 52;
export const RX_QUEUE_ENTRY_DESC: u32 = 56;
export const RX_QUEUE_ENTRY_DATA: u32 = 312;
export const RX_QUEUE_ENTRY_BYTES: u32 = 568;
export const RX_QUEUE_ENTRY_NEXT: u32 = 696;
export const RX_QUEUE_CHAIN_SEGS: u32 = 952;
export const RX_QUEUE_CHAIN_FETCHED: u32 = 1016;
export const RX_QUEUE_CHAIN_DATA: u32 = 1080;
export const RX_QUEUE_CHAIN_BYTES: u32 = 2104;
export const RX_QUEUE_CHAINED: u32 = 2616;
export const RX_QUEUE_SEG_ADDRESS: u32 = 2620;
export const RX_QUEUE_SEG_BYTES: u32 = 2640;
export const RX_QUEUE_SPARE_COUNT: u32 = 2660;
export const RX_QUEUE_SPARE: u32 = 2664;
export const RX_QUEUE_SLOTS: u32 = 2920;
export const RX_QUEUE_COUNTERS: u32 = 3176;
export const RX_QUEUE_BASELINE: u32 = 3312;

export function loadRxQueueBusy(base: u32): u32 {
  return load32(base);
}
export function storeRxQueueBusy(base: u32, value: u32): void {
  store32(base, value);
}
export function loadRxQueueMempool(base: u32): u32 {
  return load32(base + 4);
}
export function storeRxQueueMempool(base: u32, value: u32): void {
  store32(base + 4, value);
}
export function loadRxQueueMbufBytes(base: u32): u32 {
  return load32(base + 8);
}
export function storeRxQueueMbufBytes(base: u32, value: u32): void {
  store32(base + 8, value);
}
export function loadRxQueueFirstFifo(base: u32): u32 {
  return load32(base + 12);
}
export function storeRxQueueFirstFifo(base: u32, value: u32): void {
  store32(base + 12, value);
}
export function loadRxQueueFifoCount(base: u32): u32 {
  return load32(base + 16);
}
export function storeRxQueueFifoCount(base: u32, value: u32): void {
  store32(base + 16, value);
}
export function loadRxQueueTurn(base: u32): u32 {
  return load32(base + 20);
}
export function storeRxQueueTurn(base: u32, value: u32): void {
  store32(base + 20, value);
}
export function loadRxQueueDelivered(base: u32): u32 {
  return load32(base + 24);
}
export function storeRxQueueDelivered(base: u32, value: u32): void {
  store32(base + 24, value);
}
export function loadRxQueueDeliveredBytes(base: u32): u32 {
  return load32(base + 28);
}
export function storeRxQueueDeliveredBytes(base: u32, value: u32): void {
  store32(base + 28, value);
}
export function loadRxQueuePktLen(base: u32): u32 {
  return load32(base + 32);
}
export function storeRxQueuePktLen(base: u32, value: u32): void {
  store32(base + 32, value);
}
export function loadRxQueueSegCount(base: u32): u32 {
  return load32(base + 36);
}
export function storeRxQueueSegCount(base: u32, value: u32): void {
  store32(base + 36, value);
}
export function loadRxQueueOlFlags(base: u32): u32 {
  return load32(base + 40);
}
export function storeRxQueueOlFlags(base: u32, value: u32): void {
  store32(base + 40, value);
}
export function loadRxQueueVlanTci(base: u32): u32 {
  return load32(base + 44);
}
export function storeRxQueueVlanTci(base: u32, value: u32): void {
  store32(base + 44, value);
}
export function loadRxQueueNextLo(base: u32): u32 {
  return load32(base + 48);
}
export function storeRxQueueNextLo(base: u32, value: u32): void {
  store32(base + 48, value);
}
export function loadRxQueueNextHi(base: u32): u32 {
  return load32(base + 52);
}
export function storeRxQueueNextHi(base: u32, value: u32): void {
  store32(base + 52, value);
}
export function loadRxQueueEntryDesc(base: u32, index: u32): u32 {
  return load32(base + 56 + ((index << 2) >>> 0));
}
export function storeRxQueueEntryDesc(base: u32, index: u32, value: u32): void {
  store32(base + 56 + ((index << 2) >>> 0), value);
}
export function loadRxQueueEntryData(base: u32, index: u32): u32 {
  return load32(base + 312 + ((index << 2) >>> 0));
}
export function storeRxQueueEntryData(base: u32, index: u32, value: u32): void {
  store32(base + 312 + ((index << 2) >>> 0), value);
}
export function loadRxQueueEntryBytes(base: u32, index: u32): u32 {
  return load16(base + 568 + ((index << 1) >>> 0));
}
export function storeRxQueueEntryBytes(base: u32, index: u32, value: u32): void {
  store16(base + 568 + ((index << 1) >>> 0), value);
}
export function loadRxQueueEntryNext(base: u32, index: u32): u32 {
  return load32(base + 696 + ((index << 2) >>> 0));
}
export function storeRxQueueEntryNext(base: u32, index: u32, value: u32): void {
  store32(base + 696 + ((index << 2) >>> 0), value);
}
export function loadRxQueueChainSegs(base: u32, index: u32): u32 {
  return load8(base + 952 + index);
}
export function storeRxQueueChainSegs(base: u32, index: u32, value: u32): void {
  store8(base + 952 + index, value);
}
export function loadRxQueueChainFetched(base: u32, index: u32): u32 {
  return load8(base + 1016 + index);
}
export function storeRxQueueChainFetched(base: u32, index: u32, value: u32): void {
  store8(base + 1016 + index, value);
}
export function loadRxQueueChainData(base: u32, index: u32): u32 {
  return load32(base + 1080 + ((index << 2) >>> 0));
}
export function storeRxQueueChainData(base: u32, index: u32, value: u32): void {
  store32(base + 1080 + ((index << 2) >>> 0), value);
}
export function loadRxQueueChainBytes(base: u32, index: u32): u32 {
  return load16(base + 2104 + ((index << 1) >>> 0));
}
export function storeRxQueueChainBytes(base: u32, index: u32, value: u32): void {
  store16(base + 2104 + ((index << 1) >>> 0), value);
}
export function loadRxQueueChained(base: u32): u32 {
  return load32(base + 2616);
}
export function storeRxQueueChained(base: u32, value: u32): void {
  store32(base + 2616, value);
}
export function loadRxQueueSegAddress(base: u32, index: u32): u32 {
  return load32(base + 2620 + ((index << 2) >>> 0));
}
export function storeRxQueueSegAddress(base: u32, index: u32, value: u32): void {
  store32(base + 2620 + ((index << 2) >>> 0), value);
}
export function loadRxQueueSegBytes(base: u32, index: u32): u32 {
  return load32(base + 2640 + ((index << 2) >>> 0));
}
export function storeRxQueueSegBytes(base: u32, index: u32, value: u32): void {
  store32(base + 2640 + ((index << 2) >>> 0), value);
}
export function loadRxQueueSpareCount(base: u32): u32 {
  return load32(base + 2660);
}
export function storeRxQueueSpareCount(base: u32, value: u32): void {
  store32(base + 2660, value);
}
export function loadRxQueueSpare(base: u32, index: u32): u32 {
  return load32(base + 2664 + ((index << 2) >>> 0));
}
export function storeRxQueueSpare(base: u32, index: u32, value: u32): void {
  store32(base + 2664 + ((index << 2) >>> 0), value);
}
export function loadRxQueueSlots(base: u32, index: u32): u32 {
  return load32(base + 2920 + ((index << 2) >>> 0));
}
export function storeRxQueueSlots(base: u32, index: u32, value: u32): void {
  store32(base + 2920 + ((index << 2) >>> 0), value);
}

// tx_queue: a transmit queue of the application
export const TX_QUEUE_BYTES: u32 = 1728;
export const TX_QUEUE_BUSY: u32 = 0;
export const TX_QUEUE_READY: u32 = 4;
export const TX_QUEUE_TX: u32 = 8;
export const TX_QUEUE_ALLOC: u32 = 24;
export const TX_QUEUE_POOL_ENTRY: u32 = 40;
export const TX_QUEUE_TAKEN: u32 = 44;
export const TX_QUEUE_SENT: u32 = 48;
export const TX_QUEUE_SENT_BYTES: u32 = 52;
export const TX_QUEUE_ENTRIES_USED: u32 = 56;
export const TX_QUEUE_BUFFERS_USED: u32 = 60;
export const TX_QUEUE_EXAMINED: u32 = 64;
export const TX_QUEUE_LISTED: u32 = 68;
export const TX_QUEUE_USED: u32 = 72;
export const TX_QUEUE_DATA_LO: u32 = 76;
export const TX_QUEUE_DATA_HI: u32 = 80;
export const TX_QUEUE_BUFFER_DESC: u32 = 84;
export const TX_QUEUE_BUFFER_DATA: u32 = 340;
export const TX_QUEUE_BUFFER_LO: u32 = 596;
export const TX_QUEUE_BUFFER_HI: u32 = 852;
export const TX_QUEUE_BUFFER_ENTRY: u32 = 1108;
export const TX_QUEUE_SLOTS: u32 = 1236;
export const TX_QUEUE_COUNTERS: u32 = 1496;
export const TX_QUEUE_BASELINE: u32 = 1592;

export function loadTxQueueBusy(base: u32): u32 {
  return load32(base);
}
export function storeTxQueueBusy(base: u32, value: u32): void {
  store32(base, value);
}
export function loadTxQueueReady(base: u32): u32 {
  return load32(base + 4);
}
export function storeTxQueueReady(base: u32, value: u32): void {
  store32(base + 4, value);
}
export function loadTxQueuePoolEntry(base: u32): u32 {
  return load32(base + 40);
}
export function storeTxQueuePoolEntry(base: u32, value: u32): void {
  store32(base + 40, value);
}
export function loadTxQueueTaken(base: u32): u32 {
  return load32(base + 44);
}
export function storeTxQueueTaken(base: u32, value: u32): void {
  store32(base + 44, value);
}
export function loadTxQueueSent(base: u32): u32 {
  return load32(base + 48);
}
export function storeTxQueueSent(base: u32, value: u32): void {
  store32(base + 48, value);
}
export function loadTxQueueSentBytes(base: u32): u32 {
  return load32(base + 52);
}
export function storeTxQueueSentBytes(base: u32, value: u32): void {
  store32(base + 52, value);
}
export function loadTxQueueEntriesUsed(base: u32): u32 {
  return load32(base + 56);
}
export function storeTxQueueEntriesUsed(base: u32, value: u32): void {
  store32(base + 56, value);
}
export function loadTxQueueBuffersUsed(base: u32): u32 {
  return load32(base + 60);
}
export function storeTxQueueBuffersUsed(base: u32, value: u32): void {
  store32(base + 60, value);
}
export function loadTxQueueExamined(base: u32): u32 {
  return load32(base + 64);
}
export function storeTxQueueExamined(base: u32, value: u32): void {
  store32(base + 64, value);
}
export function loadTxQueueListed(base: u32): u32 {
  return load32(base + 68);
}
export function storeTxQueueListed(base: u32, value: u32): void {
  store32(base + 68, value);
}
export function loadTxQueueUsed(base: u32): u32 {
  return load32(base + 72);
}
export function storeTxQueueUsed(base: u32, value: u32): void {
  store32(base + 72, value);
}
export function loadTxQueueDataLo(base: u32): u32 {
  return load32(base + 76);
}
export function storeTxQueueDataLo(base: u32, value: u32): void {
  store32(base + 76, value);
}
export function loadTxQueueDataHi(base: u32): u32 {
  return load32(base + 80);
}
export function storeTxQueueDataHi(base: u32, value: u32): void {
  store32(base + 80, value);
}
export function loadTxQueueBufferDesc(base: u32, index: u32): u32 {
  return load32(base + 84 + ((index << 2) >>> 0));
}
export function storeTxQueueBufferDesc(base: u32, index: u32, value: u32): void {
  store32(base + 84 + ((index << 2) >>> 0), value);
}
export function loadTxQueueBufferData(base: u32, index: u32): u32 {
  return load32(base + 340 + ((index << 2) >>> 0));
}
export function storeTxQueueBufferData(base: u32, index: u32, value: u32): void {
  store32(base + 340 + ((index << 2) >>> 0), value);
}
export function loadTxQueueBufferLo(base: u32, index: u32): u32 {
  return load32(base + 596 + ((index << 2) >>> 0));
}
export function storeTxQueueBufferLo(base: u32, index: u32, value: u32): void {
  store32(base + 596 + ((index << 2) >>> 0), value);
}
export function loadTxQueueBufferHi(base: u32, index: u32): u32 {
  return load32(base + 852 + ((index << 2) >>> 0));
}
export function storeTxQueueBufferHi(base: u32, index: u32, value: u32): void {
  store32(base + 852 + ((index << 2) >>> 0), value);
}
export function loadTxQueueBufferEntry(base: u32, index: u32): u32 {
  return load16(base + 1108 + ((index << 1) >>> 0));
}
export function storeTxQueueBufferEntry(base: u32, index: u32, value: u32): void {
  store16(base + 1108 + ((index << 1) >>> 0), value);
}
export function loadTxQueueSlots(base: u32, index: u32): u32 {
  return load32(base + 1236 + ((index << 2) >>> 0));
}
export function storeTxQueueSlots(base: u32, index: u32, value: u32): void {
  store32(base + 1236 + ((index << 2) >>> 0), value);
}

// port: everything that threads share about a port
export const PORT_BYTES: u32 = 46912;
export const PORT_RX_PAIR: u32 = 0;
export const PORT_RX_QUEUE: u32 = 512;
export const PORT_TX_QUEUE: u32 = 28160;
export const PORT_BLOCKED: u32 = 41984;
export const PORT_PROMISCUOUS: u32 = 41988;
export const PORT_SCATTERED: u32 = 41992;
export const PORT_FEATURES: u32 = 41996;
export const PORT_RX_VLAN: u32 = 42000;
export const PORT_MAC_LO: u32 = 42004;
export const PORT_MAC_HI: u32 = 42008;
export const PORT_MBUF_SIZE: u32 = 42012;
export const PORT_MAX_RX_PKT_LEN: u32 = 42016;
export const PORT_WINDOW_COUNT: u32 = 42020;
export const PORT_WINDOW: u32 = 42024;
export const PORT_LOCK: u32 = 42152;
export const PORT_INTERRUPT_WAITING: u32 = 42156;
export const PORT_REMOVED: u32 = 42160;
export const PORT_USERS: u32 = 42164;
export const PORT_PCI: u32 = 42168;
export const PORT_STATE: u32 = 42172;
export const PORT_LINK_UP: u32 = 42176;
export const PORT_MTU: u32 = 42180;
export const PORT_VLAN_STRIP: u32 = 42184;
export const PORT_VLAN_INSERT: u32 = 42188;
export const PORT_RX_QUEUES: u32 = 42192;
export const PORT_TX_QUEUES: u32 = 42196;
export const PORT_RX_FIFOS: u32 = 42200;
export const PORT_UNSURE: u32 = 42204;
export const PORT_HOST_FEATURES: u32 = 42208;
export const PORT_HOST_VERSION: u32 = 42212;
export const PORT_DEVICE_ID: u32 = 42216;
export const PORT_HOST_DIGEST: u32 = 42224;
export const PORT_MIN_RX_QUEUES: u32 = 42256;
export const PORT_MAX_RX_QUEUES: u32 = 42260;
export const PORT_MAX_TX_QUEUES: u32 = 42264;
export const PORT_RX_BASE: u32 = 42268;
export const PORT_RX_LEN: u32 = 42300;
export const PORT_FREE_BASE: u32 = 42332;
export const PORT_FREE_LEN: u32 = 42364;
export const PORT_TX_BASE: u32 = 42396;
export const PORT_TX_LEN: u32 = 42428;
export const PORT_ALLOC_BASE: u32 = 42460;
export const PORT_ALLOC_LEN: u32 = 42492;
export const PORT_REQ: u32 = 42528;
export const PORT_RESP: u32 = 42544;
export const PORT_SYNC: u32 = 42560;
export const PORT_SYNC_VA: u32 = 42568;
export const PORT_ANSWER_OWED: u32 = 42576;
export const PORT_COUNTERS: u32 = 42584;
export const PORT_BASELINE: u32 = 42624;
export const PORT_MIGRATIONS: u32 = 42664;
export const PORT_MIGRATIONS_BASELINE: u32 = 42736;
export const PORT_EVENT_COUNT: u32 = 42808;
export const PORT_EVENTS: u32 = 42816;

export function loadPortBlocked(base: u32): u32 {
  return load32(base + 41984);
}
export function storePortBlocked(base: u32, value: u32): void {
  store32(base + 41984, value);
}
export function loadPortPromiscuous(base: u32): u32 {
  return load32(base + 41988);
}
export function storePortPromiscuous(base: u32, value: u32): void {
  store32(base + 41988, value);
}
export function loadPortScattered(base: u32): u32 {
  return load32(base + 41992);
}
export function storePortScattered(base: u32, value: u32): void {
  store32(base + 41992, value);
}
export function loadPortFeatures(base: u32): u32 {
  return load32(base + 41996);
}
export function storePortFeatures(base: u32, value: u32): void {
  store32(base + 41996, value);
}
export function loadPortRxVlan(base: u32): u32 {
  return load32(base + 42000);
}
export function storePortRxVlan(base: u32, value: u32): void {
  store32(base + 42000, value);
}
export function loadPortMacLo(base: u32): u32 {
  return load32(base + 42004);
}
export function storePortMacLo(base: u32, value: u32): void {
  store32(base + 42004, value);
}
export function loadPortMacHi(base: u32): u32 {
  return load32(base + 42008);
}
export function storePortMacHi(base: u32, value: u32): void {
  store32(base + 42008, value);
}
export function loadPortMbufSize(base: u32): u32 {
  return load32(base + 42012);
}
export function storePortMbufSize(base: u32, value: u32): void {
  store32(base + 42012, value);
}
export function loadPortMaxRxPktLen(base: u32): u32 {
  return load32(base + 42016);
}
export function storePortMaxRxPktLen(base: u32, value: u32): void {
  store32(base + 42016, value);
}
export function loadPortWindowCount(base: u32): u32 {
  return load32(base + 42020);
}
export function storePortWindowCount(base: u32, value: u32): void {
  store32(base + 42020, value);
}
export function loadPortLock(base: u32): u32 {
  return load32(base + 42152);
}
export function storePortLock(base: u32, value: u32): void {
  store32(base + 42152, value);
}
export function loadPortInterruptWaiting(base: u32): u32 {
  return load32(base + 42156);
}
export function storePortInterruptWaiting(base: u32, value: u32): void {
  store32(base + 42156, value);
}
export function loadPortRemoved(base: u32): u32 {
  return load32(base + 42160);
}
export function storePortRemoved(base: u32, value: u32): void {
  store32(base + 42160, value);
}
export function loadPortUsers(base: u32): u32 {
  return load32(base + 42164);
}
export function storePortUsers(base: u32, value: u32): void {
  store32(base + 42164, value);
}
export function loadPortPci(base: u32): u32 {
  return load32(base + 42168);
}
export function storePortPci(base: u32, value: u32): void {
  store32(base + 42168, value);
}
export function loadPortState(base: u32): u32 {
  return load32(base + 42172);
}
export function storePortState(base: u32, value: u32): void {
  store32(base + 42172, value);
}
export function loadPortLinkUp(base: u32): u32 {
  return load32(base + 42176);
}
export function storePortLinkUp(base: u32, value: u32): void {
  store32(base + 42176, value);
}
export function loadPortMtu(base: u32): u32 {
  return load32(base + 42180);
}
export function storePortMtu(base: u32, value: u32): void {
  store32(base + 42180, value);
}
export function loadPortVlanStrip(base: u32): u32 {
  return load32(base + 42184);
}
export function storePortVlanStrip(base: u32, value: u32): void {
  store32(base + 42184, value);
}
export function loadPortVlanInsert(base: u32): u32 {
  return load32(base + 42188);
}
export function storePortVlanInsert(base: u32, value: u32): void {
  store32(base + 42188, value);
}
export function loadPortRxQueues(base: u32): u32 {
  return load32(base + 42192);
}
export function storePortRxQueues(base: u32, value: u32): void {
  store32(base + 42192, value);
}
export function loadPortTxQueues(base: u32): u32 {
  return load32(base + 42196);
}
export function storePortTxQueues(base: u32, value: u32): void {
  store32(base + 42196, value);
}
export function loadPortRxFifos(base: u32): u32 {
  return load32(base + 42200);
}
export function storePortRxFifos(base: u32, value: u32): void {
  store32(base + 42200, value);
}
export function loadPortUnsure(base: u32): u32 {
  return load32(base + 42204);
}
export function storePortUnsure(base: u32, value: u32): void {
  store32(base + 42204, value);
}
export function loadPortHostFeatures(base: u32): u32 {
  return load32(base + 42208);
}
export function storePortHostFeatures(base: u32, value: u32): void {
  store32(base + 42208, value);
}
export function loadPortHostVersion(base: u32): u32 {
  return load32(base + 42212);
}
export function storePortHostVersion(base: u32, value: u32): void {
  store32(base + 42212, value);
}
export function loadPortDeviceIdLo(base: u32): u32 {
  return load32(base + 42216);
}
export function storePortDeviceIdLo(base: u32, value: u32): void {
  store32(base + 42216, value);
}
export function loadPortDeviceIdHi(base: u32): u32 {
  return load32(base + 42220);
}
export function storePortDeviceIdHi(base: u32, value: u32): void {
  store32(base + 42220, value);
}
export function loadPortHostDigest(base: u32, index: u32): u32 {
  return load32(base + 42224 + ((index << 2) >>> 0));
}
export function storePortHostDigest(base: u32, index: u32, value: u32): void {
  store32(base + 42224 + ((index << 2) >>> 0), value);
}
export function loadPortMinRxQueues(base: u32): u32 {
  return load32(base + 42256);
}
export function storePortMinRxQueues(base: u32, value: u32): void {
  store32(base + 42256, value);
}
export function loadPortMaxRxQueues(base: u32): u32 {
  return load32(base + 42260);
}
export function storePortMaxRxQueues(base: u32, value: u32): void {
  store32(base + 42260, value);
}
export function loadPortMaxTxQueues(base: u32): u32 {
  return load32(base + 42264);
}
export function storePortMaxTxQueues(base: u32, value: u32): void {
  store32(base + 42264, value);
}
export function loadPortRxBase(base: u32, index: u32): u32 {
  return load32(base + 42268 + ((index << 2) >>> 0));
}
export function storePortRxBase(base: u32, index: u32, value: u32): void {
  store32(base + 42268 + ((index << 2) >>> 0), value);
}
export function loadPortRxLen(base: u32, index: u32): u32 {
  return load32(base + 42300 + ((index << 2) >>> 0));
}
export function storePortRxLen(base: u32, index: u32, value: u32): void {
  store32(base + 42300 + ((index << 2) >>> 0), value);
}
export function loadPortFreeBase(base: u32, index: u32): u32 {
  return load32(base + 42332 + ((index << 2) >>> 0));
}
export function storePortFreeBase(base: u32, index: u32, value: u32): void {
  store32(base + 42332 + ((index << 2) >>> 0), value);
}
export function loadPortFreeLen(base: u32, index: u32): u32 {
  return load32(base + 42364 + ((index << 2) >>> 0));
}
export function storePortFreeLen(base: u32, index: u32, value: u32): void {
  store32(base + 42364 + ((index << 2) >>> 0), value);
}
export function loadPortTxBase(base: u32, index: u32): u32 {
  return load32(base + 42396 + ((index << 2) >>> 0));
}
export function storePortTxBase(base: u32, index: u32, value: u32): void {
  store32(base + 42396 + ((index << 2) >>> 0), value);
}
export function loadPortTxLen(base: u32, index: u32): u32 {
  return load32(base + 42428 + ((index << 2) >>> 0));
}
export function storePortTxLen(base: u32, index: u32, value: u32): void {
  store32(base + 42428 + ((index << 2) >>> 0), value);
}
export function loadPortAllocBase(base: u32, index: u32): u32 {
  return load32(base + 42460 + ((index << 2) >>> 0));
}
export function storePortAllocBase(base: u32, index: u32, value: u32): void {
  store32(base + 42460 + ((index << 2) >>> 0), value);
}
export function loadPortAllocLen(base: u32, index: u32): u32 {
  return load32(base + 42492 + ((index << 2) >>> 0));
}
export function storePortAllocLen(base: u32, index: u32, value: u32): void {
  store32(base + 42492 + ((index << 2) >>> 0), value);
}
export function loadPortSync(base: u32): u32 {
  return load32(base + 42560);
}
export function storePortSync(base: u32, value: u32): void {
  store32(base + 42560, value);
}
export function loadPortSyncVaLo(base: u32): u32 {
  return load32(base + 42568);
}
export function storePortSyncVaLo(base: u32, value: u32): void {
  store32(base + 42568, value);
}
export function loadPortSyncVaHi(base: u32): u32 {
  return load32(base + 42572);
}
export function storePortSyncVaHi(base: u32, value: u32): void {
  store32(base + 42572, value);
}
export function loadPortAnswerOwed(base: u32): u32 {
  return load32(base + 42576);
}
export function storePortAnswerOwed(base: u32, value: u32): void {
  store32(base + 42576, value);
}
export function loadPortEventCount(base: u32): u32 {
  return load32(base + 42808);
}
export function storePortEventCount(base: u32, value: u32): void {
  store32(base + 42808, value);
}
