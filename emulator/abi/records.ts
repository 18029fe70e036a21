import { fifoEnd } from '../../shared/abi/records';
import { record, type Struct } from '../../shared/abi/struct';

/**
 * The host's private records. The guest has no right to their part of the arena, so the host trusts them
 * alone: whatever the guest returns serves only as a key into them. The thread that runs the host of a
 * device is the one writer and reader of all fields, unless a field says otherwise.
 */

export const hostBuffer = record('host_buffer', 'one packet buffer as the host knows it', {
  /** Arena address of the descriptor. */
  desc: 'u32',
  /** Arena address of the data area. */
  data: 'u32',
  /** Host virtual address of the descriptor, in two halves. */
  desc_lo: 'u32',
  desc_hi: 'u32',
  /** One of `places`. */
  place: 'u16',
  /** Queue pair through which the buffer is lent or received. */
  queue: 'u16',
  /** Arena address of the next buffer's record in the chain, 0 at the end. */
  chain: 'u32',
  /** 1 for the first buffer of a chain on rx. */
  first: 'u32',
  /** Number of the entry by which it was put on alloc or, as first of a chain, on rx; modulo 2^32. */
  sequence: 'u32',
  /** Bytes of an empty buffer's descriptor, from the two before `ol_flags` to the end of `vlan_tci`. */
  empty: ['u32', 8],
});

export const hostPool = record(
  'host_pool',
  'a pool: a range of host virtual addresses and the records of its buffers',
  {
    /** Host virtual address of the pool, in two halves. */
    base_lo: 'u32',
    base_hi: 'u32',
    /** Bytes from the base to the end of the last buffer. */
    length: 'u32',
    /** Bytes from the base to the first descriptor. */
    first: 'u32',
    /** Bytes from one descriptor to the next. */
    stride: 'u32',
    /** Arena address of the first `host_buffer`. */
    records: 'u32',
  },
  { align: 32 },
);

/** All counters of a device; they outlive a change of the host. `device/counters.ts` says what each counts. */
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
  migration_events: 'u64',
  migration_acks: 'u64',
  migration_acks_unexpected: 'u64',
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

/** State of a device that outlives its hosts. The guest can write BAR 0, so the authoritative copy is here. */
export const hostDevice = record('host_device', 'a device, whichever host is behind it', {
  /** One of `migrationPhases`; each event moves it as `migration/table.ts` says. */
  phase: 'u32',
  /** The host's copy of the migration status register. */
  status: 'u32',
  /** Status before the present detach; written by the detach event, read when the detach is cancelled. */
  former_status: 'u32',
  /** Last value read from the ack register, so that each ack counts once; 0 after an event. */
  ack_seen: 'u32',
  /** 1 from an event to the first ack that answers it; tells a late or unasked ack from an answer. */
  ack_due: 'u32',
  /** 1 once a request 4 was answered with success under the present detach; reset by the detach event. */
  shutdown_answered: 'u32',
  /** Time of the last look at req under a detach, by the device's clock, nanoseconds (`patience.ts`). */
  req_looked_ns: 'u64',
  /** Time of the last look that found req empty, all ones if there is none (`patience.ts`). */
  req_empty_ns: 'u64',
  /** `req_empty_ns` when the last request 4 was taken: the request is younger than that (`patience.ts`). */
  shutdown_after_ns: 'u64',
  /** Bits of the interrupt status that were raised while masked, to be delivered later. */
  latched: 'u32',
  /** Number of delayed interrupts. */
  delayed: 'u32',
  /** Time at which each delayed interrupt is due, by the device's clock, microseconds. */
  due_us: ['u64', 16],
});

