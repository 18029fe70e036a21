// Generated from shared/abi/structs.ts and constants.ts by `make generate`. Do not edit.
import { load16, load32, load8, store16, store32, store8 } from '#mem';

export const VENDOR_ID: u32 = 6900;
export const DEVICE_ID: u32 = 4368;
export const SUBSYSTEM_VENDOR_ID: u32 = 6900;
export const SUBSYSTEM_DEVICE_ID: u32 = 4356;
export const CLASS_MEMORY_RAM: u32 = 1280;
export const BAR_MMIO: u32 = 0;
export const BAR_MSIX: u32 = 1;
export const BAR_MEMORY: u32 = 2;
export const BAR_MEMMAP: u32 = 4;
export const BAR_DEVICE: u32 = 5;
export const BAR_MMIO_BYTES: u32 = 4096;
export const BAR_MSIX_BYTES: u32 = 4096;
export const BAR_MEMMAP_BYTES: u32 = 65536;
export const BAR_DEVICE_BYTES: u32 = 4096;
export const MSIX_VECTORS: u32 = 1;
export const MSIX_VECTOR_MIGRATION: u32 = 0;
export const REG_INTERRUPT_MASK: u32 = 0;
export const REG_INTERRUPT_STATUS: u32 = 4;
export const REG_MIGRATION_STATUS: u32 = 8;
export const REG_MIGRATION_ACK: u32 = 12;
export const INTERRUPT_MASK_ALL: u32 = 4294967295;
export const INTERRUPT_MASK_NONE: u32 = 0;
export const INTERRUPT_MIGRATION: u32 = 2;
export const MIGRATION_NONE: u32 = 0;
export const MIGRATION_DETACHED: u32 = 1;
export const MIGRATION_ATTACHED: u32 = 2;
export const MIGRATION_ERROR: u32 = 3;
export const MEMMAP_MAGIC: u32 = 538122601;
export const MEMMAP_VERSION: u32 = 1;
export const MAX_MAPS: u32 = 2048;
export const MAP_ALIGN_BYTES: u32 = 4096;
export const DEVICE_MAGIC: u32 = 538122613;
export const FEATURE_VLAN_OFFLOAD: u32 = 1;
export const MAX_POOLS: u32 = 8;
export const MAX_QUEUES: u32 = 8;
export const IFNAME_BYTES: u32 = 32;
export const MODE_HOST: u32 = 0;
export const MODE_GUEST: u32 = 1;
export const MODE_TRACE: u32 = 2;
export const MIN_MBUF_SIZE: u32 = 64;
export const MAX_MBUF_SIZE: u32 = 65535;
export const MAX_RX_PKT_LEN: u32 = 9238;
export const FIFO_MIN_LEN: u32 = 2;
export const FIFO_ELEM_BYTES: u32 = 8;
export const FIFO_ALIGN_BYTES: u32 = 8;
export const DESC_ALIGN_BYTES: u32 = 64;
export const OL_TX_VLAN: u32 = 1;
export const OL_RX_VLAN: u32 = 2048;
export const MAX_SEGMENTS: u32 = 5;
export const REQ_UNKNOWN: u32 = 0;
export const REQ_CHANGE_MTU: u32 = 1;
export const REQ_LINK: u32 = 2;
export const REQ_CONFIG: u32 = 3;
export const REQ_SHUTDOWN: u32 = 4;
export const DRIVER_UNKNOWN: u32 = 0;
export const DRIVER_DPDK: u32 = 1;
export const DRIVER_KERNEL: u32 = 2;
export const DRIVER_QEMU: u32 = 3;
export const REQ_POLL_MS: u32 = 5;
export const REQ_POLLS: u32 = 100;
export const OWED_ANSWER_WAIT_MS: u32 = 500;
export const DPDK_DRIVER_VERSION: u32 = 66061;
export const LINUX_DRIVER_VERSION: u32 = 66064;
export const HOST_VERSION: u32 = 65537;
export const MAX_BURST: u32 = 64;
export const MIN_PACKET_BYTES: u32 = 14;
export const HEADROOM_BYTES: u32 = 128;
export const MAX_PACKET_BYTES: u32 = 65535;

