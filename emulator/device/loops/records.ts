// Generated from emulator/abi/records.ts by `make generate`. Do not edit.
import { load16, load32, store16, store32 } from '#mem';

export const PLACE_POOL: u32 = 0;
export const PLACE_LENT: u32 = 1;
export const PLACE_RX: u32 = 2;
export const PLACE_TAKEN: u32 = 3;
export const RINGS_GRANTED: u32 = 0;
export const RINGS_HEADERS: u32 = 1;
export const RINGS_WITHDRAWN: u32 = 2;
export const LIFE_NONE: u32 = 0;
export const LIFE_LIVE: u32 = 1;
export const LIFE_SHUT_DOWN: u32 = 2;
export const LIFE_SHUT_DOWN_UNUSED: u32 = 3;
export const PHASE_ATTACHED: u32 = 0;
export const PHASE_DETACHING: u32 = 1;
export const PHASE_VACANT: u32 = 2;
export const PHASE_RELEASED: u32 = 3;

// host_buffer: one packet buffer as the host knows it
export const HOST_BUFFER_BYTES: u32 = 64;
export const HOST_BUFFER_DESC: u32 = 0;
export const HOST_BUFFER_DATA: u32 = 4;
export const HOST_BUFFER_DESC_LO: u32 = 8;
export const HOST_BUFFER_DESC_HI: u32 = 12;
export const HOST_BUFFER_PLACE: u32 = 16;
export const HOST_BUFFER_QUEUE: u32 = 18;
export const HOST_BUFFER_CHAIN: u32 = 20;
export const HOST_BUFFER_FIRST: u32 = 24;
export const HOST_BUFFER_SEQUENCE: u32 = 28;
export const HOST_BUFFER_EMPTY: u32 = 32;

export function loadHostBufferDesc(base: u32): u32 {
  return load32(base);
}
export function storeHostBufferDesc(base: u32, value: u32): void {
  store32(base, value);
}
export function loadHostBufferData(base: u32): u32 {
  return load32(base + 4);
}
export function storeHostBufferData(base: u32, value: u32): void {
  store32(base + 4, value);
}
export function loadHostBufferDescLo(base: u32): u32 {
  return load32(base + 8);
}
export function storeHostBufferDescLo(base: u32, value: u32): void {
  store32(base + 8, value);
}
export function loadHostBufferDescHi(base: u32): u32 {
  return load32(base + 12);
}
export function storeHostBufferDescHi(base: u32, value: u32): void {
  store32(base + 12, value);
}
export function loadHostBufferPlace(base: u32): u32 {
  return load16(base + 16);
}
export function storeHostBufferPlace(base: u32, value: u32): void {
  store16(base + 16, value);
}
export function loadHostBufferQueue(base: u32): u32 {
  return load16(base + 18);
}
export function storeHostBufferQueue(base: u32, value: u32): void {
  store16(base + 18, value);
}
export function loadHostBufferChain(base: u32): u32 {
  return load32(base + 20);
}
export function storeHostBufferChain(base: u32, value: u32): void {
  store32(base + 20, value);
}
export function loadHostBufferFirst(base: u32): u32 {
  return load32(base + 24);
}
export function storeHostBufferFirst(base: u32, value: u32): void {
  store32(base + 24, value);
}
export function loadHostBufferSequence(base: u32): u32 {
  return load32(base + 28);
}
export function storeHostBufferSequence(base: u32, value: u32): void {
  store32(base + 28, value);
}
export function loadHostBufferEmpty(base: u32, index: u32): u32 {
  return load32(base + 32 + ((index << 2) >>> 0));
}
export function storeHostBufferEmpty(base: u32, index: u32, value: u32): void {
  store32(base + 32 + ((index << 2) >>> 0), value);
}

// host_pool: a pool: a range of host virtual addresses and the records of its buffers
export const HOST_POOL_BYTES: u32 = 32;
export const HOST_POOL_BASE_LO: u32 = 0;
export const HOST_POOL_BASE_HI: u32 = 4;
export const HOST_POOL_LENGTH: u32 = 8;
export const HOST_POOL_FIRST: u32 = 12;
export const HOST_POOL_STRIDE: u32 = 16;
export const HOST_POOL_RECORDS: u32 = 20;

export function loadHostPoolBaseLo(base: u32): u32 {
  return load32(base);
}
export function storeHostPoolBaseLo(base: u32, value: u32): void {
  store32(base, value);
}
export function loadHostPoolBaseHi(base: u32): u32 {
  return load32(base + 4);
}
export function storeHostPoolBaseHi(base: u32, value: u32): void {
  store32(base + 4, value);
}
export function loadHostPoolLength(base: u32): u32 {
  return load32(base + 8);
}
export function storeHostPoolLength(base: u32, value: u32): void {
  store32(base + 8, value);
}
export function loadHostPoolFirst(base: u32): u32 {
  return load32(base + 12);
}
export function storeHostPoolFirst(base: u32, value: u32): void {
  store32(base + 12, value);
}
export function loadHostPoolStride(base: u32): u32 {
  return load32(base + 16);
}
export function storeHostPoolStride(base: u32, value: u32): void {
  store32(base + 16, value);
}
export function loadHostPoolRecords(base: u32): u32 {
  return load32(base + 20);
}
export function storeHostPoolRecords(base: u32, value: u32): void {
  store32(base + 20, value);
}

