import { fifoEnd } from '../../shared/abi/records';
import { record, type Struct } from '../../shared/abi/struct';

/**
 * Head of a packet buffer of the guest. Its data room follows, then a guard that nobody may touch.
 * The holder of its only reference owns an mbuf, the mempool a free one. While there are several references nobody
 * writes anything but `refcnt`. An external buffer has such a head without a data room behind it, of pool 0.
 */
export const mbuf = record('mbuf', 'head of a packet buffer, its data room follows', {
  /** Address of the mempool that it belongs to; set once. */
  pool: 'u32',
  /** Bytes of the data room that it uses, including the headroom. */
  room_bytes: 'u32',
  /** References to it, 0 while it is free. Any holder of one, by atomic addition where there are several. */
  refcnt: 'u32',
  /** Address of the next segment of the packet, 0 at the end. */
  next: 'u32',
  /** Offset of the data from the start of the data room. */
  data_off: 'u32',
  /** Bytes of this segment. */
  data_len: 'u32',
  /** First segment: bytes of the packet. */
  pkt_len: 'u32',
  /** First segment: number of segments. */
  nb_segs: 'u32',
  /** First segment: address of the port that received it. */
  port: 'u32',
  /** First segment: `MBUF_...` flags. */
  ol_flags: 'u32',
  /** First segment: VLAN tag control information, valid if a flag says so. */
  vlan_tci: 'u32',
  /** Address of the data room that it uses: its own, or that of the mbuf or buffer that it is attached to. */
  data_room: 'u32',
  /** Address of the mbuf or external buffer whose data room it uses and refers to, 0 while it uses its own. */
  attached_to: 'u32',
});

/** Head of a mempool. A stack of `size` addresses follows, then the mbufs. */
export const mempool = record('mempool', 'head of a mempool, its stack of free mbufs follows', {
  /** 1 while a thread works on the stack. */
  lock: 'u32',
  /** Number of free mbufs on the stack; protected by the lock. */
  available: 'u32',
  /** Number of all mbufs; set once, as are the fields that follow. */
  size: 'u32',
  /** Bytes of each data room, including the headroom. */
  room_bytes: 'u32',
  /** Address of the first mbuf. */
  first: 'u32',
  /** Bytes from one mbuf to the next: an odd number, shifted. */
  stride: 'u32',
  stride_shift: 'u32',
  /** Inverse of that odd number modulo 2^32, in halves of 16 bits: it divides without a division (`mempoolTable`). */
  inverse_lo: 'u32',
  inverse_hi: 'u32',
});

/** Place of a mempool's mbufs in the arena. The thread that has claimed the entry writes. */
export const mempoolEntry = record(
  'mempool_entry',
  'where the mbufs of a mempool lie',
  {
    /** Address of the first mbuf. */
    first: 'u32',
    /** Bytes of all mbufs, written last; 0 while the entry describes no pool. */
    length: 'u32',
    /** Bytes from one mbuf to the next; never 0 again once it was written. */
    stride: 'u32',
    /** Address of the mempool; claimed by compare-and-exchange, 0 while the entry is free. */
    mempool: 'u32',
  },
  { align: 16 },
);

/** All mempools of the arena, at a fixed place (`shared/loops/statics`). */
export const mempoolTable = record('mempool_table', 'all mempools, so that a wild mbuf is recognised', {
  /** Entries that were ever claimed. Any thread raises it, by compare-and-exchange. */
  used: 'u32',
  /** Handles that were to be freed and are no mbuf in use of any pool. Any thread, by atomic addition. */
  refused_frees: 'u32',
  entry: [mempoolEntry, 250],
});

/** A range of host virtual addresses, and its arena address (section 4). The holder of the port's lock writes. */
export const poolWindow = record(
  'pool_window',
  'section 4: a packet-buffer pool of the host, seen from the guest',
  { va_lo: 'u32', va_hi: 'u32', length: 'u32', address: 'u32' },
  { align: 16 },
);