// memmap: section 4: one segment of exported host memory
export const MEMMAP_BYTES: u32 = 24;
export const MEMMAP_ADDR: u32 = 0;
export const MEMMAP_PHYS_ADDR: u32 = 8;
export const MEMMAP_LENGTH: u32 = 16;

export function loadMemmapAddrLo(base: u32): u32 {
  return load32(base);
}
export function storeMemmapAddrLo(base: u32, value: u32): void {
  store32(base, value);
}
export function loadMemmapAddrHi(base: u32): u32 {
  return load32(base + 4);
}
export function storeMemmapAddrHi(base: u32, value: u32): void {
  store32(base + 4, value);
}
export function loadMemmapPhysAddrLo(base: u32): u32 {
  return load32(base + 8);
}
export function storeMemmapPhysAddrLo(base: u32, value: u32): void {
  store32(base + 8, value);
}
export function loadMemmapPhysAddrHi(base: u32): u32 {
  return load32(base + 12);
}
export function storeMemmapPhysAddrHi(base: u32, value: u32): void {
  store32(base + 12, value);
}
export function loadMemmapLengthLo(base: u32): u32 {
  return load32(base + 16);
}
export function storeMemmapLengthLo(base: u32, value: u32): void {
  store32(base + 16, value);
}
export function loadMemmapLengthHi(base: u32): u32 {
  return load32(base + 20);
}
export function storeMemmapLengthHi(base: u32, value: u32): void {
  store32(base + 20, value);
}

// memmap_info: section 4: the memory map, BAR 4
export const MEMMAP_INFO_BYTES: u32 = 49168;
export const MEMMAP_INFO_MAGIC: u32 = 0;
export const MEMMAP_INFO_VERSION: u32 = 4;
export const MEMMAP_INFO_NB_MAPS: u32 = 8;
export const MEMMAP_INFO_MAPS: u32 = 16;

export function loadMemmapInfoMagic(base: u32): u32 {
  return load32(base);
}
export function storeMemmapInfoMagic(base: u32, value: u32): void {
  store32(base, value);
}
export function loadMemmapInfoVersion(base: u32): u32 {
  return load32(base + 4);
}
export function storeMemmapInfoVersion(base: u32, value: u32): void {
  store32(base + 4, value);
}
export function loadMemmapInfoNbMaps(base: u32): u32 {
  return load32(base + 8);
}
export function storeMemmapInfoNbMaps(base: u32, value: u32): void {
  store32(base + 8, value);
}

// mempool_info: section 5: one packet-buffer pool
export const MEMPOOL_INFO_BYTES: u32 = 24;
export const MEMPOOL_INFO_ADDR: u32 = 0;
export const MEMPOOL_INFO_PHYS_ADDR: u32 = 8;
export const MEMPOOL_INFO_LENGTH: u32 = 16;

export function loadMempoolInfoAddrLo(base: u32): u32 {
  return load32(base);
}
export function storeMempoolInfoAddrLo(base: u32, value: u32): void {
  store32(base, value);
}
export function loadMempoolInfoAddrHi(base: u32): u32 {
  return load32(base + 4);
}
export function storeMempoolInfoAddrHi(base: u32, value: u32): void {
  store32(base + 4, value);
}
export function loadMempoolInfoPhysAddrLo(base: u32): u32 {
  return load32(base + 8);
}
export function storeMempoolInfoPhysAddrLo(base: u32, value: u32): void {
  store32(base + 8, value);
}
export function loadMempoolInfoPhysAddrHi(base: u32): u32 {
  return load32(base + 12);
}
export function storeMempoolInfoPhysAddrHi(base: u32, value: u32): void {
  store32(base + 12, value);
}
export function loadMempoolInfoLengthLo(base: u32): u32 {
  return load32(base + 16);
}
export function storeMempoolInfoLengthLo(base: u32, value: u32): void {
  store32(base + 16, value);
}
export function loadMempoolInfoLengthHi(base: u32): u32 {
  return load32(base + 20);
}
export function storeMempoolInfoLengthHi(base: u32, value: u32): void {
  store32(base + 20, value);
}