// port_counters: counters of a port
export const PORT_COUNTERS_BYTES: u32 = 384;
export const PORT_COUNTERS_RX_OFFERED: u32 = 0;
export const PORT_COUNTERS_RX_DELIVERED: u32 = 8;
export const PORT_COUNTERS_RX_DROP_REMOVED: u32 = 16;
export const PORT_COUNTERS_RX_DROP_PAUSED: u32 = 24;
export const PORT_COUNTERS_RX_DROP_NOT_CONFIGURED: u32 = 32;
export const PORT_COUNTERS_RX_DROP_DETACHED: u32 = 40;
export const PORT_COUNTERS_RX_DROP_LINK_DOWN: u32 = 48;
export const PORT_COUNTERS_RX_DROP_TOO_SHORT: u32 = 56;
export const PORT_COUNTERS_RX_DROP_TOO_LONG: u32 = 64;
export const PORT_COUNTERS_RX_DROP_TOO_MANY_SEGMENTS: u32 = 72;
export const PORT_COUNTERS_RX_DROP_NO_BUFFERS: u32 = 80;
export const PORT_COUNTERS_RX_DROP_RING_FULL: u32 = 88;
export const PORT_COUNTERS_RX_DROP_INDEX_CORRUPT: u32 = 96;
export const PORT_COUNTERS_RX_DROP_RING_EMPTIED: u32 = 104;
export const PORT_COUNTERS_RX_DROP_LOST_AT_DETACH: u32 = 112;
export const PORT_COUNTERS_TX_OFFERED: u32 = 120;
export const PORT_COUNTERS_TX_FORWARDED: u32 = 128;
export const PORT_COUNTERS_TX_TAGS_DROPPED: u32 = 136;
export const PORT_COUNTERS_TX_DROP_NO_UPLINK: u32 = 144;
export const PORT_COUNTERS_TX_DROP_ADDRESS: u32 = 152;
export const PORT_COUNTERS_TX_DROP_NOT_LENT: u32 = 160;
export const PORT_COUNTERS_TX_DROP_CHAIN_LOOP: u32 = 168;
export const PORT_COUNTERS_TX_DROP_SEGMENT_COUNT: u32 = 176;
export const PORT_COUNTERS_TX_DROP_SEGMENT_LENGTH: u32 = 184;
export const PORT_COUNTERS_TX_DROP_DATA_POINTER: u32 = 192;
export const PORT_COUNTERS_TX_DROP_PACKET_LENGTH: u32 = 200;
export const PORT_COUNTERS_TX_DROP_TOO_SHORT: u32 = 208;
export const PORT_COUNTERS_TX_DROP_RING_EMPTIED: u32 = 216;
export const PORT_COUNTERS_TX_DROP_LOST_AT_DETACH: u32 = 224;
export const PORT_COUNTERS_CONTROL_REQUESTS: u32 = 232;
export const PORT_COUNTERS_CONTROL_REFUSED: u32 = 240;
export const PORT_COUNTERS_CONTROL_ANSWERS: u32 = 248;
export const PORT_COUNTERS_CONTROL_IGNORED: u32 = 256;
export const PORT_COUNTERS_CONTROL_ANSWERS_BLOCKED: u32 = 264;
export const PORT_COUNTERS_MIGRATION_EVENTS: u32 = 272;
export const PORT_COUNTERS_MIGRATION_ACKS: u32 = 280;
export const PORT_COUNTERS_MIGRATION_ACKS_UNEXPECTED: u32 = 288;
export const PORT_COUNTERS_MIGRATION_SHUTDOWNS: u32 = 296;
export const PORT_COUNTERS_MIGRATION_UNDONE: u32 = 304;
export const PORT_COUNTERS_MIGRATION_RELEASED: u32 = 312;
export const PORT_COUNTERS_REFUSED_TX_INDEX: u32 = 320;
export const PORT_COUNTERS_REFUSED_ALLOC_INDEX: u32 = 328;
export const PORT_COUNTERS_REFUSED_RX_INDEX: u32 = 336;
export const PORT_COUNTERS_REFUSED_FREE_INDEX: u32 = 344;
export const PORT_COUNTERS_REFUSED_REQ_INDEX: u32 = 352;
export const PORT_COUNTERS_REFUSED_RESP_INDEX: u32 = 360;
export const PORT_COUNTERS_REFUSED_FREE_ADDRESS: u32 = 368;
export const PORT_COUNTERS_REFUSED_FREE_NOT_OUT: u32 = 376;