/** Counters of a receive queue. The queue's thread writes. */
export const rxCounters = record(
  'rx_counters',
  'what happened to the packets of a receive queue',
  {
    /** Packets handed to the application. */
    good_packets: 'u64',
    /** Bytes of those packets, without CRC. */
    good_bytes: 'u64',
    /** No mbuf was left in the pool (section 10). */
    no_mbuf: 'u64',
    /** Sent to another MAC address. This is no error (section 10). */
    filtered_mac: 'u64',
    /** Shorter than an Ethernet header, empty ones included (section 10). */
    dropped_short: 'u64',
    /** Longer than the host's max_rx_pkt_len (section 5). */
    dropped_long: 'u64',
    /** A descriptor or its data is in no pool, or a descriptor is not aligned (section 4). */
    dropped_address: 'u64',
    /** nb_segs is 0 or above 5 (section 7). */
    dropped_segment_count: 'u64',
    /** The chain has fewer or more segments than nb_segs, or loops (section 7). */
    dropped_chain: 'u64',
    /** data_len of a segment is 0 (section 7). */
    dropped_empty_segment: 'u64',
    /** data_len of a segment is above the host's mbuf_size (section 5). */
    dropped_segment_long: 'u64',
    /** The lengths of the segments do not add up to pkt_len (section 7). */
    dropped_length: 'u64',
    /** Chained, or too long for one mbuf, while the port receives in simple mode (section 10). */
    dropped_not_simple: 'u64',
    /** Needs more than 5 mbufs (section 10). */
    dropped_too_many_mbufs: 'u64',
    /** Delivered without tag data, because the host flagged a tag that was not negotiated (section 12). */
    vlan_refused: 'u64',
    /** Bursts that found the host's index of rx outside the ring (section 6). */
    refused_rx_index: 'u64',
    /** Bursts that found the host's index of free outside the ring (section 6). */
    refused_free_index: 'u64',
  },
  { align: 8 },
);

/** Counters of a transmit queue. The queue's thread writes. */
export const txCounters = record(
  'tx_counters',
  'what happened to the packets of a transmit queue',
  {
    /** Packets put on tx. */
    good_packets: 'u64',
    /** Bytes of those packets, without CRC. */
    good_bytes: 'u64',
    /** The handle is no mbuf in use of any mempool. */
    dropped_handle: 'u64',
    /** Shorter than an Ethernet header, empty ones included (section 11). */
    dropped_short: 'u64',
    /** Longer than 65,535 bytes (section 11). */
    dropped_long: 'u64',
    /** The mbuf chain contradicts its lengths or its number of segments, or a segment is no mbuf in use (section 11). */
    dropped_chain: 'u64',
    /** Needs more than 5 host buffers (section 11). */
    dropped_too_many_buffers: 'u64',
    /** Needs more host buffers than the alloc FIFO can ever hold (section 11). */
    dropped_alloc_small: 'u64',
    /** Asks for a VLAN tag, which was not negotiated. Sent without the tag it would leak into another network (section 12). */
    dropped_vlan_off: 'u64',
    /** Entries of alloc that are no usable buffer. They stay with the guest until it detaches or closes (section 11). */
    refused_buffer: 'u64',
    /** Bursts that found the host's index of tx outside the ring (section 6). */
    refused_tx_index: 'u64',
    /** Bursts that found the host's index of alloc outside the ring (section 6). */
    refused_alloc_index: 'u64',
  },
  { align: 8 },
);

/** Counters of the control channel. The holder of the port's lock writes. */
export const controlCounters = record(
  'control_counters',
  'what happened on the control channel',
  {
    /** Entries of resp for which no request was waiting any more (section 8). */
    late_answers: 'u64',
    /** Requests that got no answer in time (section 8). */
    timeouts: 'u64',
    /** Answers with an entry other than sync_va, or with a positive result (section 8). */
    bad_answers: 'u64',
    /** Interrupts without a cause that section 3 defines. */
    unexpected_interrupts: 'u64',
    /** Ports that were closed although request 4 failed (section 14). */
    failed_shutdowns: 'u64',
  },
  { align: 8 },
);