// device_info: section 5: the device info, BAR 5
export const DEVICE_INFO_BYTES: u32 = 376;
export const DEVICE_INFO_MAGIC: u32 = 0;
export const DEVICE_INFO_VERSION: u32 = 4;
export const DEVICE_INFO_IFNAME: u32 = 8;
export const DEVICE_INFO_TX_PHYS: u32 = 40;
export const DEVICE_INFO_RX_PHYS: u32 = 48;
export const DEVICE_INFO_ALLOC_PHYS: u32 = 56;
export const DEVICE_INFO_FREE_PHYS: u32 = 64;
export const DEVICE_INFO_FEATURES: u32 = 72;
export const DEVICE_INFO_MIN_RX_QUEUES: u32 = 76;
export const DEVICE_INFO_NUM_RX_QUEUES: u32 = 77;
export const DEVICE_INFO_MAX_RX_QUEUES: u32 = 78;
export const DEVICE_INFO_MIN_TX_QUEUES: u32 = 79;
export const DEVICE_INFO_NUM_TX_QUEUES: u32 = 80;
export const DEVICE_INFO_MAX_TX_QUEUES: u32 = 81;
export const DEVICE_INFO_TX_SIZE: u32 = 84;
export const DEVICE_INFO_RX_SIZE: u32 = 88;
export const DEVICE_INFO_ALLOC_SIZE: u32 = 92;
export const DEVICE_INFO_FREE_SIZE: u32 = 96;
export const DEVICE_INFO_REQ_PHYS: u32 = 104;
export const DEVICE_INFO_RESP_PHYS: u32 = 112;
export const DEVICE_INFO_SYNC_PHYS: u32 = 120;
export const DEVICE_INFO_SYNC_VA: u32 = 128;
export const DEVICE_INFO_MBUF_VA: u32 = 136;
export const DEVICE_INFO_MBUF_PHYS: u32 = 144;
export const DEVICE_INFO_POOL: u32 = 152;
export const DEVICE_INFO_ETHADDR: u32 = 344;
export const DEVICE_INFO_MODE: u32 = 350;
export const DEVICE_INFO_MBUF_SIZE: u32 = 352;
export const DEVICE_INFO_DEVICE_ID: u32 = 360;
export const DEVICE_INFO_MAX_RX_PKT_LEN: u32 = 368;

