import type { Clock } from '../../shared/clock';
import { BenchError } from '../../shared/errors';
import type { PciFunction } from '../../shared/pci';
import type { Capability } from './capability';
import type { Host, HostNic } from './host';
import type { WireLog } from '../evidence/wireLog';

export type { Capability };

/** A refusal of a control operation by the driver. */
export interface Refusal {
  /** False: the operation has failed. */
  readonly ok: false;
  /** Name of the errno, `EINVAL`. */
  readonly errno: string;
  /** The driver's own message. */
  readonly message: string;
}

/** The result of a control operation. */
export type Result<T = unknown> = Success<T> | Refusal;

/** The result of a control operation that has succeeded. */
export interface Success<T = unknown> {
  /** True: the operation has succeeded. */
  readonly ok: true;
  /** The operation's own result. */
  readonly value: T;
}

/** A frame to send in a transmit burst. */
export interface OutFrame {
  /** The whole frame, without CRC. */
  readonly bytes: Uint8Array;
  /** Request insertion of this tag. */
  readonly vlanTci?: number;
  /** Bytes in each mbuf of the chain; the last holds the rest. Default: one mbuf. */
  readonly segmentBytes?: number;
  /** Needs `mbuf-forms`: the packet length that the first mbuf claims. */
  readonly claimedBytes?: number;
  /** Needs `shared-mbufs`. Default: nobody but the burst holds the packet. */
  readonly sharing?: Sharing;
}

/**
 * Way in which the application keeps a hold on a packet's data after a transmit burst.
 * - `referred`: the application has a reference of its own to each mbuf.
 * - `indirect`: a header in an mbuf, followed by an mbuf that uses the data room of one which the application holds.
 *   The frame has at least 43 bytes.
 * - `external`: an mbuf that uses memory of the application.
 */
export type Sharing = 'referred' | 'indirect' | 'external';

/** The part of a packet sent with `sharing` that its application still holds. */
export interface HeldPacket {
  /** Way in which its data is shared. */
  readonly sharing: Sharing;
  /** The bytes that it holds: the end of the packet, or all of it. */
  readonly bytes: Uint8Array;
  /** Bytes of the packet, as the mbuf says. */
  readonly pktLen: number;
  /** Segments of the packet, as the mbuf says. */
  readonly nbSegs: number;
  /** The tag that the mbuf asks for, null if it asks for none. */
  readonly vlanTci: number | null;
  /** References to the held data, the application's own included. */
  readonly references: number;
}

/**
 * One burst of frames that the application generates: Ethernet, IPv4 and UDP headers with correct length
 * fields, followed by any payload.
 */
export interface GeneratedForm {
  /** Number of frames. */
  readonly frames: number;
  /** At least 42, the length of the headers. */
  readonly frameBytes: number;
  /** Bytes in each mbuf of the chain; the last holds the rest. Default: one mbuf. */
  readonly segmentBytes?: number;
  /** Length below `frameBytes` of some frames of the burst; the application chooses which. */
  readonly otherFrameBytes?: number;
  /** Offer frames that the driver does not take again for about 60 ms, instead of dropping them at once. */
  readonly again?: boolean;
}

/** A packet from a receive burst. Without `mbuf-tags` and `mbuf-fields` only `bytes` and `pktLen` count. */
export interface ReceivedPacket {
  /** Empty where the application cannot show the packet's data. */
  readonly bytes: Uint8Array;
  /** The stripped tag, null where the mbuf carries none. */
  readonly vlanTci: number | null;
  /** The mbuf says that the tag was stripped. */
  readonly vlanStripped: boolean;
  /** Data length of each mbuf of the chain. */
  readonly segments: readonly number[];
  /** Bytes of the packet, as the mbuf says. */
  readonly pktLen: number;
  /** Segments of the packet, as the mbuf says. */
  readonly nbSegs: number;
  /** The mbuf names the port that received it. */
  readonly fromThisPort: boolean;
  /** Needs `mbuf-tags`: flags that claim something of the packet, beside those of tags and those of "unknown". */
  readonly claims: readonly string[];
  /** Needs `mbuf-headroom`, empty without it: bytes in front of the data of each mbuf of the chain. */
  readonly headroomBytes: readonly number[];
}