export function loadPortCountersRxOfferedLo(base: u32): u32 {
  return load32(base);
}
export function storePortCountersRxOfferedLo(base: u32, value: u32): void {
  store32(base, value);
}
export function loadPortCountersRxOfferedHi(base: u32): u32 {
  return load32(base + 4);
}
export function storePortCountersRxOfferedHi(base: u32, value: u32): void {
  store32(base + 4, value);
}
export function loadPortCountersRxDeliveredLo(base: u32): u32 {
  return load32(base + 8);
}
export function storePortCountersRxDeliveredLo(base: u32, value: u32): void {
  store32(base + 8, value);
}
export function loadPortCountersRxDeliveredHi(base: u32): u32 {
  return load32(base + 12);
}
export function storePortCountersRxDeliveredHi(base: u32, value: u32): void {
  store32(base + 12, value);
}
export function loadPortCountersRxDropRemovedLo(base: u32): u32 {
  return load32(base + 16);
}
export function storePortCountersRxDropRemovedLo(base: u32, value: u32): void {
  store32(base + 16, value);
}
export function loadPortCountersRxDropRemovedHi(base: u32): u32 {
  return load32(base + 20);
}
export function storePortCountersRxDropRemovedHi(base: u32, value: u32): void {
  store32(base + 20, value);
}
export function loadPortCountersRxDropPausedLo(base: u32): u32 {
  return load32(base + 24);
}
export function storePortCountersRxDropPausedLo(base: u32, value: u32): void {
  store32(base + 24, value);
}
export function loadPortCountersRxDropPausedHi(base: u32): u32 {
  return load32(base + 28);
}
export function storePortCountersRxDropPausedHi(base: u32, value: u32): void {
  store32(base + 28, value);
}
export function loadPortCountersRxDropNotConfiguredLo(base: u32): u32 {
  return load32(base + 32);
}
export function storePortCountersRxDropNotConfiguredLo(base: u32, value: u32): void {
  store32(base + 32, value);
}
export function loadPortCountersRxDropNotConfiguredHi(base: u32): u32 {
  return load32(base + 36);
}
export function storePortCountersRxDropNotConfiguredHi(base: u32, value: u32): void {
  store32(base + 36, value);
}
export function loadPortCountersRxDropDetachedLo(base: u32): u32 {
  return load32(base + 40);
}
export function storePortCountersRxDropDetachedLo(base: u32, value: u32): void {
  store32(base + 40, value);
}
export function loadPortCountersRxDropDetachedHi(base: u32): u32 {
  return load32(base + 44);
}
export function storePortCountersRxDropDetachedHi(base: u32, value: u32): void {
  store32(base + 44, value);
}
export function loadPortCountersRxDropLinkDownLo(base: u32): u32 {
  return load32(base + 48);
}
export function storePortCountersRxDropLinkDownLo(base: u32, value: u32): void {
  store32(base + 48, value);
}
export function loadPortCountersRxDropLinkDownHi(base: u32): u32 {
  return load32(base + 52);
}
export function storePortCountersRxDropLinkDownHi(base: u32, value: u32): void {
  store32(base + 52, value);
}
export function loadPortCountersRxDropTooShortLo(base: u32): u32 {
  return load32(base + 56);
}
export function storePortCountersRxDropTooShortLo(base: u32, value: u32): void {
  store32(base + 56, value);
}
export function loadPortCountersRxDropTooShortHi(base: u32): u32 {
  return load32(base + 60);
}
export function storePortCountersRxDropTooShortHi(base: u32, value: u32): void {
  store32(base + 60, value);
}
export function loadPortCountersRxDropTooLongLo(base: u32): u32 {
  return load32(base + 64);
}
export function storePortCountersRxDropTooLongLo(base: u32, value: u32): void {
  store32(base + 64, value);
}
export function loadPortCountersRxDropTooLongHi(base: u32): u32 {
  return load32(base + 68);
}
export function storePortCountersRxDropTooLongHi(base: u32, value: u32): void {
  store32(base + 68, value);
}
export function loadPortCountersRxDropTooManySegmentsLo(base: u32): u32 {
  return load32(base + 72);
}
export function storePortCountersRxDropTooManySegmentsLo(base: u32, value: u32): void {
  store32(base + 72, value);
}
export function loadPortCountersRxDropTooManySegmentsHi(base: u32): u32 {
  return load32(base + 76);
}
export function storePortCountersRxDropTooManySegmentsHi(base: u32, value: u32): void {
  store32(base + 76, value);
}
export function loadPortCountersRxDropNoBuffersLo(base: u32): u32 {
  return load32(base + 80);
}
export function storePortCountersRxDropNoBuffersLo(base: u32, value: u32): void {
  store32(base + 80, value);
}
export function loadPortCountersRxDropNoBuffersHi(base: u32): u32 {
  return load32(base + 84);
}
export function storePortCountersRxDropNoBuffersHi(base: u32, value: u32): void {
  store32(base + 84, value);
}
export function loadPortCountersRxDropRingFullLo(base: u32): u32 {
  return load32(base + 88);
}
export function storePortCountersRxDropRingFullLo(base: u32, value: u32): void {
  store32(base + 88, value);
}
export function loadPortCountersRxDropRingFullHi(base: u32): u32 {
  return load32(base + 92);
}
export function storePortCountersRxDropRingFullHi(base: u32, value: u32): void {
  store32(base + 92, value);
}
export function loadPortCountersRxDropIndexCorruptLo(base: u32): u32 {
  return load32(base + 96);
}
export function storePortCountersRxDropIndexCorruptLo(base: u32, value: u32): void {
  store32(base + 96, value);
}
export function loadPortCountersRxDropIndexCorruptHi(base: u32): u32 {
  return load32(base + 100);
}
export function storePortCountersRxDropIndexCorruptHi(base: u32, value: u32): void {
  store32(base + 100, value);
}
export function loadPortCountersRxDropRingEmptiedLo(base: u32): u32 {
  return load32(base + 104);
}
export function storePortCountersRxDropRingEmptiedLo(base: u32, value: u32): void {
  store32(base + 104, value);
}
export function loadPortCountersRxDropRingEmptiedHi(base: u32): u32 {
  return load32(base + 108);
}
export function storePortCountersRxDropRingEmptiedHi(base: u32, value: u32): void {
  store32(base + 108, value);
}
export function loadPortCountersRxDropLostAtDetachLo(base: u32): u32 {
  return load32(base + 112);
}
export function storePortCountersRxDropLostAtDetachLo(base: u32, value: u32): void {
  store32(base + 112, value);
}
export function loadPortCountersRxDropLostAtDetachHi(base: u32): u32 {
  return load32(base + 116);
}
export function storePortCountersRxDropLostAtDetachHi(base: u32, value: u32): void {
  store32(base + 116, value);
}
export function loadPortCountersTxOfferedLo(base: u32): u32 {
  return load32(base + 120);
}
export function storePortCountersTxOfferedLo(base: u32, value: u32): void {
  store32(base + 120, value);
}
export function loadPortCountersTxOfferedHi(base: u32): u32 {
  return load32(base + 124);
}
export function storePortCountersTxOfferedHi(base: u32, value: u32): void {
  store32(base + 124, value);
}
export function loadPortCountersTxForwardedLo(base: u32): u32 {
  return load32(base + 128);
}
export function storePortCountersTxForwardedLo(base: u32, value: u32): void {
  store32(base + 128, value);
}
export function loadPortCountersTxForwardedHi(base: u32): u32 {
  return load32(base + 132);
}
export function storePortCountersTxForwardedHi(base: u32, value: u32): void {
  store32(base + 132, value);
}
export function loadPortCountersTxTagsDroppedLo(base: u32): u32 {
  return load32(base + 136);
}
export function storePortCountersTxTagsDroppedLo(base: u32, value: u32): void {
  store32(base + 136, value);
}
export function loadPortCountersTxTagsDroppedHi(base: u32): u32 {
  return load32(base + 140);
}
export function storePortCountersTxTagsDroppedHi(base: u32, value: u32): void {
  store32(base + 140, value);
}
export function loadPortCountersTxDropNoUplinkLo(base: u32): u32 {
  return load32(base + 144);
}
export function storePortCountersTxDropNoUplinkLo(base: u32, value: u32): void {
  store32(base + 144, value);
}
export function loadPortCountersTxDropNoUplinkHi(base: u32): u32 {
  return load32(base + 148);
}
export function storePortCountersTxDropNoUplinkHi(base: u32, value: u32): void {
  store32(base + 148, value);
}
export function loadPortCountersTxDropAddressLo(base: u32): u32 {
  return load32(base + 152);
}
export function storePortCountersTxDropAddressLo(base: u32, value: u32): void {
  store32(base + 152, value);
}
export function loadPortCountersTxDropAddressHi(base: u32): u32 {
  return load32(base + 156);
}
export function storePortCountersTxDropAddressHi(base: u32, value: u32): void {
  store32(base + 156, value);
}
export function loadPortCountersTxDropNotLentLo(base: u32): u32 {
  return load32(base + 160);
}
export function storePortCountersTxDropNotLentLo(base: u32, value: u32): void {
  store32(base + 160, value);
}
export function loadPortCountersTxDropNotLentHi(base: u32): u32 {
  return load32(base + 164);
}
export function storePortCountersTxDropNotLentHi(base: u32, value: u32): void {
  store32(base + 164, value);
}
export function loadPortCountersTxDropChainLoopLo(base: u32): u32 {
  return load32(base + 168);
}
export function storePortCountersTxDropChainLoopLo(base: u32, value: u32): void {
  store32(base + 168, value);
}
export function loadPortCountersTxDropChainLoopHi(base: u32): u32 {
  return load32(base + 172);
}
export function storePortCountersTxDropChainLoopHi(base: u32, value: u32): void {
  store32(base + 172, value);
}
export function loadPortCountersTxDropSegmentCountLo(base: u32): u32 {
  return load32(base + 176);
}
export function storePortCountersTxDropSegmentCountLo(base: u32, value: u32): void {
  store32(base + 176, value);
}
export function loadPortCountersTxDropSegmentCountHi(base: u32): u32 {
  return load32(base + 180);
}
export function storePortCountersTxDropSegmentCountHi(base: u32, value: u32): void {
  store32(base + 180, value);
}
export function loadPortCountersTxDropSegmentLengthLo(base: u32): u32 {
  return load32(base + 184);
}
export function storePortCountersTxDropSegmentLengthLo(base: u32, value: u32): void {
  store32(base + 184, value);
}
export function loadPortCountersTxDropSegmentLengthHi(base: u32): u32 {
  return load32(base + 188);
}
export function storePortCountersTxDropSegmentLengthHi(base: u32, value: u32): void {
  store32(base + 188, value);
}
export function loadPortCountersTxDropDataPointerLo(base: u32): u32 {
  return load32(base + 192);
}
export function storePortCountersTxDropDataPointerLo(base: u32, value: u32): void {
  store32(base + 192, value);
}
export function loadPortCountersTxDropDataPointerHi(base: u32): u32 {
  return load32(base + 196);
}
export function storePortCountersTxDropDataPointerHi(base: u32, value: u32): void {
  store32(base + 196, value);
}
export function loadPortCountersTxDropPacketLengthLo(base: u32): u32 {
  return load32(base + 200);
}
export function storePortCountersTxDropPacketLengthLo(base: u32, value: u32): void {
  store32(base + 200, value);
}
export function loadPortCountersTxDropPacketLengthHi(base: u32): u32 {
  return load32(base + 204);
}
export function storePortCountersTxDropPacketLengthHi(base: u32, value: u32): void {
  store32(base + 204, value);
}
export function loadPortCountersTxDropTooShortLo(base: u32): u32 {
  return load32(base + 208);
}
export function storePortCountersTxDropTooShortLo(base: u32, value: u32): void {
  store32(base + 208, value);
}
export function loadPortCountersTxDropTooShortHi(base: u32): u32 {
  return load32(base + 212);
}
export function storePortCountersTxDropTooShortHi(base: u32, value: u32): void {
  store32(base + 212, value);
}
export function loadPortCountersTxDropRingEmptiedLo(base: u32): u32 {
  return load32(base + 216);
}
export function storePortCountersTxDropRingEmptiedLo(base: u32, value: u32): void {
  store32(base + 216, value);
}
export function loadPortCountersTxDropRingEmptiedHi(base: u32): u32 {
  return load32(base + 220);
}
export function storePortCountersTxDropRingEmptiedHi(base: u32, value: u32): void {
  store32(base + 220, value);
}
export function loadPortCountersTxDropLostAtDetachLo(base: u32): u32 {
  return load32(base + 224);
}
export function storePortCountersTxDropLostAtDetachLo(base: u32, value: u32): void {
  store32(base + 224, value);
}
export function loadPortCountersTxDropLostAtDetachHi(base: u32): u32 {
  return load32(base + 228);
}
export function storePortCountersTxDropLostAtDetachHi(base: u32, value: u32): void {
  store32(base + 228, value);
}
export function loadPortCountersControlRequestsLo(base: u32): u32 {
  return load32(base + 232);
}
export function storePortCountersControlRequestsLo(base: u32, value: u32): void {
  store32(base + 232, value);
}
export function loadPortCountersControlRequestsHi(base: u32): u32 {
  return load32(base + 236);
}
export function storePortCountersControlRequestsHi(base: u32, value: u32): void {
  store32(base + 236, value);
}
export function loadPortCountersControlRefusedLo(base: u32): u32 {
  return load32(base + 240);
}
export function storePortCountersControlRefusedLo(base: u32, value: u32): void {
  store32(base + 240, value);
}
export function loadPortCountersControlRefusedHi(base: u32): u32 {
  return load32(base + 244);
}
export function storePortCountersControlRefusedHi(base: u32, value: u32): void {
  store32(base + 244, value);
}
export function loadPortCountersControlAnswersLo(base: u32): u32 {
  return load32(base + 248);
}
export function storePortCountersControlAnswersLo(base: u32, value: u32): void {
  store32(base + 248, value);
}
export function loadPortCountersControlAnswersHi(base: u32): u32 {
  return load32(base + 252);
}
export function storePortCountersControlAnswersHi(base: u32, value: u32): void {
  store32(base + 252, value);
}
export function loadPortCountersControlIgnoredLo(base: u32): u32 {
  return load32(base + 256);
}
export function storePortCountersControlIgnoredLo(base: u32, value: u32): void {
  store32(base + 256, value);
}
export function loadPortCountersControlIgnoredHi(base: u32): u32 {
  return load32(base + 260);
}
export function storePortCountersControlIgnoredHi(base: u32, value: u32): void {
  store32(base + 260, value);
}
export function loadPortCountersControlAnswersBlockedLo(base: u32): u32 {
  return load32(base + 264);
}
export function storePortCountersControlAnswersBlockedLo(base: u32, value: u32): void {
  store32(base + 264, value);
}
export function loadPortCountersControlAnswersBlockedHi(base: u32): u32 {
  return load32(base + 268);
}
export function storePortCountersControlAnswersBlockedHi(base: u32, value: u32): void {
  store32(base + 268, value);
}
export function loadPortCountersMigrationEventsLo(base: u32): u32 {
  return load32(base + 272);
}
export function storePortCountersMigrationEventsLo(base: u32, value: u32): void {
  store32(base + 272, value);
}
export function loadPortCountersMigrationEventsHi(base: u32): u32 {
  return load32(base + 276);
}
export function storePortCountersMigrationEventsHi(base: u32, value: u32): void {
  store32(base + 276, value);
}
export function loadPortCountersMigrationAcksLo(base: u32): u32 {
  return load32(base + 280);
}
export function storePortCountersMigrationAcksLo(base: u32, value: u32): void {
  store32(base + 280, value);
}
export function loadPortCountersMigrationAcksHi(base: u32): u32 {
  return load32(base + 284);
}
export function storePortCountersMigrationAcksHi(base: u32, value: u32): void {
  store32(base + 284, value);
}
export function loadPortCountersMigrationAcksUnexpectedLo(base: u32): u32 {
  return load32(base + 288);
}
export function storePortCountersMigrationAcksUnexpectedLo(base: u32, value: u32): void {
  store32(base + 288, value);
}
export function loadPortCountersMigrationAcksUnexpectedHi(base: u32): u32 {
  return load32(base + 292);
}
export function storePortCountersMigrationAcksUnexpectedHi(base: u32, value: u32): void {
  store32(base + 292, value);
}
export function loadPortCountersMigrationShutdownsLo(base: u32): u32 {
  return load32(base + 296);
}
export function storePortCountersMigrationShutdownsLo(base: u32, value: u32): void {
  store32(base + 296, value);
}
export function loadPortCountersMigrationShutdownsHi(base: u32): u32 {
  return load32(base + 300);
}
export function storePortCountersMigrationShutdownsHi(base: u32, value: u32): void {
  store32(base + 300, value);
}
export function loadPortCountersMigrationUndoneLo(base: u32): u32 {
  return load32(base + 304);
}
export function storePortCountersMigrationUndoneLo(base: u32, value: u32): void {
  store32(base + 304, value);
}
export function loadPortCountersMigrationUndoneHi(base: u32): u32 {
  return load32(base + 308);
}
export function storePortCountersMigrationUndoneHi(base: u32, value: u32): void {
  store32(base + 308, value);
}
export function loadPortCountersMigrationReleasedLo(base: u32): u32 {
  return load32(base + 312);
}
export function storePortCountersMigrationReleasedLo(base: u32, value: u32): void {
  store32(base + 312, value);
}
export function loadPortCountersMigrationReleasedHi(base: u32): u32 {
  return load32(base + 316);
}
export function storePortCountersMigrationReleasedHi(base: u32, value: u32): void {
  store32(base + 316, value);
}
export function loadPortCountersRefusedTxIndexLo(base: u32): u32 {
  return load32(base + 320);
}
export function storePortCountersRefusedTxIndexLo(base: u32, value: u32): void {
  store32(base + 320, value);
}
export function loadPortCountersRefusedTxIndexHi(base: u32): u32 {
  return load32(base + 324);
}
export function storePortCountersRefusedTxIndexHi(base: u32, value: u32): void {
  store32(base + 324, value);
}
export function loadPortCountersRefusedAllocIndexLo(base: u32): u32 {
  return load32(base + 328);
}
export function storePortCountersRefusedAllocIndexLo(base: u32, value: u32): void {
  store32(base + 328, value);
}
export function loadPortCountersRefusedAllocIndexHi(base: u32): u32 {
  return load32(base + 332);
}
export function storePortCountersRefusedAllocIndexHi(base: u32, value: u32): void {
  store32(base + 332, value);
}
export function loadPortCountersRefusedRxIndexLo(base: u32): u32 {
  return load32(base + 336);
}
export function storePortCountersRefusedRxIndexLo(base: u32, value: u32): void {
  store32(base + 336, value);
}
export function loadPortCountersRefusedRxIndexHi(base: u32): u32 {
  return load32(base + 340);
}
export function storePortCountersRefusedRxIndexHi(base: u32, value: u32): void {
  store32(base + 340, value);
}
export function loadPortCountersRefusedFreeIndexLo(base: u32): u32 {
  return load32(base + 344);
}
export function storePortCountersRefusedFreeIndexLo(base: u32, value: u32): void {
  store32(base + 344, value);
}
export function loadPortCountersRefusedFreeIndexHi(base: u32): u32 {
  return load32(base + 348);
}
export function storePortCountersRefusedFreeIndexHi(base: u32, value: u32): void {
  store32(base + 348, value);
}
export function loadPortCountersRefusedReqIndexLo(base: u32): u32 {
  return load32(base + 352);
}
export function storePortCountersRefusedReqIndexLo(base: u32, value: u32): void {
  store32(base + 352, value);
}
export function loadPortCountersRefusedReqIndexHi(base: u32): u32 {
  return load32(base + 356);
}
export function storePortCountersRefusedReqIndexHi(base: u32, value: u32): void {
  store32(base + 356, value);
}
export function loadPortCountersRefusedRespIndexLo(base: u32): u32 {
  return load32(base + 360);
}
export function storePortCountersRefusedRespIndexLo(base: u32, value: u32): void {
  store32(base + 360, value);
}
export function loadPortCountersRefusedRespIndexHi(base: u32): u32 {
  return load32(base + 364);
}
export function storePortCountersRefusedRespIndexHi(base: u32, value: u32): void {
  store32(base + 364, value);
}
export function loadPortCountersRefusedFreeAddressLo(base: u32): u32 {
  return load32(base + 368);
}
export function storePortCountersRefusedFreeAddressLo(base: u32, value: u32): void {
  store32(base + 368, value);
}
export function loadPortCountersRefusedFreeAddressHi(base: u32): u32 {
  return load32(base + 372);
}
export function storePortCountersRefusedFreeAddressHi(base: u32, value: u32): void {
  store32(base + 372, value);
}
export function loadPortCountersRefusedFreeNotOutLo(base: u32): u32 {
  return load32(base + 376);
}
export function storePortCountersRefusedFreeNotOutLo(base: u32, value: u32): void {
  store32(base + 376, value);
}
export function loadPortCountersRefusedFreeNotOutHi(base: u32): u32 {
  return load32(base + 380);
}
export function storePortCountersRefusedFreeNotOutHi(base: u32, value: u32): void {
  store32(base + 380, value);
}

