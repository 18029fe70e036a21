/**
 * The contract of the library: the operations that a scenario has in every mode but `stepped`. A scenario that
 * declares only `inline` gets `InlineBench`, which offers more.
 */
import type { AvpDeviceSettings, DeepPartial, MigrationOptions, NicSpec } from '../../emulator';
import type { Random } from '../../shared/random';
import type { FitCapture, FitOptions } from './capture';
import type { Expect } from './expect';
import type { BenchFaults } from './faults';
import type { MigrationReport, PortAccount, TrafficTotals } from './result';
import type { ExchangeOptions, ExchangeReport, Load, LoadOptions } from './traffic';

/** Settings with which an application sets up each AVP port of its instance. */
export interface AppPortSettings {
  /**
   * Receive queues of the port.
   * @defaultValue 1
   * @range 1 to 8, and at most what the host allows
   * @unit queues
   */
  readonly rxQueues?: number;
  /**
   * Transmit queues of the port.
   * @defaultValue 1
   * @range 1 to 8, and at most what the host allows
   * @unit queues
   */
  readonly txQueues?: number;
  /**
   * MTU that the port is configured for (section 14).
   * @defaultValue 1,500, or what the host allows if that is less
   * @range 68 to the host's `maxRxPacketBytes` - 18
   * @unit bytes
   */
  readonly mtu?: number;
  /**
   * The port takes the VLAN tag out of received frames and hands it on in the mbuf (section 12).
   * @defaultValue false
   */
  readonly vlanStrip?: boolean;
  /**
   * The port inserts the tag that an mbuf asks for (section 12).
   * @defaultValue false
   */
  readonly vlanInsert?: boolean;
  /**
   * The port takes frames for any MAC address (section 10).
   * @defaultValue false
   */
  readonly promiscuous?: boolean;
}

/** Migration options as plain data, so that any thread can receive them. */
export interface PlainMigrationOptions extends Omit<MigrationOptions, 'destination' | 'prepare'> {
  /**
   * Settings of every device at the destination, over the node's and the NIC's own.
   * @defaultValue none
   */
  readonly destination?: DeepPartial<AvpDeviceSettings>;
}

/** One line of an instance's PCI listing; ids have four hexadecimal digits. */
export interface PciDevice {
  /** BDF, as in `0000:00:03.0`. */
  readonly slot: string;
  /** Vendor id. */
  readonly vendor: string;
  /** Device id. */
  readonly device: string;
  /** Subsystem vendor id. */
  readonly subsystemVendor: string;
  /** Subsystem id. */
  readonly subsystemDevice: string;
  /** Name of the device class, as a guest's `lspci` prints it. */
  readonly class: string;
  /** Name of the driver that bound the device, null if no driver of the bench did. */
  readonly driver: string | null;
}

/** One AVP port of an instance and the application on it. */
export interface AppPort {
  /** `INSTANCE/NETWORK`. */
  readonly name: string;
  /** Network that the port is on. */
  readonly network: string;
  /** MAC address of the port, 6 bytes. */
  readonly mac: Uint8Array;
  /** False once the application has closed the port. */
  readonly open: boolean;
  /** Mbufs of the port's mempool that application and driver hold; 0 at a quiet point. */
  readonly mbufsInUse: number;
  /** Packet buffers of the host, and mbufs, that are not where they belong; 0 at a quiet point. */
  readonly leakedBuffers: number;
  /** Frames that arrived and belong to no flow that this port expects. */
  readonly foreign: number;
  /** Packets that the application got from each receive queue, as the driver counts them. */
  readonly queuePackets: readonly number[];
  /** Packets that the host put on each receive FIFO in use. */
  readonly fifoPackets: readonly number[];
  /** Returns the accounts of the frames towards the guest and of those from it. */
  accounts(): readonly PortAccount[];
  /** Stops and closes the port and gives up frames that the driver has not taken. Traffic may be running. */
  close(): void;
}

/** A virtual machine of a scenario. */
export interface BenchInstance {
  /** Name that `boot` was given. */
  readonly name: string;
  /** AVP ports in the order of the instance's NICs, closed ones included. */
  readonly ports: readonly AppPort[];
  /** The AVP port on a network, open or closed. @throws UsageError where there is none. */
  port(network: string): AppPort;
  /** The PCI devices that the guest lists. */
  pciDevices(): PciDevice[];
}