export function loadDeviceInfoMagic(base: u32): u32 {
  return load32(base);
}
export function storeDeviceInfoMagic(base: u32, value: u32): void {
  store32(base, value);
}
export function loadDeviceInfoVersion(base: u32): u32 {
  return load32(base + 4);
}
export function storeDeviceInfoVersion(base: u32, value: u32): void {
  store32(base + 4, value);
}
export function loadDeviceInfoIfname(base: u32, index: u32): u32 {
  return load8(base + 8 + index);
}
export function storeDeviceInfoIfname(base: u32, index: u32, value: u32): void {
  store8(base + 8 + index, value);
}
export function loadDeviceInfoTxPhysLo(base: u32): u32 {
  return load32(base + 40);
}
export function storeDeviceInfoTxPhysLo(base: u32, value: u32): void {
  store32(base + 40, value);
}
export function loadDeviceInfoTxPhysHi(base: u32): u32 {
  return load32(base + 44);
}
export function storeDeviceInfoTxPhysHi(base: u32, value: u32): void {
  store32(base + 44, value);
}
export function loadDeviceInfoRxPhysLo(base: u32): u32 {
  return load32(base + 48);
}
export function storeDeviceInfoRxPhysLo(base: u32, value: u32): void {
  store32(base + 48, value);
}
export function loadDeviceInfoRxPhysHi(base: u32): u32 {
  return load32(base + 52);
}
export function storeDeviceInfoRxPhysHi(base: u32, value: u32): void {
  store32(base + 52, value);
}
export function loadDeviceInfoAllocPhysLo(base: u32): u32 {
  return load32(base + 56);
}
export function storeDeviceInfoAllocPhysLo(base: u32, value: u32): void {
  store32(base + 56, value);
}
export function loadDeviceInfoAllocPhysHi(base: u32): u32 {
  return load32(base + 60);
}
export function storeDeviceInfoAllocPhysHi(base: u32, value: u32): void {
  store32(base + 60, value);
}
export function loadDeviceInfoFreePhysLo(base: u32): u32 {
  return load32(base + 64);
}
export function storeDeviceInfoFreePhysLo(base: u32, value: u32): void {
  store32(base + 64, value);
}
export function loadDeviceInfoFreePhysHi(base: u32): u32 {
  return load32(base + 68);
}
export function storeDeviceInfoFreePhysHi(base: u32, value: u32): void {
  store32(base + 68, value);
}
export function loadDeviceInfoFeatures(base: u32): u32 {
  return load32(base + 72);
}
export function storeDeviceInfoFeatures(base: u32, value: u32): void {
  store32(base + 72, value);
}
export function loadDeviceInfoMinRxQueues(base: u32): u32 {
  return load8(base + 76);
}
export function storeDeviceInfoMinRxQueues(base: u32, value: u32): void {
  store8(base + 76, value);
}
export function loadDeviceInfoNumRxQueues(base: u32): u32 {
  return load8(base + 77);
}
export function storeDeviceInfoNumRxQueues(base: u32, value: u32): void {
  store8(base + 77, value);
}
export function loadDeviceInfoMaxRxQueues(base: u32): u32 {
  return load8(base + 78);
}
export function storeDeviceInfoMaxRxQueues(base: u32, value: u32): void {
  store8(base + 78, value);
}
export function loadDeviceInfoMinTxQueues(base: u32): u32 {
  return load8(base + 79);
}
export function storeDeviceInfoMinTxQueues(base: u32, value: u32): void {
  store8(base + 79, value);
}
export function loadDeviceInfoNumTxQueues(base: u32): u32 {
  return load8(base + 80);
}
export function storeDeviceInfoNumTxQueues(base: u32, value: u32): void {
  store8(base + 80, value);
}
export function loadDeviceInfoMaxTxQueues(base: u32): u32 {
  return load8(base + 81);
}
export function storeDeviceInfoMaxTxQueues(base: u32, value: u32): void {
  store8(base + 81, value);
}
export function loadDeviceInfoTxSize(base: u32): u32 {
  return load32(base + 84);
}
export function storeDeviceInfoTxSize(base: u32, value: u32): void {
  store32(base + 84, value);
}
export function loadDeviceInfoRxSize(base: u32): u32 {
  return load32(base + 88);
}
export function storeDeviceInfoRxSize(base: u32, value: u32): void {
  store32(base + 88, value);
}
export function loadDeviceInfoAllocSize(base: u32): u32 {
  return load32(base + 92);
}
export function storeDeviceInfoAllocSize(base: u32, value: u32): void {
  store32(base + 92, value);
}
export function loadDeviceInfoFreeSize(base: u32): u32 {
  return load32(base + 96);
}
export function storeDeviceInfoFreeSize(base: u32, value: u32): void {
  store32(base + 96, value);
}
export function loadDeviceInfoReqPhysLo(base: u32): u32 {
  return load32(base + 104);
}
export function storeDeviceInfoReqPhysLo(base: u32, value: u32): void {
  store32(base + 104, value);
}
export function loadDeviceInfoReqPhysHi(base: u32): u32 {
  return load32(base + 108);
}
export function storeDeviceInfoReqPhysHi(base: u32, value: u32): void {
  store32(base + 108, value);
}
export function loadDeviceInfoRespPhysLo(base: u32): u32 {
  return load32(base + 112);
}
export function storeDeviceInfoRespPhysLo(base: u32, value: u32): void {
  store32(base + 112, value);
}
export function loadDeviceInfoRespPhysHi(base: u32): u32 {
  return load32(base + 116);
}
export function storeDeviceInfoRespPhysHi(base: u32, value: u32): void {
  store32(base + 116, value);
}
export function loadDeviceInfoSyncPhysLo(base: u32): u32 {
  return load32(base + 120);
}
export function storeDeviceInfoSyncPhysLo(base: u32, value: u32): void {
  store32(base + 120, value);
}
export function loadDeviceInfoSyncPhysHi(base: u32): u32 {
  return load32(base + 124);
}
export function storeDeviceInfoSyncPhysHi(base: u32, value: u32): void {
  store32(base + 124, value);
}
export function loadDeviceInfoSyncVaLo(base: u32): u32 {
  return load32(base + 128);
}
export function storeDeviceInfoSyncVaLo(base: u32, value: u32): void {
  store32(base + 128, value);
}
export function loadDeviceInfoSyncVaHi(base: u32): u32 {
  return load32(base + 132);
}
export function storeDeviceInfoSyncVaHi(base: u32, value: u32): void {
  store32(base + 132, value);
}
export function loadDeviceInfoMbufVaLo(base: u32): u32 {
  return load32(base + 136);
}
export function storeDeviceInfoMbufVaLo(base: u32, value: u32): void {
  store32(base + 136, value);
}
export function loadDeviceInfoMbufVaHi(base: u32): u32 {
  return load32(base + 140);
}
export function storeDeviceInfoMbufVaHi(base: u32, value: u32): void {
  store32(base + 140, value);
}
export function loadDeviceInfoMbufPhysLo(base: u32): u32 {
  return load32(base + 144);
}
export function storeDeviceInfoMbufPhysLo(base: u32, value: u32): void {
  store32(base + 144, value);
}
export function loadDeviceInfoMbufPhysHi(base: u32): u32 {
  return load32(base + 148);
}
export function storeDeviceInfoMbufPhysHi(base: u32, value: u32): void {
  store32(base + 148, value);
}
export function loadDeviceInfoEthaddr(base: u32, index: u32): u32 {
  return load8(base + 344 + index);
}
export function storeDeviceInfoEthaddr(base: u32, index: u32, value: u32): void {
  store8(base + 344 + index, value);
}
export function loadDeviceInfoMode(base: u32): u32 {
  return load8(base + 350);
}
export function storeDeviceInfoMode(base: u32, value: u32): void {
  store8(base + 350, value);
}
export function loadDeviceInfoMbufSize(base: u32): u32 {
  return load32(base + 352);
}
export function storeDeviceInfoMbufSize(base: u32, value: u32): void {
  store32(base + 352, value);
}
export function loadDeviceInfoDeviceIdLo(base: u32): u32 {
  return load32(base + 360);
}
export function storeDeviceInfoDeviceIdLo(base: u32, value: u32): void {
  store32(base + 360, value);
}
export function loadDeviceInfoDeviceIdHi(base: u32): u32 {
  return load32(base + 364);
}
export function storeDeviceInfoDeviceIdHi(base: u32, value: u32): void {
  store32(base + 364, value);
}
export function loadDeviceInfoMaxRxPktLen(base: u32): u32 {
  return load32(base + 368);
}
export function storeDeviceInfoMaxRxPktLen(base: u32, value: u32): void {
  store32(base + 368, value);
}

