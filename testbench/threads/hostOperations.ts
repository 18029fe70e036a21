/** The operations of the host's thread that other threads can call, and their results. All of it is plain data. */
import type {
  AvpDeviceSettings,
  BufferAudit,
  DeepPartial,
  MigrationEvent,
  MigrationOutcome,
  NicSpec,
  PciListing,
  DeviceStats,
  RingEntries,
} from '../../emulator';
import type { PlainMigrationOptions } from '../api/bench';
import type { DropCounts } from '../api/drops';
import type { FaultReport } from '../api/faults';
import type { PortAccount } from '../api/result';
import type { TraceRecord } from '../evidence/trace/traceRecord';

/** A NIC of an instance that was booted. */
export interface BootedNic {
  readonly network: string;
  readonly bdf: string;
  /** Arena address of its PCI function. */
  readonly base: number;
}

/** One line of a bus's listing. The guest's threads know which driver has bound the function. */
export type PciLine = Pick<PciListing, 'bdf' | 'identity'>;

/** The host's statistics of one NIC. */
export interface NicReading {
  readonly stats: DeviceStats;
  /** Frames of the guest that its switch port dropped, by cause. */
  readonly refused: Readonly<Record<string, number>>;
  /** Negotiated number of receive queues. */
  readonly rxQueues: number;
}

/** Progress of the host, and the work that it still has. */
export interface HostProgress {
  /** Rounds of the host's thread. */
  readonly rounds: number;
  /** A number that changes whenever a frame has moved. */
  readonly activity: number;
  /** Frames on rx that the guest has not taken, and packets on tx that the host has not taken. */
  readonly waiting: number;
  /** Number of migrations under way. */
  readonly migrations: number;
}

/** State of a migration. */
export interface MigrationView {
  readonly done: boolean;
  readonly outcome: MigrationOutcome | null;
  readonly cause: string | null;
  /** The node where the instance is now. */
  readonly node: string;
  readonly ringsAtDetach: RingEntries;
  readonly timeline: readonly MigrationEvent[];
  /** Frames of all ports that hosts and switches dropped since it began, by place and cause. */
  readonly lostByCause: DropCounts;
}

/** Operations of the host's thread. Nodes, instances and networks go by their names. */
export interface HostOperations {
  /** @throws UsageError where there is a node of that name. */
  computeNode(name: string, devices: DeepPartial<AvpDeviceSettings>): void;
  /** @throws UsageError, ErrnoError */
  boot(node: string, instance: string, nics: readonly (string | NicSpec)[]): BootedNic[];
  /** Sets the doorbells of the threads that poll an instance's queues. */
  setDoorbells(instance: string, doorbells: readonly SharedArrayBuffer[]): void;
  /** Lists an instance's bus. */
  listing(instance: string): PciLine[];
  nic(instance: string, network: string): NicReading;
  /** Counts the packet buffers of a NIC by where they are. */
  buffers(instance: string, network: string): BufferAudit;
  progress(): HostProgress;
  /** Starts a migration. Returns its number and the node where it starts. @throws UsageError */
  migrate(
    instance: string,
    to: string,
    options: PlainMigrationOptions,
  ): { readonly number: number; readonly from: string };
  migration(number: number): MigrationView;
  /** Puts a fault. Returns its number. @throws UsageError */
  addFault(name: string, parameters: Readonly<Record<string, unknown>>): number;
  removeFault(number: number): void;
  /** State of every fault that was put, in the order of their numbers. */
  faults(): readonly FaultReport[];
  /** Accounts of the frames that faults have kept from devices. */
  faultAccounts(): readonly PortAccount[];
  /** The timeline of the devices so far; null where none is kept. */
  timeline(): TraceRecord | null;
  /** Shuts every node down and releases its memory. */
  shutdown(): void;
}
