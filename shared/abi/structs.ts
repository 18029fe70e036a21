import { struct, type Struct } from './struct';

/** Section 4: one segment of exported host memory. */
export const memmap = struct('memmap', 24, 'section 4: one segment of exported host memory', {
  addr: [0, 'u64'],
  phys_addr: [8, 'u64'],
  length: [16, 'u64'],
});

/** Section 4: content of BAR 4. The host writes it before the guest can see it. */
export const memmapInfo = struct('memmap_info', 49_168, 'section 4: the memory map, BAR 4', {
  magic: [0, 'u32'],
  version: [4, 'u32'],
  nb_maps: [8, 'u32'],
  maps: [16, [memmap, 2_048]],
});

/** Section 5: one packet-buffer pool; unused entries have phys_addr 0 and length 0. */
export const mempoolInfo = struct('mempool_info', 24, 'section 5: one packet-buffer pool', {
  addr: [0, 'u64'],
  phys_addr: [8, 'u64'],
  length: [16, 'u64'],
});

/** Section 5: content of BAR 5. The host writes it before the guest can see it. */
export const deviceInfo = struct('device_info', 376, 'section 5: the device info, BAR 5', {
  magic: [0, 'u32'],
  version: [4, 'u32'],
  ifname: [8, ['u8', 32]],
  tx_phys: [40, 'u64'],
  rx_phys: [48, 'u64'],
  alloc_phys: [56, 'u64'],
  free_phys: [64, 'u64'],
  features: [72, 'u32'],
  min_rx_queues: [76, 'u8'],
  num_rx_queues: [77, 'u8'],
  max_rx_queues: [78, 'u8'],
  min_tx_queues: [79, 'u8'],
  num_tx_queues: [80, 'u8'],
  max_tx_queues: [81, 'u8'],
  tx_size: [84, 'u32'],
  rx_size: [88, 'u32'],
  alloc_size: [92, 'u32'],
  free_size: [96, 'u32'],
  req_phys: [104, 'u64'],
  resp_phys: [112, 'u64'],
  sync_phys: [120, 'u64'],
  sync_va: [128, 'u64'],
  mbuf_va: [136, 'u64'],
  mbuf_phys: [144, 'u64'],
  pool: [152, [mempoolInfo, 8]],
  ethaddr: [344, ['u8', 6]],
  mode: [350, 'u8'],
  mbuf_size: [352, 'u32'],
  device_id: [360, 'u64'],
  max_rx_pkt_len: [368, 'u32'],
});

/**
 * Section 6: header of a FIFO; `len` slots of 8 bytes follow at offset 16.
 * Only the producer writes `write`, only the consumer writes `read`. The host writes `len` and
 * `elem_size` before the guest can see the FIFO.
 */
export const fifo = struct('fifo', 16, 'section 6: head of a FIFO, its slots follow', {
  write: [0, 'u32'],
  read: [4, 'u32'],
  len: [8, 'u32'],
  elem_size: [12, 'u32'],
});

/** Section 7: descriptor of a packet buffer. The ring that carries it decides who may write it. */
export const desc = struct('desc', 64, 'section 7: packet-buffer descriptor', {
  pad0: [0, 'u64'],
  pkt_mbuf: [8, 'u64'],
  pad1: [16, ['u8', 14]],
  ol_flags: [30, 'u16'],
  next: [32, 'u64'],
  data: [40, 'u64'],
  data_len: [48, 'u16'],
  nb_segs: [50, 'u8'],
  pad2: [51, 'u8'],
  pkt_len: [52, 'u16'],
  pad3: [54, ['u8', 4]],
  vlan_tci: [58, 'u16'],
  pad4: [60, ['u8', 4]],
});

/** Section 8: the configuration in request 3. */
export const deviceConfig = struct('device_config', 25, 'section 8: what request 3 carries', {
  device_id: [0, 'u64'],
  driver_type: [8, 'u32'],
  driver_version: [12, 'u32'],
  features: [16, 'u32'],
  num_tx_queues: [20, 'u16'],
  num_rx_queues: [22, 'u16'],
  if_up: [24, 'u8'],
});

/**
 * Section 8: the sync area. The guest writes it before it publishes an entry on `req`. The host writes
 * `result` before it publishes an entry on `resp`.
 */
export const request = struct(
  'request',
  36,
  'section 8: request and answer, in the sync area',
  {
    req_id: [0, 'u32'],
    new_mtu: [4, 'u32'],
    if_up: [4, 'u8'],
    config: [4, deviceConfig],
    result: [32, 'i32'],
  },
  { union: true },
);

/** Every structure of sections 4 to 8, in the order of the sections. */
export const structs: readonly Struct[] = [
  memmap,
  memmapInfo,
  mempoolInfo,
  deviceInfo,
  fifo,
  desc,
  deviceConfig,
  request,
];
