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

/** What other threads learn from the host's, as plain data. */

/** A NIC that was made. */
export interface BootedNic {
  readonly network: string;
  readonly slot: string;
  /** Arena address of its PCI function. */
  readonly base: number;
  readonly avp: boolean;
}

/** One line of a bus's listing; who has bound the function is known to the guest's threads. */
export type PciLine = Pick<PciListing, 'slot' | 'identity'>;

/** One NIC on the host's side. */
export interface NicReading {
  readonly stats: DeviceStats;
  /** Frames of the guest that its switch port dropped, by cause. */
  readonly refused: Readonly<Record<string, number>>;
  /** Receive queues that were negotiated. */
  readonly rxQueues: number;
  readonly present: boolean;
}

/** What tells that the host is at rest. */
export interface HostPulse {
  readonly rounds: number;
  /** Changes whenever a frame has moved. */
  readonly activity: number;
  /** Frames on rx that the guest has not taken, packets on tx that the host has not taken. */
  readonly waiting: number;
  /** Migrations under way. */
  readonly migrations: number;
}

/** Where a migration stands. */
export interface MigrationView {
  readonly done: boolean;
  readonly outcome: MigrationOutcome | null;
  readonly cause: string | null;
  /** Where the instance is now. */
  readonly node: string;
  readonly ringsAtDetach: RingEntries;
  readonly timeline: readonly MigrationEvent[];
  /** Frames of all ports that the hosts and switches dropped since it began, by place and cause. */
  readonly lostByCause: Readonly<Record<string, number>>;
}

/** What the host's thread can be told. Nodes, instances and networks go by their names. */
export interface HostOperations {
  /** @throws UsageError where there is one of that name. */
  computeNode(name: string, devices: DeepPartial<AvpDeviceSettings>): void;
  /** @throws UsageError, ErrnoError */
  boot(node: string, instance: string, nics: readonly (string | NicSpec)[]): BootedNic[];
  /** What wakes the threads that poll an instance's queues. */
  bells(instance: string, bells: readonly SharedArrayBuffer[]): void;
  /** What is on an instance's bus. */
  listing(instance: string): PciLine[];
  nic(instance: string, network: string): NicReading;
  /** Where each packet buffer of a NIC is. */
  buffers(instance: string, network: string): BufferAudit;
  pulse(): HostPulse;
  /** Starts a migration; gives its number and the node where it starts. @throws UsageError */
  migrate(
    instance: string,
    to: string,
    options: PlainMigrationOptions,
  ): { readonly number: number; readonly from: string };
  migration(number: number): MigrationView;
  cancel(number: number): void;
  /** Shuts every node down and gives its memory back. */
  shutdown(): void;
}