/** Settings with which a clause configures a port (section 14). */
export interface PortSettings {
  /** Receive queues. */
  readonly rxQueues: number;
  /** Transmit queues. */
  readonly txQueues: number;
  /** Default: the target's choice. A target behind ethdev takes the longest that the host allows. */
  readonly mtu?: number;
  /** Take the tag out of received frames (section 12). Default false. */
  readonly vlanStrip?: boolean;
  /** Insert the tag that a frame asks for (section 12). Default false. */
  readonly vlanInsert?: boolean;
  /** The offload that lets a packet arrive in several mbufs. */
  readonly rxScatter?: boolean;
  /** The offload that lets a packet leave from several mbufs. */
  readonly txMultiSegs?: boolean;
}

/** The mbuf pool of one receive queue. */
export interface PoolSettings {
  /** Number of mbufs. */
  readonly mbufs: number;
  /** Data room of each mbuf, headroom included. */
  readonly dataRoomBytes: number;
}

/** Statistics of a queue since the last reset (section 13). */
export interface QueueStats {
  /** Packets that were received or sent. */
  readonly packets: number;
  /** Bytes of those packets, without CRC. */
  readonly bytes: number;
  /** Packets that were dropped because they were malformed. */
  readonly errors: number;
}

/** Statistics of a port since the last reset (section 13). */
export interface GuestPortStats {
  /** Sum over all receive queues. */
  readonly rx: QueueStats;
  /** Sum over all transmit queues. */
  readonly tx: QueueStats;
  /** Received packets that were dropped for lack of an mbuf. */
  readonly rxNombuf: number;
  /** Packets to other MAC addresses; null where the driver does not count them. */
  readonly rxFiltered: number | null;
  /** By receive queue. */
  readonly rxQueues: readonly QueueStats[];
  /** By transmit queue. */
  readonly txQueues: readonly QueueStats[];
}

/** The link, as the driver reports it (section 13). */
export interface LinkState {
  /** True while the link is up. */
  readonly up: boolean;
  /** Speed, Mbit/s. */
  readonly speedMbps: number;
  /** False for half duplex. */
  readonly fullDuplex: boolean;
}

/** Information of a port, as the driver gives it to the application (section 13). */
export interface PortInfo {
  /** Most receive queues. */
  readonly maxRxQueues: number;
  /** Most transmit queues. */
  readonly maxTxQueues: number;
  /** Least data room of an mbuf for received packets, bytes, without headroom. */
  readonly minRxBufSize: number;
  /** Longest packet that is received, bytes. */
  readonly maxRxPktLen: number;
  /** Number of MAC addresses. */
  readonly maxMacAddrs: number;
  /** True if stripping can be asked for. */
  readonly vlanStrip: boolean;
  /** True if insertion can be asked for. */
  readonly vlanInsert: boolean;
  /** True if received packets may span several mbufs. */
  readonly rxScatter: boolean;
  /** True if packets to be sent may be chains. */
  readonly txMultiSegs: boolean;
  /** Speeds that the link can have; empty where the driver names none. */
  readonly speedsMbps: readonly number[];
  /** The MTU in force. Has no meaning before the first `configure`. */
  readonly mtu: number;
  /** Needs `mtu-limits`, null without it. */
  readonly minMtu: number | null;
  /** Needs `mtu-limits`, null without it. */
  readonly maxMtu: number | null;
}

/** Extended statistics of a port. The id of one is its index in the list of names. */
export interface ExtendedStats {
  /** Names of all counters; the id of a counter is its index. */
  names(): Promise<readonly string[]>;
  /**
   * Reads all values into an array of `room` entries, each -1 before. Returns the array, and how many entries the
   * driver says there are.
   */
  values(room: number): Promise<ExtendedValues>;
  /** Values of some counters. Refused for an unknown id. */
  byId(ids: readonly number[]): Promise<Result<readonly number[]>>;
  /** Id of a counter. Refused for an unknown name. */
  idOf(name: string): Promise<Result<number>>;
}

/** Values of extended statistics, as the driver writes them into an array. */
export interface ExtendedValues {
  /** Number of entries that the driver says there are. */
  readonly needed: number;
  /** The array, with -1 in each entry that the driver has not written. */
  readonly values: readonly number[];
}

/** State of a configured queue. */
export type QueueState = 'started' | 'stopped';

/** States of the configured queues of a port. */
export interface QueueStates {
  /** States of the receive queues, by queue. */
  readonly rx: readonly QueueState[];
  /** States of the transmit queues, by queue. */
  readonly tx: readonly QueueState[];
}

