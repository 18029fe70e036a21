import type { Clock } from '../../shared/clock';
import { BenchError } from '../../shared/errors';
import type { PciFunction } from '../../shared/pci';
import type { Capability } from './capability';
import type { Host, HostNic } from './host';
import type { WireLog } from '../evidence/wireLog';

export type { Capability };

/** A control operation that the driver refused, as its caller sees it. */
export interface Refusal {
  readonly ok: false;
  /** Name of the errno, `EINVAL`. */
  readonly errno: string;
  readonly message: string;
}

/** The end of a control operation. */
export type Result<T = unknown> = { readonly ok: true; readonly value: T } | Refusal;

/** A frame for a transmit burst. */
export interface OutFrame {
  readonly bytes: Uint8Array;
  /** Ask for this tag to be put in. */
  readonly vlanTci?: number;
  /** Bytes in each mbuf of the chain; the last takes what is left. One mbuf where not given. */
  readonly segmentBytes?: number;
  /** Needs `mbuf-forms`: the packet length that the first mbuf claims. */
  readonly claimedBytes?: number;
}

/**
 * Frames of the application's own making, for one burst: headers of Ethernet, IPv4 and UDP whose lengths say
 * how long the frame is, and anything behind them.
 */
export interface GeneratedForm {
  readonly frames: number;
  /** 42 at least. */
  readonly frameBytes: number;
  /** Bytes in each mbuf of the chain; the last takes what is left. One mbuf where not given. */
  readonly segmentBytes?: number;
  /** Less than `frameBytes`: some frames of the burst have this length, in an order of the application's choice. */
  readonly otherFrameBytes?: number;
  /** What a burst does not take is offered again for some 60 ms; else the application gives it up at once. */
  readonly again?: boolean;
}

/** A packet that a receive burst handed over. Only `bytes` and `pktLen` without `mbuf-tags` and `mbuf-fields`. */
export interface ReceivedPacket {
  /** Empty where the packet is such that the application can't show what is in it. */
  readonly bytes: Uint8Array;
  /** The tag that was taken out, null where the mbuf carries none. */
  readonly vlanTci: number | null;
  /** The mbuf says that the tag was taken out. */
  readonly vlanStripped: boolean;
  /** Data lengths of the mbufs of the chain. */
  readonly segments: readonly number[];
  readonly pktLen: number;
  readonly nbSegs: number;
  /** The mbuf names the port that received it. */
  readonly fromThisPort: boolean;
}

export interface PortSettings {
  readonly rxQueues: number;
  readonly txQueues: number;
  readonly mtu?: number;
  readonly vlanStrip?: boolean;
  readonly vlanInsert?: boolean;
}

/** Pool of one receive queue. */
export interface PoolSettings {
  readonly mbufs: number;
  /** Data room of each mbuf, headroom included. */
  readonly dataRoomBytes: number;
}

export interface QueueStats {
  readonly packets: number;
  readonly bytes: number;
  readonly errors: number;
}

export interface PortStats {
  readonly rx: QueueStats;
  readonly tx: QueueStats;
  readonly rxNombuf: number;
  /** Packets to other stations; null where the driver does not say. */
  readonly rxFiltered: number | null;
  readonly rxQueues: readonly QueueStats[];
  readonly txQueues: readonly QueueStats[];
}

export interface LinkState {
  readonly up: boolean;
  readonly speedMbps: number;
  readonly fullDuplex: boolean;
}

export interface PortInfo {
  readonly maxRxQueues: number;
  readonly maxTxQueues: number;
  readonly minRxBufSize: number;
  readonly maxRxPktLen: number;
  readonly maxMacAddrs: number;
  readonly vlanStrip: boolean;
  readonly vlanInsert: boolean;
}

/** What a driver told its application of a migration. */
export interface GuestEvent {
  readonly kind: 'detached' | 'attached' | 'migration-failed';
  /** Of a failure. */
  readonly phase?: 'detach' | 'attach';
  readonly errno?: string;
  /** Offloads that were in use and that the new host lacks. */
  readonly lostFeatures: readonly string[];
}

/**
 * A port as the application over the driver has it. A call starts its work before it gives its
 * promise, so that the host can make one in the middle of a request.
 */
export interface GuestPort {
  configure(settings: PortSettings): Promise<Result>;
  setUpRxQueue(queue: number, pool: PoolSettings): Promise<Result>;
  setUpTxQueue(queue: number): Promise<Result>;
  start(): Promise<Result>;
  stop(): Promise<Result>;
  /** Also lets the driver go of the device. */
  close(): Promise<Result>;
  /** Orderly removal, as the guest's bus does it at unplug. */
  remove(): Promise<void>;
  /** One transmit burst; gives how many frames the driver took. */
  send(queue: number, frames: readonly OutFrame[]): Promise<number>;
  /** Has the application make frames and send them on the first queue; gives how many the driver took. */
  generate(form: GeneratedForm): Promise<number>;
  /** One receive burst. */
  receive(queue: number, max: number): Promise<ReceivedPacket[]>;
  stats(): Promise<PortStats>;
  resetStats(): Promise<void>;
  /** Needs `drop-causes`: every counter by its name. */
  counters(): Promise<Readonly<Record<string, number>>>;
  link(): Promise<LinkState>;
  setPromiscuous(on: boolean): Promise<Result>;
  setVlanOffload(offload: { readonly strip: boolean; readonly insert: boolean }): Promise<Result>;
  /** Needs `migration-events`: all so far, in order. */
  events(): Promise<readonly GuestEvent[]>;
  /** Needs `refusals`: asks for each operation that AVP lacks, and gives the results by name. */
  unsupported(): Promise<Readonly<Record<string, Result>>>;
  info(): Promise<PortInfo>;
  mac(): Promise<Uint8Array>;
  /** Needs `mbuf-balance`: mbufs of all pools of the port that somebody holds. */
  mbufsInUse(): Promise<number>;
}

/** The guest: what its bus and its application do with the driver under test. */
export interface Guest {
  /** True where the driver would bind to the function by its identity. */
  binds(nic: HostNic): Promise<boolean>;
  /** Lets the driver take the device. */
  probe(nic: HostNic): Promise<Result<GuestPort>>;
}

/** What a guest of the bench itself needs to take the driver's place. */
export interface GuestSeat {
  readonly clock: Clock;
  functionOf(nic: HostNic): PciFunction;
}

/** One host and one guest, made anew for each clause. */
export interface Rig {
  readonly host: Host;
  readonly guest: Guest;
  /** Needs `guest-in-arena`. */
  readonly seat?: GuestSeat;
  /** Lets time pass; host, interrupts and waiting requests go on meanwhile. */
  sleepMs(durationMs: number): Promise<void>;
  /** Returns once neither side has anything left to do by itself. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** The driver did what no caller can cope with: it threw, or touched memory without a right to it. */
export class DriverCrashed extends BenchError {
  constructor(message: string) {
    super('DRIVER_CRASHED', message);
  }
}

/** A clause wants what this target can't do, which showed only while it ran: it is skipped. */
export class LacksCapability extends BenchError {
  constructor(readonly capability: Capability) {
    super('LACKS_CAPABILITY', capability);
  }
}

/** A driver under test. */
export interface Target {
  readonly name: string;
  readonly capabilities: ReadonlySet<Capability>;
  /**
   * @param seed for addresses, layouts and all else that is random.
   * @param log where what happens is noted down; null where nobody wants to know.
   */
  open(seed: number, log?: WireLog | null): Promise<Rig>;
}
