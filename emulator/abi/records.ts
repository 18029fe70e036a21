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

/** What the guest may do with tx, rx, alloc and free (section 15): `host_port.ring_rights`. */
export const ringRights = {
  /** What producer and consumer may. */
  RINGS_GRANTED: 0,
  /** Look at the headers, as an attach does before it sends request 3. */
  RINGS_HEADERS: 1,
  /** Nothing: the host has let go of them, and they may be moving. */
  RINGS_WITHDRAWN: 2,
} as const;

/** One packet buffer. */
export const hostBuffer = record('host_buffer', 'one packet buffer as the host knows it', {
  /** Arena addresses of descriptor and data area. */
  desc: 'u32',
  data: 'u32',
  /** Host virtual address of the descriptor. */
  desc_lo: 'u32',
  desc_hi: 'u32',
  /** One of `places`, and the queue pair where it is lent or received. */
  place: 'u16',
  queue: 'u16',
  /** Record of the next buffer of the chain, 0 at the end. */
  chain: 'u32',
  /** 1 for the first buffer of a chain on rx. */
  first: 'u32',
  /** Number of the entry with which it went on alloc or, for the first of a chain, on rx. */
  sequence: 'u32',
  /** What stands in the descriptor of an empty buffer from the two bytes before `ol_flags` to `vlan_tci`, byte for byte. */
  empty: ['u32', 8],
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
  rx_drop_detached: 'u64',
  rx_drop_link_down: 'u64',
  rx_drop_too_short: 'u64',
  rx_drop_too_long: 'u64',
  rx_drop_too_many_segments: 'u64',
  rx_drop_no_buffers: 'u64',
  rx_drop_ring_full: 'u64',
  rx_drop_index_corrupt: 'u64',
  rx_drop_ring_emptied: 'u64',
  rx_drop_lost_at_detach: 'u64',
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
  tx_drop_lost_at_detach: 'u64',
  control_requests: 'u64',
  control_refused: 'u64',
  control_answers: 'u64',
  control_ignored: 'u64',
  control_answers_blocked: 'u64',
  /** Migration events, and acks that answered one. */
  migration_events: 'u64',
  migration_acks: 'u64',
  /** Acks that nobody asked for: late ones, and any that fits no event. */
  migration_acks_unexpected: 'u64',
  /** Shutdowns under an open mask, those that were undone, and those that ended with ack 1. */
  migration_shutdowns: 'u64',
  migration_undone: 'u64',
  migration_released: 'u64',
  refused_tx_index: 'u64',
  refused_alloc_index: 'u64',
  refused_rx_index: 'u64',
  refused_free_index: 'u64',
  refused_req_index: 'u64',
  refused_resp_index: 'u64',
  refused_free_address: 'u64',
  refused_free_not_out: 'u64',
});

/** What a device keeps while hosts come and go. BAR 0 can be written by the guest, so the truth is here. */
export const hostDevice = record('host_device', 'a device, whichever host is behind it', {
  /** Migration status, as it is in the register. */
  status: 'u32',
  /** The one before the detach that is under way, to go back to. */
  former_status: 'u32',
  /** The last value of the migration ack that was looked at; 0 since the last event. */
  ack_seen: 'u32',
  /** 1 from an event to the first ack that fits it. */
  ack_due: 'u32',
  /** 1 from a detach event until an attach event, or until it is taken back. */
  detaching: 'u32',
  /** 1 once a shutdown has been answered under that detach. */
  answered: 'u32',
  /** 1 once ack 1 has come under that detach. */
  acked: 'u32',
  /** 1 once no guest holds any buffer under that detach. */
  released: 'u32',
  /** Bits of the interrupt status that were raised while masked, to be delivered later. */
  latched: 'u32',
  /** Interrupts that are on their way, and when each is due, by the device's clock. */
  delayed: 'u32',
  due_us: ['u64', 16],
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
  /**
   * The guest holds no buffer, and the rings are to be made anew: 1 when the next guest comes, 2 with
   * the attach event.
   */
  init_pending: 'u32',
  paused: 'u32',
  removed: 'u32',
  /** 1 while a shutdown is in force that came under an open mask, as a detach's does (section 15). */
  shutdown: 'u32',
  /** `live` as it was before that shutdown, for taking it back. */
  shutdown_live: 'u32',
  /** 1 while the guest of a port that was live is off for a migration; a cause of its own for drops. */
  detached: 'u32',
  /** What the guest may do with tx, rx, alloc and free: one of `ringRights`. */
  ring_rights: 'u32',
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
  /** Where transmitted packets are put together, one behind the other, and the last place for another one. */
  frame_area: 'u32',
  frame_last: 'u32',
  /** `host_frame`s of the packets that stand there, and how many. */
  frames: 'u32',
  frame_count: 'u32',
  /** Records of the first buffers of the burst that is being taken off tx; 0 where a slot names none. */
  burst: ['u32', 64],
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

/** A frame on its way, in a table of several. */
export const hostFrame = record('host_frame', 'a frame on its way', {
  /** Arena address, and bytes. */
  address: 'u32',
  length: 'u32',
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
  hostDevice,
  hostPort,
  hostFrame,
  hostTxQueue,
  hostRxQueue,
];