/** An event with which a driver told its application of a migration. */
export interface GuestEvent {
  /** The event's name. */
  readonly kind: 'detached' | 'attached' | 'migration-failed';
  /** The step that failed. */
  readonly phase?: 'detach' | 'attach';
  /** Name of the errno of a failure, such as `ETIME`. */
  readonly errno?: string;
  /** Offloads in use that the new host lacks. */
  readonly lostFeatures: readonly string[];
}

/** An event of the link that a driver sent to its application. */
export interface LinkEvent {
  /** The event says that the link has changed. False for other events, such as those of a migration. */
  readonly isChange: boolean;
  /** The link as the application read it when it got the event. */
  readonly up: boolean;
}

/** The bursts of one thread of the application on queues of its own. */
export interface PortBursts {
  /** Sends a burst. Returns the number of frames that the driver took. */
  send(queue: number, frames: readonly OutFrame[]): Promise<number>;
  /** Receives a burst of at most `max` packets. */
  receive(queue: number, max: number): Promise<ReceivedPacket[]>;
  /** Ends the thread, while the port goes on. */
  leave(): Promise<void>;
}

/**
 * A port as the driver's application uses it. A call starts its work before it returns its promise,
 * so that the host can make a call while a request is pending.
 */
export interface GuestPort {
  /** Configures queues, MTU and offloads (section 14). */
  configure(settings: PortSettings): Promise<Result>;
  /** Sets up a receive queue with a mempool of its own. */
  setUpRxQueue(queue: number, pool: PoolSettings): Promise<Result>;
  /** Sets up a transmit queue. */
  setUpTxQueue(queue: number): Promise<Result>;
  /** Starts the port: link up, bursts run (section 14). */
  start(): Promise<Result>;
  /** Stops the port (section 14). */
  stop(): Promise<Result>;
  /**
   * Closes the port and detaches the driver from the device. A target behind ethdev stops a started port first:
   * `rte_eth_dev_close()` refuses it otherwise.
   */
  close(): Promise<Result>;
  /** Removes the device in an orderly way, as the guest's bus does at unplug. */
  remove(): Promise<void>;
  /** Makes one transmit burst. Returns how many frames the driver took. */
  send(queue: number, frames: readonly OutFrame[]): Promise<number>;
  /** Makes the application generate frames and send them on the first queue. Returns how many the driver took. */
  generate(form: GeneratedForm): Promise<number>;
  /** Makes one receive burst. */
  receive(queue: number, max: number): Promise<ReceivedPacket[]>;
  /**
   * Needs `paused-bursts`. Keeps an application that makes bursts by itself from making any on this port, or lets
   * it go on. `stop` and `start` do not change that. Frames that it has received before can still be asked for.
   */
  setPaused(paused: boolean): Promise<void>;
  /** Statistics since the last reset. */
  stats(): Promise<GuestPortStats>;
  /** Sets all statistics to 0. */
  resetStats(): Promise<void>;
  /** Needs `drop-causes`: every counter by name. */
  counters(): Promise<Readonly<Record<string, number>>>;
  /** State of the link. */
  link(): Promise<LinkState>;
  /** Switches the MAC filter off or on (section 10). */
  setPromiscuous(on: boolean): Promise<Result>;
  /** The promiscuous mode in force. */
  isPromiscuous(): Promise<boolean>;
  /** Switches all-multicast mode. */
  setAllMulticast(on: boolean): Promise<Result>;
  /** Changes the VLAN offloads of a configured port (section 12). */
  setVlanOffload(offload: { readonly strip: boolean; readonly insert: boolean }): Promise<Result>;
  /** Needs `migration-events`: all events so far, in order. */
  events(): Promise<readonly GuestEvent[]>;
  /** Needs `refusals`: requests each operation that AVP lacks. Returns the results by name. */
  unsupported(): Promise<Readonly<Record<string, Result>>>;
  /** Needs `refusals`: requests each further operation that AVP lacks. Returns the results by name. */
  furtherUnsupported(): Promise<Readonly<Record<string, Result>>>;
  /** Needs `refused-settings`: configures the port with each setting that AVP lacks. Returns the results by name. */
  unsupportedSettings(): Promise<Readonly<Record<string, Result>>>;
  /** Needs `xstats-by-id`. */
  readonly extendedStats: ExtendedStats;
  /** Needs `queue-depth`: how many packets wait for a receive queue. */
  rxQueueCount(queue: number): Promise<Result<number>>;
  /** Needs `queue-depth`: whether a packet waits at `offset` of a receive queue, where 0 is the next one. */
  rxDescriptorDone(queue: number, offset: number): Promise<Result<boolean>>;
  /** Needs `link-events`: all events so far, in order. */
  linkEvents(): Promise<readonly LinkEvent[]>;
  /** Needs `removal-query`: the driver says that the device has been removed. */
  isRemoved(): Promise<boolean>;
  /** Needs `second-thread`: starts another thread of the application that makes bursts on the port. */
  secondThread(): Promise<PortBursts>;
  /**
   * Needs `guest-death`: ends the guest without a word to the driver, and returns once the host has seen it. A call
   * that is under way fails with `GuestKilled`, or gives any result.
   */
  kill(): Promise<void>;
  /** Needs `queue-states`: the state of each configured queue. */
  queueStates(): Promise<QueueStates>;
  /** Capabilities and limits. */
  info(): Promise<PortInfo>;
  /** MAC address, 6 bytes. */
  mac(): Promise<Uint8Array>;
  /**
   * Needs `shared-mbufs`: the packets that were sent with `sharing` since the last call, in order. Gives up the
   * application's references.
   */
  heldPackets(): Promise<readonly HeldPacket[]>;
  /**
   * Needs `shared-mbufs`: makes one burst with the same packet in several slots, with a reference for each. Returns
   * how many slots the driver took; the application frees the others.
   */
  sendRepeated(queue: number, frame: OutFrame, times: number): Promise<number>;
  /** Needs `mbuf-balance`: how many mbufs are missing from the port's pools. */
  mbufsInUse(): Promise<number>;
}