// host_device: a device, whichever host is behind it
export const HOST_DEVICE_BYTES: u32 = 192;
export const HOST_DEVICE_PHASE: u32 = 0;
export const HOST_DEVICE_STATUS: u32 = 4;
export const HOST_DEVICE_FORMER_STATUS: u32 = 8;
export const HOST_DEVICE_ACK_SEEN: u32 = 12;
export const HOST_DEVICE_ACK_DUE: u32 = 16;
export const HOST_DEVICE_SHUTDOWN_ANSWERED: u32 = 20;
export const HOST_DEVICE_REQ_LOOKED_NS: u32 = 24;
export const HOST_DEVICE_REQ_EMPTY_NS: u32 = 32;
export const HOST_DEVICE_SHUTDOWN_AFTER_NS: u32 = 40;
export const HOST_DEVICE_LATCHED: u32 = 48;
export const HOST_DEVICE_DELAYED: u32 = 52;
export const HOST_DEVICE_DUE_US: u32 = 56;

export function loadHostDevicePhase(base: u32): u32 {
  return load32(base);
}
export function storeHostDevicePhase(base: u32, value: u32): void {
  store32(base, value);
}
export function loadHostDeviceStatus(base: u32): u32 {
  return load32(base + 4);
}
export function storeHostDeviceStatus(base: u32, value: u32): void {
  store32(base + 4, value);
}
export function loadHostDeviceFormerStatus(base: u32): u32 {
  return load32(base + 8);
}
export function storeHostDeviceFormerStatus(base: u32, value: u32): void {
  store32(base + 8, value);
}
export function loadHostDeviceAckSeen(base: u32): u32 {
  return load32(base + 12);
}
export function storeHostDeviceAckSeen(base: u32, value: u32): void {
  store32(base + 12, value);
}
export function loadHostDeviceAckDue(base: u32): u32 {
  return load32(base + 16);
}
export function storeHostDeviceAckDue(base: u32, value: u32): void {
  store32(base + 16, value);
}
export function loadHostDeviceShutdownAnswered(base: u32): u32 {
  return load32(base + 20);
}
export function storeHostDeviceShutdownAnswered(base: u32, value: u32): void {
  store32(base + 20, value);
}
export function loadHostDeviceReqLookedNsLo(base: u32): u32 {
  return load32(base + 24);
}
export function storeHostDeviceReqLookedNsLo(base: u32, value: u32): void {
  store32(base + 24, value);
}
export function loadHostDeviceReqLookedNsHi(base: u32): u32 {
  return load32(base + 28);
}
export function storeHostDeviceReqLookedNsHi(base: u32, value: u32): void {
  store32(base + 28, value);
}
export function loadHostDeviceReqEmptyNsLo(base: u32): u32 {
  return load32(base + 32);
}
export function storeHostDeviceReqEmptyNsLo(base: u32, value: u32): void {
  store32(base + 32, value);
}
export function loadHostDeviceReqEmptyNsHi(base: u32): u32 {
  return load32(base + 36);
}
export function storeHostDeviceReqEmptyNsHi(base: u32, value: u32): void {
  store32(base + 36, value);
}
export function loadHostDeviceShutdownAfterNsLo(base: u32): u32 {
  return load32(base + 40);
}
export function storeHostDeviceShutdownAfterNsLo(base: u32, value: u32): void {
  store32(base + 40, value);
}
export function loadHostDeviceShutdownAfterNsHi(base: u32): u32 {
  return load32(base + 44);
}
export function storeHostDeviceShutdownAfterNsHi(base: u32, value: u32): void {
  store32(base + 44, value);
}
export function loadHostDeviceLatched(base: u32): u32 {
  return load32(base + 48);
}
export function storeHostDeviceLatched(base: u32, value: u32): void {
  store32(base + 48, value);
}
export function loadHostDeviceDelayed(base: u32): u32 {
  return load32(base + 52);
}
export function storeHostDeviceDelayed(base: u32, value: u32): void {
  store32(base + 52, value);
}
export function loadHostDeviceDueUsLo(base: u32, index: u32): u32 {
  return load32(base + 56 + ((index << 3) >>> 0));
}
export function storeHostDeviceDueUsLo(base: u32, index: u32, value: u32): void {
  store32(base + 56 + ((index << 3) >>> 0), value);
}
export function loadHostDeviceDueUsHi(base: u32, index: u32): u32 {
  return load32(base + 60 + ((index << 3) >>> 0));
}
export function storeHostDeviceDueUsHi(base: u32, index: u32, value: u32): void {
  store32(base + 60 + ((index << 3) >>> 0), value);
}

