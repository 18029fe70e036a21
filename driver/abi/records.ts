import { fifoEnd } from '../../shared/abi/records';
import { record, type Struct } from '../../shared/abi/struct';

/**
 * Head of a packet buffer of the guest; its data room follows, then bytes that nobody may
 * touch. Owner of a handed-out mbuf is whoever holds its address; of a free one, its mempool.
 */
export const mbuf = record('mbuf', 'head of a packet buffer, its data room follows', {
  /** Mempool that it came from; set once. */
  pool: 'u32',
  /** Bytes of the data room, headroom included; set once. */
  room_bytes: 'u32',
  /** 1 while it is handed out. */
  in_use: 'u32',
  /** Next segment of the packet, 0 at the end. */
  next: 'u32',
  /** Where the data starts, from the start of the data room. */
  data_off: 'u32',
  /** Bytes of this segment. */
  data_len: 'u32',
  /** First segment: bytes of all segments. */
  pkt_len: 'u32',
  /** First segment: segments of the packet. */
  nb_segs: 'u32',
  /** First segment: address of the port that received it. */
  port: 'u32',
  /** First segment: `MBUF_...` flags. */
  ol_flags: 'u32',
  /** First segment: VLAN tag control information, where a flag says so. */
  vlan_tci: 'u32',
});

/** Head of a mempool; a stack of `size` addresses follows, then the mbufs. */
export const mempool = record('mempool', 'head of a mempool, its stack of free mbufs follows', {
  /** 1 while a thread works on the stack. */
  lock: 'u32',
  /** Free mbufs on the stack; under the lock. */
  available: 'u32',
  /** All mbufs; set once, like everything below. */
  size: 'u32',
  /** Bytes of each data room, headroom included. */
  room_bytes: 'u32',
  /** Address of the first mbuf. */
  first: 'u32',
  /** Bytes from one mbuf to the next. */
  stride: 'u32',
});

/** A range of host virtual addresses and where it lies in the arena (section 4). */
export const poolWindow = record(
  'pool_window',
  'section 4: a packet-buffer pool of the host, seen from the guest',
  { va_lo: 'u32', va_hi: 'u32', length: 'u32', address: 'u32' },
  { align: 16 },
);

/** What happened to the packets of a receive queue. The queue's thread writes. */
export const rxCounters = record(
  'rx_counters',
  'what happened to the packets of a receive queue',
  {
    good_packets: 'u64',
    good_bytes: 'u64',
    /** No guest mbuf left. */
    no_mbuf: 'u64',
    /** Not for this port's address; no error. */
    filtered_mac: 'u64',
    /** Shorter than an Ethernet header, empty ones included. */
    dropped_short: 'u64',
    /** Longer than the host's max_rx_pkt_len. */
    dropped_long: 'u64',
    /** A descriptor or its data outside every pool, or a descriptor not aligned. */
    dropped_address: 'u64',
    /** nb_segs 0 or above 5. */
    dropped_segment_count: 'u64',
    /** The chain ends before or goes on after nb_segs segments, loops included. */
    dropped_chain: 'u64',
    dropped_empty_segment: 'u64',
    /** data_len above the host's mbuf_size. */
    dropped_segment_long: 'u64',
    /** The segments do not add up to pkt_len. */
    dropped_length: 'u64',
    /** Chained, or too long for one mbuf, on a port that receives in simple mode. */
    dropped_not_simple: 'u64',
    /** Needs more than 5 guest mbufs. */
    dropped_too_many_mbufs: 'u64',
    /** Delivered without its tag data: the host flagged a VLAN that was not negotiated. */
    vlan_refused: 'u64',
    /** Bursts that found the host's index on rx, or on free, outside the ring. */
    refused_rx_index: 'u64',
    refused_free_index: 'u64',
  },
  { align: 8 },
);

/** What happened to the packets of a transmit queue. The queue's thread writes. */
export const txCounters = record(
  'tx_counters',
  'what happened to the packets of a transmit queue',
  {
    good_packets: 'u64',
    good_bytes: 'u64',
    /** Shorter than an Ethernet header, empty ones included. */
    dropped_short: 'u64',
    /** Longer than 65,535 bytes. */
    dropped_long: 'u64',
    /** The mbuf chain contradicts its lengths or its number of segments. */
    dropped_chain: 'u64',
    /** Needs more than 5 host buffers. */
    dropped_too_many_buffers: 'u64',
    /** Needs more host buffers than the alloc FIFO can ever hold. */
    dropped_alloc_small: 'u64',
    /** Asks for a VLAN tag, which was not negotiated: sent without it, it would leak. */
    dropped_vlan_off: 'u64',
    /** Entries of alloc that are no usable buffer; they stay with the guest until it detaches or closes. */
    refused_buffer: 'u64',
    /** Bursts that found the host's index on tx, or on alloc, outside the ring. */
    refused_tx_index: 'u64',
    refused_alloc_index: 'u64',
  },
  { align: 8 },
);