/** A compute node of a scenario. */
export interface BenchNode {
  /** Name that `computeNode` was given. */
  readonly name: string;
  /**
   * Boots an instance and starts its AVP ports.
   * @param name name of the instance, unique on the node.
   * @param nics attachments as the cloud's command line has them, `net-id=NET,vif-model=avp`, or with settings of the
   *   device: `{ network, model: 'avp', settings: { rxQueues: { min: 5 } } }`.
   * @param settings settings with which the application sets up each AVP port.
   * @throws UsageError, ErrnoError
   */
  boot(name: string, nics: readonly (string | NicSpec)[], settings?: AppPortSettings): BenchInstance;
}

/** The bench as a scenario's body gets it: nodes, traffic, migrations, expectations. */
export interface Bench {
  /** Seed of the run, as `--seed` gave it. */
  readonly seed: number;
  /** The only source of randomness for a run that its seed repeats. */
  readonly random: Random;
  /** The bench's time in milliseconds since the start of the run: virtual inline, real in threads. */
  readonly nowMs: number;
  /** Migrations that have ended, in the order in which they were started. */
  readonly migrations: readonly MigrationReport[];
  /** Faults to put, for example `faults.add('ctrl.late-response', { after: 3 })`. docs/faults.md lists them. */
  readonly faults: BenchFaults;
  /** A setting of the scenario, as the user gave it or by default. */
  setting(key: string): string;
  /**
   * Makes a compute node with a virtual switch. Networks of one name are one network, whichever nodes they are on.
   * @param name default `compute-0`.
   * @param devices settings of every AVP device on the node that its NIC leaves open; they also hold for instances that
   *   migrate here.
   */
  computeNode(name?: string, devices?: DeepPartial<AvpDeviceSettings>): BenchNode;
  /**
   * Reads the captures that come with the package, or one file.
   * @param file path of a pcap or pcapng file, which may be compressed with gzip. Empty, the default, for the captures
   * of
   *   the package.
   * @param options treatment of frames that are cut, too short or too long; by default they refuse the capture.
   * @throws UsageError also for a capture without frames.
   */
  captures(file?: string, options?: FitOptions): FitCapture[];
  /** States an expectation: `expect('all arrive', report.delivered, 100)`, or of a range, `expect.atMost(...)`. */
  readonly expect: Expect;
  /** Sends frames from one port to another, checks each byte for byte, and returns once traffic has settled. */
  oneWay(from: AppPort, to: AppPort, options: ExchangeOptions): Promise<ExchangeReport>;
  /** Sends requests from one port to another. The receiver answers each. Returns once traffic has settled. */
  requestResponse(from: AppPort, to: AppPort, options: ExchangeOptions): Promise<ExchangeReport>;
  /** Starts a load that goes on while time passes, until it is stopped. */
  startLoad(from: AppPort, to: AppPort, options?: LoadOptions): Load;
  /**
   * Migrates an instance to another node, or to its own. Returns when the migration has ended, whatever its outcome.
   * @throws UsageError for an instance that is migrating already, or options out of range.
   */
  migrate(instance: BenchInstance, to: BenchNode, options?: PlainMigrationOptions): Promise<MigrationReport>;
  /**
   * Stops the scenario at the prompt of `avp shell`. Does nothing in any other command.
   * @param what shown at the prompt.
   */
  pause(what?: string): void;
  /** Lets time pass. */
  runFor(durationMs: number): Promise<void>;
  /** Returns once no frame moves any more. */
  settle(): Promise<void>;
  /** Returns the frame accounts of every port. */
  accounts(): readonly PortAccount[];
  /** Frames of a network's AVP ports that were dropped and counted, anywhere on their way. */
  droppedOn(network: string): number;
  /** Returns the counts of the frames of all loads, replies included. */
  traffic(): TrafficTotals;
  /** Expects of every port that each offered frame was delivered, or dropped by a named cause. */
  checkAccounts(): void;
  /** Expects that the frames of all loads arrived, or were lost by a named cause. Call it once traffic has settled. */
  checkTraffic(): void;
}