// host_port: a port on its present host
export const HOST_PORT_BYTES: u32 = 768;
export const HOST_PORT_LIFE: u32 = 0;
export const HOST_PORT_LINK_UP: u32 = 4;
export const HOST_PORT_FEATURES: u32 = 8;
export const HOST_PORT_RX_QUEUES: u32 = 12;
export const HOST_PORT_TX_QUEUES: u32 = 16;
export const HOST_PORT_INIT_PENDING: u32 = 20;
export const HOST_PORT_PAUSED: u32 = 24;
export const HOST_PORT_REMOVED: u32 = 28;
export const HOST_PORT_DETACHED: u32 = 32;
export const HOST_PORT_RING_RIGHTS: u32 = 36;
export const HOST_PORT_MBUF_SIZE: u32 = 40;
export const HOST_PORT_MAX_RX_PKT_LEN: u32 = 44;
export const HOST_PORT_RX_SEGMENT_BYTES: u32 = 48;
export const HOST_PORT_RX_STAGE: u32 = 52;
export const HOST_PORT_STACK: u32 = 56;
export const HOST_PORT_STACK_COUNT: u32 = 60;
export const HOST_PORT_BUFFERS: u32 = 64;
export const HOST_PORT_RECORDS: u32 = 68;
export const HOST_PORT_LEND_LIMIT: u32 = 72;
export const HOST_PORT_RX_LIMIT: u32 = 76;
export const HOST_PORT_RX_OUT: u32 = 80;
export const HOST_PORT_FRAME_AREA: u32 = 84;
export const HOST_PORT_FRAME_LAST: u32 = 88;
export const HOST_PORT_FRAMES: u32 = 92;
export const HOST_PORT_FRAME_COUNT: u32 = 96;
export const HOST_PORT_BURST: u32 = 100;
export const HOST_PORT_JUNK: u32 = 356;
export const HOST_PORT_JUNK_AT: u32 = 360;
export const HOST_PORT_SYNC: u32 = 364;
export const HOST_PORT_SYNC_LO: u32 = 368;
export const HOST_PORT_SYNC_HI: u32 = 372;
export const HOST_PORT_COUNTERS: u32 = 376;
export const HOST_PORT_TX_RECORDS: u32 = 380;
export const HOST_PORT_RX_RECORDS: u32 = 384;
export const HOST_PORT_POOL_COUNT: u32 = 388;
export const HOST_PORT_REQUEST: u32 = 392;
export const HOST_PORT_REQ: u32 = 432;
export const HOST_PORT_RESP: u32 = 448;
export const HOST_PORT_POOL: u32 = 464;