/** What happened on the control channel. The holder of the port's lock writes. */
export const controlCounters = record(
  'control_counters',
  'what happened on the control channel',
  {
    /** Entries on resp that nobody waited for any more. */
    late_answers: 'u64',
    /** Requests that got no answer in time. */
    timeouts: 'u64',
    /** Answers that were not sync_va, or had a positive result. */
    bad_answers: 'u64',
    /** Interrupts without a cause that section 3 knows. */
    unexpected_interrupts: 'u64',
    /** Ports closed without the host's consent to request 4. */
    failed_shutdowns: 'u64',
  },
  { align: 8 },
);

/** What became of migration events (section 15). The holder of the port's lock writes. */
export const migrationCounters = record(
  'migration_counters',
  'what became of migration events',
  {
    /** Detached, and attached, with success. */
    detached: 'u64',
    attached: 'u64',
    /** Events that told nothing new: a detach while detached, an attach to the host that it is attached to. */
    repeated: 'u64',
    /** Answered with 3, each by what stood in the way: a burst that did not end, */
    refused_burst: 'u64',
    /** a request that the host refused, */
    refused_request: 'u64',
    /** one that it did not answer in time, */
    refused_timeout: 'u64',
    /** a device info, memory map or ring that cannot be, */
    refused_host: 'u64',
    /** fewer transmit FIFOs than transmit queues, */
    refused_queues: 'u64',
    /** a status that section 3 does not know. */
    refused_status: 'u64',
  },
  { align: 8 },
);

/** One of the last events of a port, for its application. Whoever takes the number writes. */
export const eventSlot = record(
  'event_slot',
  'an event of a port',
  {
    /** Number of the event, from 1 on; written last, 0 while the slot is being written. */
    sequence: 'u32',
    /** `EVENT_...`. */
    event: 'u32',
    /** 0 where it has none, else `PHASE_...`. */
    phase: 'u32',
    errno: 'u32',
    /** `LOST_...` bits. */
    lost: 'u32',
    message_bytes: 'u32',
    message: ['u8', 232],
  },
  { align: 64 },
);

/** A receive FIFO and the free FIFO that goes with it. The thread of their queue writes. */
export const rxPair = record('rx_pair', 'a receive FIFO and its free FIFO', { rx: fifoEnd, free: fifoEnd });

/** A receive queue. Its thread writes, except where it says otherwise. */
export const rxQueue = record('rx_queue', 'a receive queue of the application', {
  /** 1 while a burst runs. */
  busy: 'u32',
  /** Where its mbufs come from, 0 before queue setup. The control thread writes, while stopped. */
  mempool: 'u32',
  /** Bytes of a packet that one mbuf takes: data room less headroom. Control thread. */
  mbuf_bytes: 'u32',
  /** Its FIFOs: `fifo_count` of them from `first_fifo` on. Control thread. */
  first_fifo: 'u32',
  fifo_count: 'u32',
  /** Which of its FIFOs is next in turn. */
  turn: 'u32',
  /** Scratch of a burst: the packet under inspection. */
  pkt_len: 'u32',
  seg_count: 'u32',
  ol_flags: 'u32',
  vlan_tci: 'u32',
  seg_address: ['u32', 5],
  seg_bytes: ['u32', 5],
  /** Scratch of a burst: mbufs taken from the pool and not used yet. */
  spare_count: 'u32',
  spare: ['u32', 64],
  /** What a burst hands over. */
  slots: ['u32', 64],
  counters: rxCounters,
  /** The counters at the last reset of the statistics. Any thread. */
  baseline: rxCounters,
});

