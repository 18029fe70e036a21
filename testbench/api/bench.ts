import type {
  AvpDeviceSettings,
  Capture,
  DeepPartial,
  MigrationEvent,
  MigrationOptions,
  MigrationOutcome,
  NicSpec,
  RingEntries,
} from '../../emulator';
import type { AppPortSettings } from '../inline/appPort';
import type { ExchangeOptions, ExchangeReport } from '../inline/exchange';
import type { PciDevice } from '../inline/instance';
import type { LoadOptions, LoadReport } from '../inline/load';
import type { PortAccount } from './result';
import type { TrafficTotals } from '../traffic/totals';

/**
 * What a scenario can use in every mode: inline (`Bench`: one thread, virtual time) and threads
 * (`ThreadBench`: host, control, interrupt handler and queues in threads of their own, real time).
 * A scenario that keeps to it runs in both.
 */

/** What became of a live migration (section 15). */
export interface MigrationReport {
  readonly instance: string;
  readonly from: string;
  readonly to: string;
  readonly outcome: MigrationOutcome;
  /** Why it did not complete, null where it did. */
  readonly cause: string | null;
  /** Where the instance is now. */
  readonly node: string;
  /** The longest time during which no packet moved at a port of the instance, as its application sees it. */
  readonly downtimeMs: number;
  /** Entries on the rings of all AVP NICs when the detach event was raised. */
  readonly ringsAtDetach: RingEntries;
  /** Frames of all ports that were dropped while it lasted, by place and cause. */
  readonly lostByCause: Readonly<Record<string, number>>;
  readonly timeline: readonly MigrationEvent[];
}

/** Options of a migration that can go to another thread: plain data. */
export interface CommonMigrationOptions extends Omit<MigrationOptions, 'destination' | 'prepare'> {
  /** Settings of every device at the destination, over its defaults and the NIC's own. */
  readonly destination?: DeepPartial<AvpDeviceSettings>;
}

/** One AVP port of an instance and the application on it. */
export interface CommonPort {
  /** `INSTANCE/NETWORK`. */
  readonly name: string;
  readonly mac: Uint8Array;
  /** False once the application has closed it. */
  readonly open: boolean;
  /** Mbufs that application and driver hold: 0 when all is at rest. */
  readonly mbufsInUse: number;
  /** Packets of each receive queue, as the driver counts them. */
  readonly queuePackets: readonly number[];
  /** Packets that the host put on each receive FIFO in use. */
  readonly fifoPackets: readonly number[];
  /** Towards the guest and from it. */
  accounts(): readonly PortAccount[];
  close(): void;
}

/** A virtual machine of a scenario. */
export interface CommonInstance<P extends CommonPort = CommonPort> {
  readonly name: string;
  readonly ports: readonly P[];
  /** The AVP port on a network. @throws UsageError where there is none. */
  port(network: string): P;
  pciDevices(): PciDevice[];
}

/** A compute node of a scenario. */
export interface CommonNode<I = CommonInstance> {
  readonly name: string;
  boot(name: string, nics: readonly (string | NicSpec)[], settings?: AppPortSettings): I;
}

/** Frames from one port to another while time passes. */
export interface CommonLoad {
  /** Sends no more; what is under way still arrives. */
  stop(): void;
  report(): LoadReport;
}

export interface CommonBench<
  P extends CommonPort = CommonPort,
  I extends CommonInstance<P> = CommonInstance<P>,
  N extends CommonNode<I> = CommonNode<I>,
> {
  readonly seed: number;
  setting(key: string): string;
  computeNode(name?: string): N;
  expect(what: string, actual: unknown, ...given: readonly [wanted?: unknown]): void;
  oneWay(from: P, to: P, options: ExchangeOptions): Promise<ExchangeReport>;
  requestResponse(from: P, to: P, options: ExchangeOptions): Promise<ExchangeReport>;
  startLoad(from: P, to: P, options?: LoadOptions): CommonLoad;
  /** The bench's time, of whatever kind. */
  readonly nowMs: number;
  /** The captures that come with the package, or the one file that is named. */
  captures(file?: string): Capture[];
  runFor(durationMs: number): Promise<void>;
  settle(): Promise<void>;
  /** Moves an instance to a node while everything goes on; returns at its end, however that came. */
  migrate(instance: I, to: N, options?: CommonMigrationOptions): Promise<MigrationReport>;
  accounts(): readonly PortAccount[];
  droppedOn(network: string): number;
  checkAccounts(): void;
  /** What has become of the frames of all loads. */
  traffic(): TrafficTotals;
  /** Expects of all loads that nothing but counted loss became of their frames. */
  checkTraffic(): void;
}