/** Outcomes of migration events (section 15). The holder of the port's lock writes. */
export const migrationCounters = record(
  'migration_counters',
  'what became of migration events',
  {
    /** Detaches that succeeded (section 15). */
    detached: 'u64',
    /** Attaches that succeeded (section 15). */
    attached: 'u64',
    /** Events that told nothing new: a detach while detached, an attach to the same host while attached (section 15). */
    repeated: 'u64',
    /** Acked with 3, because a burst did not end (section 15). */
    refused_burst: 'u64',
    /** Acked with 3, because the host refused a request (section 15). */
    refused_request: 'u64',
    /** Acked with 3, because the host did not answer a request in time (section 15). */
    refused_timeout: 'u64',
    /** Acked with 3, because a device info, memory map or ring is invalid (section 15). */
    refused_host: 'u64',
    /** Acked with 3, because the host has fewer transmit FIFOs than the port has transmit queues (section 9). */
    refused_queues: 'u64',
    /** Acked with 3, because section 3 does not define the status. */
    refused_status: 'u64',
  },
  { align: 8 },
);

/** One of the last events of a port, for its application. The thread that takes the number writes. */
export const eventSlot = record(
  'event_slot',
  'an event of a port',
  {
    /** Number of the event, from 1; written last, 0 while the slot is being written. */
    sequence: 'u32',
    /** One of `EVENT_...`. */
    event: 'u32',
    /** One of `PHASE_...`; 0 if the event has none. */
    phase: 'u32',
    /** Positive errno of the failure; 0 if the event has none. */
    errno: 'u32',
    /** `LOST_...` bits. */
    lost: 'u32',
    message_bytes: 'u32',
    /** Text of the failure, or about what was lost, in Latin-1. */
    message: ['u8', 232],
  },
  { align: 64 },
);

/** The guest's ends of a receive FIFO and of its free FIFO. The thread of their queue writes. */
export const rxPair = record('rx_pair', 'a receive FIFO and its free FIFO', { rx: fifoEnd, free: fifoEnd });

/** A receive queue. Its thread writes, unless the field says otherwise. */
export const rxQueue = record('rx_queue', 'a receive queue of the application', {
  /** 1 while a burst runs. */
  busy: 'u32',
  /** Address of the mempool for its mbufs, 0 before queue setup. The control thread writes, while stopped. */
  mempool: 'u32',
  /** Bytes of a packet that one mbuf holds: data room less headroom. Control thread. */
  mbuf_bytes: 'u32',
  /** Number of the first of its FIFOs. Control thread. */
  first_fifo: 'u32',
  /** Number of FIFOs from `first_fifo` on. Control thread. */
  fifo_count: 'u32',
  /** Offset from `first_fifo` of the FIFO that is next in turn. */
  turn: 'u32',
  /** Scratch of a burst: packets delivered so far, and their bytes. */
  delivered: 'u32',
  delivered_bytes: 'u32',
  /** Scratch of a burst: the packet under inspection, as its first descriptor says. */
  pkt_len: 'u32',
  seg_count: 'u32',
  ol_flags: 'u32',
  vlan_tci: 'u32',
  next_lo: 'u32',
  next_hi: 'u32',
  /** Scratch of a burst, for each entry taken from rx: arena address of its first descriptor, 0 if it has none. */
  entry_desc: ['u32', 64],
  /** Arena address of that descriptor's data, 0 if they are in no pool. */
  entry_data: ['u32', 64],
  /** Bytes of that data, fetched together with their address. */
  entry_bytes: ['u16', 64],
  /** 0 if that descriptor has no successor; otherwise the next one of the chain, as `driver/loops/rxChains` says. */
  entry_next: ['u32', 64],
  /** If `entry_next` is not 0: the host's number of segments, and the descriptors fetched after the first. */
  chain_segs: ['u8', 64],
  chain_fetched: ['u8', 64],
  /** Arena addresses of the data of those descriptors, four for each entry, 0 if they are in no pool; and their bytes. */
  chain_data: ['u32', 256],
  chain_bytes: ['u16', 256],
  /** 1 if any entry has a chain. */
  chained: 'u32',
  /** Scratch of a burst: segments of the packet under inspection. */
  seg_address: ['u32', 5],
  seg_bytes: ['u32', 5],
  /** Scratch of a burst: mbufs that were taken from the pool and are not used yet. */
  spare_count: 'u32',
  spare: ['u32', 64],
  /** Mbufs that a burst returns to an application whose table is not in the arena. */
  slots: ['u32', 64],
  counters: rxCounters,
  /** Values of the counters at the last reset of the statistics. Any thread. */
  baseline: rxCounters,
});