// fifo: section 6: head of a FIFO, its slots follow
export const FIFO_BYTES: u32 = 16;
export const FIFO_WRITE: u32 = 0;
export const FIFO_READ: u32 = 4;
export const FIFO_LEN: u32 = 8;
export const FIFO_ELEM_SIZE: u32 = 12;

export function loadFifoWrite(base: u32): u32 {
  return load32(base);
}
export function storeFifoWrite(base: u32, value: u32): void {
  store32(base, value);
}
export function loadFifoRead(base: u32): u32 {
  return load32(base + 4);
}
export function storeFifoRead(base: u32, value: u32): void {
  store32(base + 4, value);
}
export function loadFifoLen(base: u32): u32 {
  return load32(base + 8);
}
export function storeFifoLen(base: u32, value: u32): void {
  store32(base + 8, value);
}
export function loadFifoElemSize(base: u32): u32 {
  return load32(base + 12);
}
export function storeFifoElemSize(base: u32, value: u32): void {
  store32(base + 12, value);
}

// desc: section 7: packet-buffer descriptor
export const DESC_BYTES: u32 = 64;
export const DESC_PAD0: u32 = 0;
export const DESC_PKT_MBUF: u32 = 8;
export const DESC_PAD1: u32 = 16;
export const DESC_OL_FLAGS: u32 = 30;
export const DESC_NEXT: u32 = 32;
export const DESC_DATA: u32 = 40;
export const DESC_DATA_LEN: u32 = 48;
export const DESC_NB_SEGS: u32 = 50;
export const DESC_PAD2: u32 = 51;
export const DESC_PKT_LEN: u32 = 52;
export const DESC_PAD3: u32 = 54;
export const DESC_VLAN_TCI: u32 = 58;
export const DESC_PAD4: u32 = 60;