/** A transmit queue. Its thread writes, except where it says otherwise. */
export const txQueue = record('tx_queue', 'a transmit queue of the application', {
  /** 1 while a burst runs. */
  busy: 'u32',
  /** 1 after queue setup. The control thread writes, while stopped. */
  ready: 'u32',
  tx: fifoEnd,
  alloc: fifoEnd,
  /** Scratch of a burst: host buffers found for the packet, and entries of alloc refused meanwhile. */
  found: 'u32',
  refused: 'u32',
  buffer_desc: ['u32', 5],
  buffer_data: ['u32', 5],
  buffer_lo: ['u32', 5],
  buffer_hi: ['u32', 5],
  /** What a burst is asked to send. */
  slots: ['u32', 64],
  counters: txCounters,
  /** The counters at the last reset of the statistics. Any thread. */
  baseline: txCounters,
});

/**
 * Everything that threads share about a port. The holder of `lock` writes, except where it
 * says otherwise.
 */
export const port = record('port', 'everything that threads share about a port', {
  rx_pair: [rxPair, 8],
  rx_queue: [rxQueue, 8],
  tx_queue: [txQueue, 8],
  /** Why bursts do nothing, `BLOCKED_...` bits; 0 while they run. Any thread, by compare-and-exchange. */
  blocked: 'u32',
  /** 1 while the MAC filter is off. Any thread. */
  promiscuous: 'u32',
  /** 1: packets may span several segments and mbufs, in both directions. */
  scattered: 'u32',
  /** Features in use (section 9): those that both sides are sure to hold. */
  features: 'u32',
  /** 1: received packets may carry their VLAN tag in the descriptor. */
  rx_vlan: 'u32',
  mac_lo: 'u32',
  mac_hi: 'u32',
  /** Of the host, like `max_rx_pkt_len` and the windows. */
  mbuf_size: 'u32',
  max_rx_pkt_len: 'u32',
  window_count: 'u32',
  window: [poolWindow, 8],

  /** 1 while a control operation runs. Any thread, by compare-and-exchange. */
  lock: 'u32',
  /** 1: an interrupt arrived that the next holder of the lock serves. Any thread sets. */
  interrupt_waiting: 'u32',
  /** 1: the device is being taken away, nothing of it may be touched any more. Any thread sets. */
  removed: 'u32',
  /**
   * Who still needs this record: the bus until removal, each thread that has a view, each call
   * that is under way. Any thread, by atomic addition; whoever takes it to 0 releases the record.
   */
  users: 'u32',
  /** Arena address of the PCI function; set once. */
  pci: 'u32',
  /** `STATE_...`. */
  state: 'u32',
  link_up: 'u32',
  mtu: 'u32',
  vlan_strip: 'u32',
  vlan_insert: 'u32',
  /** Queues that the application configured. */
  rx_queues: 'u32',
  tx_queues: 'u32',
  /** Receive FIFOs that were negotiated. */
  rx_fifos: 'u32',
  /** What the host may hold otherwise than the port, since a request about it got no answer: `UNSURE_...` bits. */
  unsure: 'u32',

  /** What the host said, and where its rings lie; all checked. */
  host_features: 'u32',
  host_version: 'u32',
  device_id: 'u64',
  /** Digest of the device info and the memory map that all this was read from. */
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

  /** Control channel (section 8). */
  req: fifoEnd,
  resp: fifoEnd,
  sync: 'u32',
  sync_va: 'u64',
  /** 1 after a request that was not answered in time. */
  answer_owed: 'u32',
  counters: controlCounters,
  baseline: controlCounters,
  migrations: migrationCounters,
  migrations_baseline: migrationCounters,

  /** Events so far. Any thread, by atomic addition. */
  event_count: 'u32',
  /** The last events: number n stands in slot (n - 1) mod 16. */
  events: [eventSlot, 16],
});

/** In an order in which each comes after those that it contains. */
export const driverRecords: readonly Struct[] = [
  mbuf,
  mempool,
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

/** Values of the fields above. */
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
  /** Bits of `event_slot.lost`: offloads that the application asked for and this host lacks. */
  LOST_VLAN_STRIP: 1,
  LOST_VLAN_INSERT: 2,
  /** Slots of `port.events`. */
  EVENT_SLOTS: 16,
  /** `mbuf.ol_flags`: a received packet had a VLAN tag, now in `vlan_tci`. */
  MBUF_RX_VLAN: 1,
  /** `mbuf.ol_flags`: the tag was taken out of the received frame. */
  MBUF_RX_VLAN_STRIPPED: 2,
  /** `mbuf.ol_flags`: put the tag in `vlan_tci` into the frame to be sent. */
  MBUF_TX_VLAN: 4,
  /** Bytes behind each data room that nobody may touch. */
  MBUF_GUARD_BYTES: 64,
};