/** A transmit queue. Its thread writes, unless the field says otherwise. */
export const txQueue = record('tx_queue', 'a transmit queue of the application', {
  /** 1 while a burst runs. */
  busy: 'u32',
  /** 1 after queue setup. The control thread writes, while stopped. */
  ready: 'u32',
  tx: fifoEnd,
  alloc: fifoEnd,
  /** Table entry of the mempool of the last packet sent, 0 before the first one. */
  pool_entry: 'u32',
  /** Scratch of a burst: packets taken off the application, packets sent, and their bytes. */
  taken: 'u32',
  sent: 'u32',
  sent_bytes: 'u32',
  /** Scratch of a burst: entries of alloc that are used up, and the buffers among them that packets use. */
  entries_used: 'u32',
  buffers_used: 'u32',
  /** Scratch of a burst: entries of alloc that were examined. */
  examined: 'u32',
  /** Scratch of a burst: usable buffers among them, listed below, and how many of the list are in use. */
  listed: 'u32',
  used: 'u32',
  /** Scratch of a burst: host address of a buffer's data. */
  data_lo: 'u32',
  data_hi: 'u32',
  /** Arena addresses of their descriptors. */
  buffer_desc: ['u32', 64],
  /** Arena addresses of their data. */
  buffer_data: ['u32', 64],
  /** Host addresses of their descriptors. */
  buffer_lo: ['u32', 64],
  buffer_hi: ['u32', 64],
  /** Numbers of their entries of alloc, counted from the start of the burst. */
  buffer_entry: ['u16', 64],
  /** Mbufs that a burst is to send; from there on only those that were found to be mbufs, 0 for another handle. */
  slots: ['u32', 64],
  counters: txCounters,
  /** Values of the counters at the last reset of the statistics. Any thread. */
  baseline: txCounters,
});

/** Everything that threads share about a port. The holder of `lock` writes, unless the field says otherwise. */
export const port = record('port', 'everything that threads share about a port', {
  rx_pair: [rxPair, 8],
  rx_queue: [rxQueue, 8],
  tx_queue: [txQueue, 8],
  /** `BLOCKED_...` bits that keep bursts out, 0 while bursts may run. Any thread, by compare-and-exchange. */
  blocked: 'u32',
  /** 1 while the MAC filter is off. Any thread. */
  promiscuous: 'u32',
  /** 1: packets may span several segments and mbufs, in both directions. */
  scattered: 'u32',
  /** Features in use (section 9): those on which both sides surely agree. */
  features: 'u32',
  /** 1: received packets may carry their VLAN tag in the descriptor. */
  rx_vlan: 'u32',
  mac_lo: 'u32',
  mac_hi: 'u32',
  /** Bytes of a packet buffer of the host, from its device info. */
  mbuf_size: 'u32',
  /** Bytes of the longest packet that the host delivers, from its device info. */
  max_rx_pkt_len: 'u32',
  window_count: 'u32',
  window: [poolWindow, 8],

  /** 1 while a control operation runs. Any thread, by compare-and-exchange. */
  lock: 'u32',
  /** 1: an interrupt arrived, which the holder of the lock serves. Any thread sets it. */
  interrupt_waiting: 'u32',
  /** 1: the device is being removed, and nothing of it may be touched any more. Any thread sets it. */
  removed: 'u32',
  /**
   * Number of users of this record: the bus until removal, each thread that has a view, each call
   * under way. Any thread, by atomic addition; the thread that takes it to 0 frees the record.
   */
  users: 'u32',
  /** Arena address of the PCI function; set once. */
  pci: 'u32',
  /** One of `STATE_...`. */
  state: 'u32',
  link_up: 'u32',
  /** Asked for by the application, as are the four fields that follow. */
  mtu: 'u32',
  vlan_strip: 'u32',
  vlan_insert: 'u32',
  rx_queues: 'u32',
  tx_queues: 'u32',
  /** Number of receive FIFOs that were negotiated. */
  rx_fifos: 'u32',
  /** `UNSURE_...` bits: subjects on which the host may differ, because a request about them got no answer. */
  unsure: 'u32',

  /** From the host's device info and memory map, all checked, up to the ring lengths. */
  host_features: 'u32',
  host_version: 'u32',
  device_id: 'u64',
  /** SHA-256 of that device info and memory map. */
  host_digest: ['u32', 8],
  min_rx_queues: 'u32',
  max_rx_queues: 'u32',
  max_tx_queues: 'u32',
  rx_base: ['u32', 8],
  rx_len: ['u32', 8],
  free_base: ['u32', 8],
  free_len: ['u32', 8],
  tx_base: ['u32', 8],
  tx_len: ['u32', 8],
  alloc_base: ['u32', 8],
  alloc_len: ['u32', 8],

  /** The guest's end of the request FIFO (section 8). */
  req: fifoEnd,
  /** The guest's end of the response FIFO. */
  resp: fifoEnd,
  /** Arena address of the sync area. */
  sync: 'u32',
  /** Host virtual address of the sync area: the entry on req and resp. */
  sync_va: 'u64',
  /** 1 after a request that was not answered in time. */
  answer_owed: 'u32',
  counters: controlCounters,
  baseline: controlCounters,
  migrations: migrationCounters,
  migrations_baseline: migrationCounters,

  /** Number of events so far. Any thread, by atomic addition. */
  event_count: 'u32',
  /** The last events: number n stands in slot (n - 1) mod 16. */
  events: [eventSlot, 16],
});