export function loadDescPad0Lo(base: u32): u32 {
  return load32(base);
}
export function storeDescPad0Lo(base: u32, value: u32): void {
  store32(base, value);
}
export function loadDescPad0Hi(base: u32): u32 {
  return load32(base + 4);
}
export function storeDescPad0Hi(base: u32, value: u32): void {
  store32(base + 4, value);
}
export function loadDescPktMbufLo(base: u32): u32 {
  return load32(base + 8);
}
export function storeDescPktMbufLo(base: u32, value: u32): void {
  store32(base + 8, value);
}
export function loadDescPktMbufHi(base: u32): u32 {
  return load32(base + 12);
}
export function storeDescPktMbufHi(base: u32, value: u32): void {
  store32(base + 12, value);
}
export function loadDescPad1(base: u32, index: u32): u32 {
  return load8(base + 16 + index);
}
export function storeDescPad1(base: u32, index: u32, value: u32): void {
  store8(base + 16 + index, value);
}
export function loadDescOlFlags(base: u32): u32 {
  return load16(base + 30);
}
export function storeDescOlFlags(base: u32, value: u32): void {
  store16(base + 30, value);
}
export function loadDescNextLo(base: u32): u32 {
  return load32(base + 32);
}
export function storeDescNextLo(base: u32, value: u32): void {
  store32(base + 32, value);
}
export function loadDescNextHi(base: u32): u32 {
  return load32(base + 36);
}
export function storeDescNextHi(base: u32, value: u32): void {
  store32(base + 36, value);
}
export function loadDescDataLo(base: u32): u32 {
  return load32(base + 40);
}
export function storeDescDataLo(base: u32, value: u32): void {
  store32(base + 40, value);
}
export function loadDescDataHi(base: u32): u32 {
  return load32(base + 44);
}
export function storeDescDataHi(base: u32, value: u32): void {
  store32(base + 44, value);
}
export function loadDescDataLen(base: u32): u32 {
  return load16(base + 48);
}
export function storeDescDataLen(base: u32, value: u32): void {
  store16(base + 48, value);
}
export function loadDescNbSegs(base: u32): u32 {
  return load8(base + 50);
}
export function storeDescNbSegs(base: u32, value: u32): void {
  store8(base + 50, value);
}
export function loadDescPad2(base: u32): u32 {
  return load8(base + 51);
}
export function storeDescPad2(base: u32, value: u32): void {
  store8(base + 51, value);
}
export function loadDescPktLen(base: u32): u32 {
  return load16(base + 52);
}
export function storeDescPktLen(base: u32, value: u32): void {
  store16(base + 52, value);
}
export function loadDescPad3(base: u32, index: u32): u32 {
  return load8(base + 54 + index);
}
export function storeDescPad3(base: u32, index: u32, value: u32): void {
  store8(base + 54 + index, value);
}
export function loadDescVlanTci(base: u32): u32 {
  return load16(base + 58);
}
export function storeDescVlanTci(base: u32, value: u32): void {
  store16(base + 58, value);
}
export function loadDescPad4(base: u32, index: u32): u32 {
  return load8(base + 60 + index);
}
export function storeDescPad4(base: u32, index: u32, value: u32): void {
  store8(base + 60 + index, value);
}