export function loadHostPortLife(base: u32): u32 {
  return load32(base);
}
export function storeHostPortLife(base: u32, value: u32): void {
  store32(base, value);
}
export function loadHostPortLinkUp(base: u32): u32 {
  return load32(base + 4);
}
export function storeHostPortLinkUp(base: u32, value: u32): void {
  store32(base + 4, value);
}
export function loadHostPortFeatures(base: u32): u32 {
  return load32(base + 8);
}
export function storeHostPortFeatures(base: u32, value: u32): void {
  store32(base + 8, value);
}
export function loadHostPortRxQueues(base: u32): u32 {
  return load32(base + 12);
}
export function storeHostPortRxQueues(base: u32, value: u32): void {
  store32(base + 12, value);
}
export function loadHostPortTxQueues(base: u32): u32 {
  return load32(base + 16);
}
export function storeHostPortTxQueues(base: u32, value: u32): void {
  store32(base + 16, value);
}
export function loadHostPortInitPending(base: u32): u32 {
  return load32(base + 20);
}
export function storeHostPortInitPending(base: u32, value: u32): void {
  store32(base + 20, value);
}
export function loadHostPortPaused(base: u32): u32 {
  return load32(base + 24);
}
export function storeHostPortPaused(base: u32, value: u32): void {
  store32(base + 24, value);
}
export function loadHostPortRemoved(base: u32): u32 {
  return load32(base + 28);
}
export function storeHostPortRemoved(base: u32, value: u32): void {
  store32(base + 28, value);
}
export function loadHostPortDetached(base: u32): u32 {
  return load32(base + 32);
}
export function storeHostPortDetached(base: u32, value: u32): void {
  store32(base + 32, value);
}
export function loadHostPortRingRights(base: u32): u32 {
  return load32(base + 36);
}
export function storeHostPortRingRights(base: u32, value: u32): void {
  store32(base + 36, value);
}
export function loadHostPortMbufSize(base: u32): u32 {
  return load32(base + 40);
}
export function storeHostPortMbufSize(base: u32, value: u32): void {
  store32(base + 40, value);
}
export function loadHostPortMaxRxPktLen(base: u32): u32 {
  return load32(base + 44);
}
export function storeHostPortMaxRxPktLen(base: u32, value: u32): void {
  store32(base + 44, value);
}
export function loadHostPortRxSegmentBytes(base: u32): u32 {
  return load32(base + 48);
}
export function storeHostPortRxSegmentBytes(base: u32, value: u32): void {
  store32(base + 48, value);
}
export function loadHostPortRxStage(base: u32): u32 {
  return load32(base + 52);
}
export function storeHostPortRxStage(base: u32, value: u32): void {
  store32(base + 52, value);
}
export function loadHostPortStack(base: u32): u32 {
  return load32(base + 56);
}
export function storeHostPortStack(base: u32, value: u32): void {
  store32(base + 56, value);
}
export function loadHostPortStackCount(base: u32): u32 {
  return load32(base + 60);
}
export function storeHostPortStackCount(base: u32, value: u32): void {
  store32(base + 60, value);
}
export function loadHostPortBuffers(base: u32): u32 {
  return load32(base + 64);
}
export function storeHostPortBuffers(base: u32, value: u32): void {
  store32(base + 64, value);
}
export function loadHostPortRecords(base: u32): u32 {
  return load32(base + 68);
}
export function storeHostPortRecords(base: u32, value: u32): void {
  store32(base + 68, value);
}
export function loadHostPortLendLimit(base: u32): u32 {
  return load32(base + 72);
}
export function storeHostPortLendLimit(base: u32, value: u32): void {
  store32(base + 72, value);
}
export function loadHostPortRxLimit(base: u32): u32 {
  return load32(base + 76);
}
export function storeHostPortRxLimit(base: u32, value: u32): void {
  store32(base + 76, value);
}
export function loadHostPortRxOut(base: u32): u32 {
  return load32(base + 80);
}
export function storeHostPortRxOut(base: u32, value: u32): void {
  store32(base + 80, value);
}
export function loadHostPortFrameArea(base: u32): u32 {
  return load32(base + 84);
}
export function storeHostPortFrameArea(base: u32, value: u32): void {
  store32(base + 84, value);
}
export function loadHostPortFrameLast(base: u32): u32 {
  return load32(base + 88);
}
export function storeHostPortFrameLast(base: u32, value: u32): void {
  store32(base + 88, value);
}
export function loadHostPortFrames(base: u32): u32 {
  return load32(base + 92);
}
export function storeHostPortFrames(base: u32, value: u32): void {
  store32(base + 92, value);
}
export function loadHostPortFrameCount(base: u32): u32 {
  return load32(base + 96);
}
export function storeHostPortFrameCount(base: u32, value: u32): void {
  store32(base + 96, value);
}
export function loadHostPortBurst(base: u32, index: u32): u32 {
  return load32(base + 100 + ((index << 2) >>> 0));
}
export function storeHostPortBurst(base: u32, index: u32, value: u32): void {
  store32(base + 100 + ((index << 2) >>> 0), value);
}
export function loadHostPortJunk(base: u32): u32 {
  return load32(base + 356);
}
export function storeHostPortJunk(base: u32, value: u32): void {
  store32(base + 356, value);
}
export function loadHostPortJunkAt(base: u32): u32 {
  return load32(base + 360);
}
export function storeHostPortJunkAt(base: u32, value: u32): void {
  store32(base + 360, value);
}
export function loadHostPortSync(base: u32): u32 {
  return load32(base + 364);
}
export function storeHostPortSync(base: u32, value: u32): void {
  store32(base + 364, value);
}
export function loadHostPortSyncLo(base: u32): u32 {
  return load32(base + 368);
}
export function storeHostPortSyncLo(base: u32, value: u32): void {
  store32(base + 368, value);
}
export function loadHostPortSyncHi(base: u32): u32 {
  return load32(base + 372);
}
export function storeHostPortSyncHi(base: u32, value: u32): void {
  store32(base + 372, value);
}
export function loadHostPortCounters(base: u32): u32 {
  return load32(base + 376);
}
export function storeHostPortCounters(base: u32, value: u32): void {
  store32(base + 376, value);
}
export function loadHostPortTxRecords(base: u32): u32 {
  return load32(base + 380);
}
export function storeHostPortTxRecords(base: u32, value: u32): void {
  store32(base + 380, value);
}
export function loadHostPortRxRecords(base: u32): u32 {
  return load32(base + 384);
}
export function storeHostPortRxRecords(base: u32, value: u32): void {
  store32(base + 384, value);
}
export function loadHostPortPoolCount(base: u32): u32 {
  return load32(base + 388);
}
export function storeHostPortPoolCount(base: u32, value: u32): void {
  store32(base + 388, value);
}
export function loadHostPortRequest(base: u32, index: u32): u32 {
  return load32(base + 392 + ((index << 2) >>> 0));
}
export function storeHostPortRequest(base: u32, index: u32, value: u32): void {
  store32(base + 392 + ((index << 2) >>> 0), value);
}

