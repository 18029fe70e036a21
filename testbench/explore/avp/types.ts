import type {
  AvpDeviceSettings,
  BufferAudit,
  DeepPartial,
  MigrationEvent,
  MigrationOutcome,
  DeviceStats,
  RingEntries,
} from '../../../emulator';
import type { ArenaImage } from '../../../shared/arenaImage';
import type { LostFeature, PortEvent } from '../../../driver';
import type { ProbeFlow } from '../../traffic/probeFrame';

/** Setup of a stepped migration of an instance with one AVP port. Plain data. */
export interface MigrationSetup {
  readonly seed: number;
  readonly source: DeepPartial<AvpDeviceSettings>;
  readonly destination: DeepPartial<AvpDeviceSettings>;
  /** Frames from the network to the guest. */
  readonly toGuest: ProbeFlow;
  /** Frames that the guest sends. */
  readonly fromGuest: ProbeFlow;
  /** MAC address of the guest. */
  readonly mac: string;
  /** Frames each way in one round of host and application. */
  readonly framesPerRound: number;
  /** From the start of traffic to the start of the migration. */
  readonly migrateAfterMs: number;
  /** From the start of traffic to its end. */
  readonly trafficMs: number;
}

/** Names of the instance and of its two nodes. */
export const INSTANCE = 'vm';
export const NODES = { source: 'source', destination: 'destination' } as const;

/** Names of the messages that the actors post. */
export const MESSAGES = {
  /** Arena address of the PCI function. */
  function: 'function',
  /** Arena addresses of the port's record and of its mempool. */
  port: 'port',
  /** Traffic has started; the bursts to hold up are counted from now on. */
  traffic: 'traffic',
  /** Traffic has ended. */
  trafficEnds: 'traffic-ends',
  /** The host has read all its counters. */
  looked: 'looked',
} as const;

/** Names of the actors. */
export const ACTORS = {
  host: 'host',
  control: 'control',
  handler: 'handler',
  receiver: 'receiver',
  sender: 'sender',
} as const;

/** Mark of all memory that the source host exports. */
export const EXPORTED = 'exported';
/** Mark of the source host's packet buffers. */
export const BUFFERS = 'buffers';

/** Names under which the host keeps evidence. */
export const KEPT = {
  /** A pcapng file of the instance's port. */
  pcap: 'pcap',
  /** The memory, a `KeptMemory`; null where the run has ended before tear-down began. */
  memory: 'memory',
} as const;

/** The arena of a run at one moment. */
export interface KeptMemory {
  readonly image: ArenaImage;
  /** Virtual time. */
  readonly atMs: number;
}

/** Evidence of a stepped run: up to the failure where it has failed, before tear-down otherwise. */
export interface SteppedEvidence {
  /** A pcapng file of the instance's port. */
  readonly pcap: Uint8Array;
  readonly memory: KeptMemory;
}

/** The host's view, taken at rest and before the port was closed. */
export interface HostView {
  readonly migration: {
    readonly outcome: MigrationOutcome | null;
    readonly cause: string | null;
    readonly node: string;
    readonly ringsAtDetach: RingEntries;
    readonly timeline: readonly MigrationEvent[];
  };
  /** Frames that it sent to the guest. */
  readonly sent: number;
  /** Frames of those that its switches dropped. */
  readonly switchDrops: number;
  readonly stats: DeviceStats;
  readonly buffers: BufferAudit;
  readonly brokenCanaries: number;
  /** Frames that came from the guest. */
  readonly received: readonly Uint8Array[];
}

/** The view of the guest's application and its driver. */
export interface GuestView {
  readonly xstats: Readonly<Record<string, number>>;
  /** Mbufs that were not back in the pool at rest. */
  readonly mbufsOut: number;
  readonly events: readonly PortEvent[];
  /** Features that the application asked for and the host lacks since the last attach. */
  readonly lostFeatures: readonly LostFeature[];
  /** Why stop or close of the port failed, null where both succeeded. */
  readonly closing: string | null;
}

export interface ReceiverView {
  /** Frames that the receive queue handed over. */
  readonly frames: readonly Uint8Array[];
  /** Virtual times of the bursts that handed over frames. */
  readonly timesMs: readonly number[];
}

export interface SenderView {
  /** Frames that the driver took. */
  readonly taken: number;
  /** Frames that the driver had not taken at the end. */
  readonly unsent: number;
  /** Virtual times of the bursts that took frames. */
  readonly timesMs: readonly number[];
}