/** The guest with the driver under test: its bus and its application. */
export interface Guest {
  /** True where the driver binds to the function by its identity. */
  binds(nic: HostNic): Promise<boolean>;
  /** Lets the driver probe the device. */
  probe(nic: HostNic): Promise<Result<GuestPort>>;
}

/** Access for a guest of the bench that takes the driver's place: the clock, and the PCI functions in the arena. */
export interface ArenaAccess {
  /** Clock of host and guest. */
  readonly clock: Clock;
  /** PCI function of a NIC. */
  functionOf(nic: HostNic): PciFunction;
}

/** One host and one guest. Each clause gets new ones. */
export interface Rig {
  /** The emulated host. */
  readonly host: Host;
  /** The guest with the driver under test. */
  readonly guest: Guest;
  /** Needs `guest-in-arena`. */
  readonly arena?: ArenaAccess;
  /** Lets time pass while host, interrupts and pending requests proceed. */
  sleepMs(durationMs: number): Promise<void>;
  /** Returns once both sides are idle. */
  settle(): Promise<void>;
  /** Ends host and guest, and frees what they hold. */
  close(): Promise<void>;
}

/** The driver crashed: it threw, died, or accessed memory without the right to it. */
export class DriverCrashed extends BenchError {
  constructor(message: string) {
    super('DRIVER_CRASHED', message);
  }
}

/** The clause has killed the guest while this call was under way. */
export class GuestKilled extends BenchError {
  constructor() {
    super('GUEST_KILLED', 'the guest was killed while this call was under way');
  }
}

/**
 * Something around the driver failed, such as a machine without time for it. It says nothing about the driver, so
 * the clause ends with `blocked`. The message says what to do.
 */
export class EnvironmentFailed extends BenchError {
  constructor(message: string) {
    super('ENVIRONMENT_FAILED', message);
  }
}

/** A running clause needs a capability that this target lacks: the clause is skipped. */
export class LacksCapability extends BenchError {
  constructor(
    /** The capability that the clause needs. */
    readonly capability: Capability,
  ) {
    super('LACKS_CAPABILITY', capability);
  }
}

/** A driver under test. */
export interface Target {
  /** Lower-case letters, digits and `_.-`. Reports and waivers use it. */
  readonly name: string;
  /** Version of the driver, for reports. Default: `unknown`. */
  readonly version?: string;
  /** Capabilities of the driver with the application in front of it; docs/capabilities.md lists all. */
  readonly capabilities: ReadonlySet<Capability>;
  /**
   * DPDK's ethdev stands between the application and the driver, and answers some calls itself. Clauses accept what it
   * gives there. Default: false.
   */
  readonly behindEthdev?: boolean;
  /** Capabilities that it has on watched memory only. Default: none. */
  readonly needsWatched?: ReadonlySet<Capability>;
  /**
   * Makes host and guest for one clause.
   * @param seed for addresses, layouts and everything else that is random.
   * @param log records what happens; null for no recording.
   */
  open(seed: number, log?: WireLog | null): Promise<Rig>;
}