/** All records, each after those that it contains. */
export const driverRecords: readonly Struct[] = [
  mbuf,
  mempool,
  mempoolEntry,
  mempoolTable,
  poolWindow,
  rxCounters,
  txCounters,
  controlCounters,
  migrationCounters,
  eventSlot,
  rxPair,
  rxQueue,
  txQueue,
  port,
];

/** Values of fields of the records. */
export const driverConstants: Readonly<Record<string, number>> = {
  /** Bits of `port.blocked`. */
  BLOCKED_STOPPED: 1,
  BLOCKED_DETACHED: 2,
  BLOCKED_REMOVED: 4,
  BLOCKED_SETTLING: 8,
  /** Bits of `port.unsure`. */
  UNSURE_CONFIG: 1,
  UNSURE_LINK: 2,
  /** `port.state`. */
  STATE_PROBED: 1,
  STATE_CONFIGURED: 2,
  STATE_STARTED: 3,
  STATE_STOPPED: 4,
  STATE_CLOSED: 5,
  /** `event_slot.event`. */
  EVENT_LINK_UP: 1,
  EVENT_LINK_DOWN: 2,
  EVENT_REMOVED: 3,
  EVENT_DETACHED: 4,
  EVENT_ATTACHED: 5,
  EVENT_MIGRATION_FAILED: 6,
  /** `event_slot.phase`. */
  PHASE_DETACH: 1,
  PHASE_ATTACH: 2,
  /** Bits of `event_slot.lost`: what the application asked for and this host lacks. */
  LOST_VLAN_STRIP: 1,
  LOST_VLAN_INSERT: 2,
  LOST_MTU: 4,
  /** Slots of `port.events`. */
  EVENT_SLOTS: 16,
  /** Bits of `mbuf.ol_flags`. */
  MBUF_RX_VLAN: 1,
  MBUF_RX_VLAN_STRIPPED: 2,
  MBUF_TX_VLAN: 4,
  /** Entries of `mempool_table`: the most mempools that exist at once. */
  MEMPOOL_ENTRIES: 250,
  /** Bytes behind each data room that nobody may touch. */
  MBUF_GUARD_BYTES: 64,
};

/** Docstrings of the constants that the driver exports, by name. */
export const driverConstantTexts: Readonly<Record<string, string>> = {
  MBUF_RX_VLAN: 'Flag of a received packet: it had a VLAN tag, whose control information is in `vlanTci`.',
  MBUF_RX_VLAN_STRIPPED: 'Flag of a received packet: its VLAN tag is no longer in the data.',
  MBUF_TX_VLAN: 'Flag of a packet to be sent: the port inserts a VLAN tag with the control information in `vlanTci`.',
};
