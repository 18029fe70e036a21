import { fifoEnd } from '../../shared/abi/records';
import { record, type Struct } from '../../shared/abi/struct';

/**
 * The host's private records. They lie in the arena where the guest has no right, so the host
 * trusts them and nothing else: what comes back from the guest is only ever a key into them.
 * The host thread of the device is the one writer of all fields.
 */

/** Where the host knows a packet buffer to be: `host_buffer.place`. */
export const places = {
  /** In the host's pool. */
  PLACE_POOL: 0,
  /** Lent through alloc: on alloc, in the guest's hands, or on tx. */
  PLACE_LENT: 1,
  /** In a chain on rx, in the guest's hands, or on free. */
  PLACE_RX: 2,
  /** Taken off a ring and not yet back in the pool; only within one call. */
  PLACE_TAKEN: 3,
} as const;

/** One packet buffer. */
export const hostBuffer = record('host_buffer', 'one packet buffer as the host knows it', {
  /** Arena addresses of descriptor and data area. */
  desc: 'u32',
  data: 'u32',
  /** Host virtual addresses of the same. */
  desc_lo: 'u32',
  desc_hi: 'u32',
  data_lo: 'u32',
  data_hi: 'u32',
  /** One of `places`, and the queue pair where it is lent or received. */
  place: 'u32',
  queue: 'u32',
  /** Record of the next buffer of the chain, 0 at the end. */
  chain: 'u32',
  /** 1 for the first buffer of a chain on rx. */
  first: 'u32',
  /** Number of the entry with which it went on alloc or, for the first of a chain, on rx. */
  sequence: 'u32',
});

/** One pool: a window of host virtual addresses and the records of its buffers. */
export const hostPool = record(
  'host_pool',
  'a window of packet buffers',
  {
    base_lo: 'u32',
    base_hi: 'u32',
    /** Bytes, up to the end of the last buffer. */
    length: 'u32',
    /** Bytes from the pool's base to its first descriptor, and from one descriptor to the next. */
    first: 'u32',
    stride: 'u32',
    /** Arena address of the first `host_buffer`. */
    records: 'u32',
  },
  { align: 32 },
);

/** Every counter of a port; they outlive a change of the host behind it. */
export const portCounters = record('port_counters', 'counters of a port', {
  rx_offered: 'u64',
  rx_delivered: 'u64',
  rx_drop_removed: 'u64',
  rx_drop_paused: 'u64',
  rx_drop_not_configured: 'u64',
  rx_drop_link_down: 'u64',
  rx_drop_too_short: 'u64',
  rx_drop_too_long: 'u64',
  rx_drop_too_many_segments: 'u64',
  rx_drop_no_buffers: 'u64',
  rx_drop_ring_full: 'u64',
  rx_drop_index_corrupt: 'u64',
  rx_drop_ring_emptied: 'u64',
  tx_offered: 'u64',
  tx_forwarded: 'u64',
  tx_tags_dropped: 'u64',
  tx_drop_no_uplink: 'u64',
  tx_drop_address: 'u64',
  tx_drop_not_lent: 'u64',
  tx_drop_chain_loop: 'u64',
  tx_drop_segment_count: 'u64',
  tx_drop_segment_length: 'u64',
  tx_drop_data_pointer: 'u64',
  tx_drop_packet_length: 'u64',
  tx_drop_too_short: 'u64',
  tx_drop_ring_emptied: 'u64',
  control_requests: 'u64',
  control_refused: 'u64',
  control_answers: 'u64',
  control_ignored: 'u64',
  control_answers_blocked: 'u64',
  refused_tx_index: 'u64',
  refused_alloc_index: 'u64',
  refused_rx_index: 'u64',
  refused_free_index: 'u64',
  refused_req_index: 'u64',
  refused_resp_index: 'u64',
  refused_free_address: 'u64',
  refused_free_not_out: 'u64',
});

/** A port on one host: everything that its loops and its control channel need. */
export const hostPort = record('host_port', 'a port on its present host', {
  /** 1 from a successful request 3 to request 4: the host may touch tx, rx, alloc and free. */
  live: 'u32',
  link_up: 'u32',
  features: 'u32',
  /** Queue pairs of the last request 3; kept over request 4, 0 once the rings are new. */
  rx_queues: 'u32',
  tx_queues: 'u32',
  /** 1 after a close or the guest's death: the rings are to be made anew. */
  init_pending: 'u32',
  paused: 'u32',
  removed: 'u32',
  mbuf_size: 'u32',
  max_rx_pkt_len: 'u32',
  /** Bytes that the host puts into one segment of a received chain, if five are enough. */
  rx_segment_bytes: 'u32',
  /** Most packets on rx that wait for being published together. */
  rx_stage: 'u32',
  /** The host's pool: a stack of record addresses. */
  stack: 'u32',
  stack_count: 'u32',
  /** All buffers: their number and the first record. */
  buffers: 'u32',
  records: 'u32',
  /** Most buffers out on one alloc/tx pair, and on all rx/free pairs together. */
  lend_limit: 'u32',
  rx_limit: 'u32',
  rx_out: 'u32',
  /** Where a transmitted packet is put together, and where in it the frame starts. */
  frame: 'u32',
  frame_at: 'u32',
  /** Poison mode: a block of junk and the place in it that is next; 0 without. */
  junk: 'u32',
  junk_at: 'u32',
  /** Sync area: arena address and host virtual address. */
  sync: 'u32',
  sync_lo: 'u32',
  sync_hi: 'u32',
  /** Arena addresses of `port_counters` and of the first queue records. */
  counters: 'u32',
  tx_records: 'u32',
  rx_records: 'u32',
  pool_count: 'u32',
  /** The request as it was fetched, once. */
  request: ['u32', 9],
  req: fifoEnd,
  resp: fifoEnd,
  pool: [hostPool, 8],
});

/** One tx/alloc pair. */
export const hostTxQueue = record('host_tx_queue', 'a tx/alloc pair', {
  port: 'u32',
  queue: 'u32',
  /** Buffers out through alloc and not back yet. */
  lent: 'u32',
  /** Buffers put on alloc so far, and of those taken by the guest; both modulo 2^32. */
  put: 'u32',
  taken: 'u32',
  tx: fifoEnd,
  alloc: fifoEnd,
  packets: 'u64',
});

/** One rx/free pair. */
export const hostRxQueue = record('host_rx_queue', 'an rx/free pair', {
  port: 'u32',
  queue: 'u32',
  /** Packets in slots that are not published yet. */
  staged: 'u32',
  /** Packets put into slots so far, and of those taken by the guest; both modulo 2^32. */
  put: 'u32',
  taken: 'u32',
  /** Buffers in chains that are out here, staged ones too. */
  out: 'u32',
  rx: fifoEnd,
  free: fifoEnd,
  packets: 'u64',
});

/** Private records of the emulator; not part of the protocol. */
export const emulatorRecords: readonly Struct[] = [
  hostBuffer,
  hostPool,
  portCounters,
  hostPort,
  hostTxQueue,
  hostRxQueue,
];