// host_frame: a frame on its way
export const HOST_FRAME_BYTES: u32 = 64;
export const HOST_FRAME_ADDRESS: u32 = 0;
export const HOST_FRAME_LENGTH: u32 = 4;

export function loadHostFrameAddress(base: u32): u32 {
  return load32(base);
}
export function storeHostFrameAddress(base: u32, value: u32): void {
  store32(base, value);
}
export function loadHostFrameLength(base: u32): u32 {
  return load32(base + 4);
}
export function storeHostFrameLength(base: u32, value: u32): void {
  store32(base + 4, value);
}

// host_tx_queue: a tx/alloc pair
export const HOST_TX_QUEUE_BYTES: u32 = 64;
export const HOST_TX_QUEUE_PORT: u32 = 0;
export const HOST_TX_QUEUE_QUEUE: u32 = 4;
export const HOST_TX_QUEUE_LENT: u32 = 8;
export const HOST_TX_QUEUE_PUT: u32 = 12;
export const HOST_TX_QUEUE_TAKEN: u32 = 16;
export const HOST_TX_QUEUE_TX: u32 = 24;
export const HOST_TX_QUEUE_ALLOC: u32 = 40;
export const HOST_TX_QUEUE_PACKETS: u32 = 56;

export function loadHostTxQueuePort(base: u32): u32 {
  return load32(base);
}
export function storeHostTxQueuePort(base: u32, value: u32): void {
  store32(base, value);
}
export function loadHostTxQueueQueue(base: u32): u32 {
  return load32(base + 4);
}
export function storeHostTxQueueQueue(base: u32, value: u32): void {
  store32(base + 4, value);
}
export function loadHostTxQueueLent(base: u32): u32 {
  return load32(base + 8);
}
export function storeHostTxQueueLent(base: u32, value: u32): void {
  store32(base + 8, value);
}
export function loadHostTxQueuePut(base: u32): u32 {
  return load32(base + 12);
}
export function storeHostTxQueuePut(base: u32, value: u32): void {
  store32(base + 12, value);
}
export function loadHostTxQueueTaken(base: u32): u32 {
  return load32(base + 16);
}
export function storeHostTxQueueTaken(base: u32, value: u32): void {
  store32(base + 16, value);
}
export function loadHostTxQueuePacketsLo(base: u32): u32 {
  return load32(base + 56);
}
export function storeHostTxQueuePacketsLo(base: u32, value: u32): void {
  store32(base + 56, value);
}
export function loadHostTxQueuePacketsHi(base: u32): u32 {
  return load32(base + 60);
}
export function storeHostTxQueuePacketsHi(base: u32, value: u32): void {
  store32(base + 60, value);
}