// device_config: section 8: what request 3 carries
export const DEVICE_CONFIG_BYTES: u32 = 25;
export const DEVICE_CONFIG_DEVICE_ID: u32 = 0;
export const DEVICE_CONFIG_DRIVER_TYPE: u32 = 8;
export const DEVICE_CONFIG_DRIVER_VERSION: u32 = 12;
export const DEVICE_CONFIG_FEATURES: u32 = 16;
export const DEVICE_CONFIG_NUM_TX_QUEUES: u32 = 20;
export const DEVICE_CONFIG_NUM_RX_QUEUES: u32 = 22;
export const DEVICE_CONFIG_IF_UP: u32 = 24;

export function loadDeviceConfigDeviceIdLo(base: u32): u32 {
  return load32(base);
}
export function storeDeviceConfigDeviceIdLo(base: u32, value: u32): void {
  store32(base, value);
}
export function loadDeviceConfigDeviceIdHi(base: u32): u32 {
  return load32(base + 4);
}
export function storeDeviceConfigDeviceIdHi(base: u32, value: u32): void {
  store32(base + 4, value);
}
export function loadDeviceConfigDriverType(base: u32): u32 {
  return load32(base + 8);
}
export function storeDeviceConfigDriverType(base: u32, value: u32): void {
  store32(base + 8, value);
}
export function loadDeviceConfigDriverVersion(base: u32): u32 {
  return load32(base + 12);
}
export function storeDeviceConfigDriverVersion(base: u32, value: u32): void {
  store32(base + 12, value);
}
export function loadDeviceConfigFeatures(base: u32): u32 {
  return load32(base + 16);
}
export function storeDeviceConfigFeatures(base: u32, value: u32): void {
  store32(base + 16, value);
}
export function loadDeviceConfigNumTxQueues(base: u32): u32 {
  return load16(base + 20);
}
export function storeDeviceConfigNumTxQueues(base: u32, value: u32): void {
  store16(base + 20, value);
}
export function loadDeviceConfigNumRxQueues(base: u32): u32 {
  return load16(base + 22);
}
export function storeDeviceConfigNumRxQueues(base: u32, value: u32): void {
  store16(base + 22, value);
}
export function loadDeviceConfigIfUp(base: u32): u32 {
  return load8(base + 24);
}
export function storeDeviceConfigIfUp(base: u32, value: u32): void {
  store8(base + 24, value);
}

// request: section 8: request and answer, in the sync area
export const REQUEST_BYTES: u32 = 36;
export const REQUEST_REQ_ID: u32 = 0;
export const REQUEST_NEW_MTU: u32 = 4;
export const REQUEST_IF_UP: u32 = 4;
export const REQUEST_CONFIG: u32 = 4;
export const REQUEST_RESULT: u32 = 32;

export function loadRequestReqId(base: u32): u32 {
  return load32(base);
}
export function storeRequestReqId(base: u32, value: u32): void {
  store32(base, value);
}
export function loadRequestNewMtu(base: u32): u32 {
  return load32(base + 4);
}
export function storeRequestNewMtu(base: u32, value: u32): void {
  store32(base + 4, value);
}
export function loadRequestIfUp(base: u32): u32 {
  return load8(base + 4);
}
export function storeRequestIfUp(base: u32, value: u32): void {
  store8(base + 4, value);
}
export function loadRequestResult(base: u32): u32 {
  return load32(base + 32);
}
export function storeRequestResult(base: u32, value: u32): void {
  store32(base + 32, value);
}