/** One host behind a device: all that its loops and its control channel need. */
export const hostPort = record('host_port', 'a port on its present host', {
  /** One of `portLives`; written by `control/portLife.ts`, read by the loops and the migration. */
  life: 'u32',
  link_up: 'u32',
  features: 'u32',
  /** Queue counts of the last request 3; kept after request 4, 0 once the rings are emptied. */
  rx_queues: 'u32',
  tx_queues: 'u32',
  /**
   * Not 0 while the guest holds no buffer and the rings wait for being emptied: 1 until the next guest opens
   * its mask or sends request 3, 2 until the attach event. Written and read by `control/portLife.ts`.
   */
  init_pending: 'u32',
  /** 1 while a test stalls the host. */
  paused: 'u32',
  /** 1 once the device has vanished (section 16). */
  removed: 'u32',
  /** 1 while a guest that was live is detached for a migration; written by the migration, read by the rx loop as a cause of drops. */
  detached: 'u32',
  /** The guest's rights to tx, rx, alloc and free, one of `ringRights`; written by the migration, applied by `hostMemory.ts`. */
  ring_rights: 'u32',
  mbuf_size: 'u32',
  max_rx_pkt_len: 'u32',
  /** Bytes per segment of a received chain, as long as five segments are enough. */
  rx_segment_bytes: 'u32',
  /** Packets that are collected on rx before they are published together. */
  rx_stage: 'u32',
  /** Arena address of the host's pool, a stack of record addresses. */
  stack: 'u32',
  stack_count: 'u32',
  /** Number of buffers in all pools. */
  buffers: 'u32',
  /** Arena address of the first `host_buffer`. */
  records: 'u32',
  /** Limit of the buffers lent through one alloc. */
  lend_limit: 'u32',
  /** Limit of the buffers out on all rx/free pairs together. */
  rx_limit: 'u32',
  /** Buffers out on all rx/free pairs. */
  rx_out: 'u32',
  /** Arena address of the area into which packets from tx are copied. */
  frame_area: 'u32',
  /** Arena address of the last place in that area where a packet may start. */
  frame_last: 'u32',
  /** Arena address of the table of `host_frame`s of the packets in that area. */
  frames: 'u32',
  /** Number of entries in that table. */
  frame_count: 'u32',
  /** Records of the first buffers of the burst that is being taken off tx; 0 for an invalid slot. */
  burst: ['u32', 64],
  /** Arena address of the block of junk in poison mode, else 0. */
  junk: 'u32',
  /** Offset in that block of the next start. */
  junk_at: 'u32',
  /** Arena address of the sync area. */
  sync: 'u32',
  /** Host virtual address of the sync area, in two halves. */
  sync_lo: 'u32',
  sync_hi: 'u32',
  /** Arena address of `port_counters`. */
  counters: 'u32',
  /** Arena address of the first `host_tx_queue`. */
  tx_records: 'u32',
  /** Arena address of the first `host_rx_queue`. */
  rx_records: 'u32',
  pool_count: 'u32',
  /** The request, fetched from the sync area once. */
  request: ['u32', 9],
  req: fifoEnd,
  resp: fifoEnd,
  pool: [hostPool, 8],
});

/** A frame on its way, an entry in a table. */
export const hostFrame = record('host_frame', 'a frame on its way', {
  /** Arena address. */
  address: 'u32',
  /** Bytes. */
  length: 'u32',
});

export const hostTxQueue = record('host_tx_queue', 'a tx/alloc pair', {
  port: 'u32',
  queue: 'u32',
  /** Buffers lent through alloc and not back yet. */
  lent: 'u32',
  /** Buffers put on alloc so far, modulo 2^32. */
  put: 'u32',
  /** Buffers of those that the guest has taken, modulo 2^32. */
  taken: 'u32',
  tx: fifoEnd,
  alloc: fifoEnd,
  packets: 'u64',
});

export const hostRxQueue = record('host_rx_queue', 'an rx/free pair', {
  port: 'u32',
  queue: 'u32',
  /** Packets in slots of rx that are not published yet. */
  staged: 'u32',
  /** Packets put into slots of rx so far, modulo 2^32. */
  put: 'u32',
  /** Packets of those that the guest has taken, modulo 2^32. */
  taken: 'u32',
  /** Buffers in chains on this pair, staged ones included. */
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