// host_rx_queue: an rx/free pair
export const HOST_RX_QUEUE_BYTES: u32 = 64;
export const HOST_RX_QUEUE_PORT: u32 = 0;
export const HOST_RX_QUEUE_QUEUE: u32 = 4;
export const HOST_RX_QUEUE_STAGED: u32 = 8;
export const HOST_RX_QUEUE_PUT: u32 = 12;
export const HOST_RX_QUEUE_TAKEN: u32 = 16;
export const HOST_RX_QUEUE_OUT: u32 = 20;
export const HOST_RX_QUEUE_RX: u32 = 24;
export const HOST_RX_QUEUE_FREE: u32 = 40;
export const HOST_RX_QUEUE_PACKETS: u32 = 56;

export function loadHostRxQueuePort(base: u32): u32 {
  return load32(base);
}
export function storeHostRxQueuePort(base: u32, value: u32): void {
  store32(base, value);
}
export function loadHostRxQueueQueue(base: u32): u32 {
  return load32(base + 4);
}
export function storeHostRxQueueQueue(base: u32, value: u32): void {
  store32(base + 4, value);
}
export function loadHostRxQueueStaged(base: u32): u32 {
  return load32(base + 8);
}
export function storeHostRxQueueStaged(base: u32, value: u32): void {
  store32(base + 8, value);
}
export function loadHostRxQueuePut(base: u32): u32 {
  return load32(base + 12);
}
export function storeHostRxQueuePut(base: u32, value: u32): void {
  store32(base + 12, value);
}
export function loadHostRxQueueTaken(base: u32): u32 {
  return load32(base + 16);
}
export function storeHostRxQueueTaken(base: u32, value: u32): void {
  store32(base + 16, value);
}
export function loadHostRxQueueOut(base: u32): u32 {
  return load32(base + 20);
}
export function storeHostRxQueueOut(base: u32, value: u32): void {
  store32(base + 20, value);
}
export function loadHostRxQueuePacketsLo(base: u32): u32 {
  return load32(base + 56);
}
export function storeHostRxQueuePacketsLo(base: u32, value: u32): void {
  store32(base + 56, value);
}
export function loadHostRxQueuePacketsHi(base: u32): u32 {
  return load32(base + 60);
}
export function storeHostRxQueuePacketsHi(base: u32, value: u32): void {
  store32(base + 60, value);
}
