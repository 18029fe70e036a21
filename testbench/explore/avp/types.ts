import type {
  AvpDeviceSettings,
  BufferAudit,
  DeepPartial,
  MigrationEvent,
  MigrationOutcome,
  PortStats,
  RingEntries,
} from '../../../emulator';
import type { ProbeFlow } from '../../traffic/probe';

/** What an instance with one AVP port goes through in a stepped migration. Plain data. */
export interface MigrationSetup {
  readonly seed: number;
  readonly source: DeepPartial<AvpDeviceSettings>;
  readonly destination: DeepPartial<AvpDeviceSettings>;
  /** Frames from the network to the guest, and what the guest sends. */
  readonly toGuest: ProbeFlow;
  readonly fromGuest: ProbeFlow;
  /** The guest's address. */
  readonly mac: string;
  /** Frames each way in each round of host and application. */
  readonly framesPerRound: number;
  /** From the moment at which traffic runs: when the migration begins, and when traffic ends. */
  readonly migrateAfterMs: number;
  readonly trafficMs: number;
}

/** Names of the instance and of the two nodes. */
export const INSTANCE = 'vm';
export const NODES = { source: 'source', destination: 'destination' } as const;

/** On the board: what actors tell each other. */
export const MESSAGES = {
  /** Arena address of the PCI function. */
  function: 'function',
  /** Arena address of the port's record, and of its mempool. */
  port: 'port',
  /** Bursts count from now on. */
  traffic: 'traffic',
  /** Nobody sends any more. */
  trafficEnds: 'traffic-ends',
  /** The host has looked at everything. */
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

/** Marked ranges: all memory that the host exports, and its packet buffers at the source. */
export const EXPORTED = 'exported';
export const BUFFERS = 'buffers';

/** What the host saw, at rest and before the port was closed. */
export interface HostView {
  readonly migration: {
    readonly outcome: MigrationOutcome | null;
    readonly cause: string | null;
    readonly node: string;
    readonly ringsAtDetach: RingEntries;
    readonly timeline: readonly MigrationEvent[];
  };
  /** Frames that it sent to the guest, and what became of them at its switches. */
  readonly sent: number;
  readonly switchDrops: number;
  readonly stats: PortStats;
  readonly buffers: BufferAudit;
  readonly brokenCanaries: number;
  /** Frames that came from the guest, whole. */
  readonly received: readonly Uint8Array[];
}

/** What the guest's application and its driver say. */
export interface GuestView {
  readonly xstats: Readonly<Record<string, number>>;
  /** Mbufs that were not back in the pool when all was at rest. */
  readonly mbufsOut: number;
  readonly events: readonly string[];
  /** What went wrong at the end of the port's life, null where nothing did. */
  readonly closing: string | null;
}

export interface ReceiverView {
  /** Frames that the receiving queue handed over. */
  readonly frames: readonly Uint8Array[];
  /** When a burst handed any over, in virtual time. */
  readonly timesMs: readonly number[];
}

export interface SenderView {
  /** Frames that the driver took. */
  readonly taken: number;
  /** Frames that it had not taken at the end. */
  readonly unsent: number;
  /** When a burst took any, in virtual time. */
  readonly timesMs: readonly number[];
}
