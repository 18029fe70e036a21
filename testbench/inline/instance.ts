import type { Port } from '../../driver';
import type { Instance, Migration, MigrationOptions, Nic, PciListing } from '../../emulator';
import { UsageError } from '../../shared/errors';
import { AppPort, type AppPortSettings } from './appPort';
import type { CommonInstance } from '../api/bench';
import type { EvidenceLog } from '../evidence/evidence';
import { MigrationWatch } from '../evidence/migrationWatch';
import type { BenchNode } from './node';
import { PortEvents } from '../evidence/portEvents';
import type { MigrationHistory } from '../evidence/trace/migrationHistory';

/** What a guest's listing calls a class of PCI devices. */
const CLASS_NAMES: Readonly<Record<number, string>> = { 0x0200: 'Ethernet controller', 0x0500: 'RAM memory' };

/** One line of an instance's PCI listing. */
export interface PciDevice {
  readonly slot: string;
  readonly vendor: string;
  readonly device: string;
  readonly subsystemVendor: string;
  readonly subsystemDevice: string;
  readonly class: string;
  /** Driver that bound it, null where none of the bench's did. */
  readonly driver: string | null;
}

function id(value: number): string {
  return value.toString(16).padStart(4, '0');
}

/** A line of a bus's listing as a guest prints it. */
export function pciDeviceOf({ slot, identity, driver }: Pick<PciListing, 'slot' | 'identity' | 'driver'>): PciDevice {
  return {
    slot,
    vendor: id(identity.vendor),
    device: id(identity.device),
    subsystemVendor: id(identity.subsystemVendor),
    subsystemDevice: id(identity.subsystemDevice),
    class: CLASS_NAMES[identity.classCode] ?? `class ${id(identity.classCode)}`,
    driver,
  };
}

/** The PCI devices of an instance as its guest lists them. */
export function pciDevicesOf(instance: Instance): PciDevice[] {
  return instance.bus.listing().map(pciDeviceOf);
}

/** A virtual machine of a scenario: its devices, and an application on each AVP port. */
export class BenchInstance implements CommonInstance<AppPort> {
  readonly ports: readonly AppPort[];
  private readonly events: readonly PortEvents[];
  private readonly migrations: MigrationWatch | null;
  /** The last migration and where it goes; it starts at `home`. */
  private journey: { readonly migration: Migration; readonly to: BenchNode } | null = null;

  /** Starts every port that the AVP driver has bound. @throws ErrnoError */
  constructor(
    private readonly instance: Instance,
    settings: AppPortSettings,
    evidence: EvidenceLog | null,
    private readonly history: MigrationHistory,
    private home: BenchNode,
  ) {
    this.migrations = evidence === null ? null : new MigrationWatch(evidence, history);
    const bound = instance.nics.filter((nic) => instance.portOf(nic) !== null);
    const events = bound.map((nic) =>
      evidence === null ? null : new PortEvents(evidence, `${instance.name}/${nic.network}`, nic, instance),
    );
    this.events = events.filter((one) => one !== null);
    this.ports = bound.map((nic, index) => this.start(nic, settings, events[index]!));
  }

  get name(): string {
    return this.instance.name;
  }

  /** The node where it is. */
  get node(): BenchNode {
    const { journey } = this;
    return journey !== null && journey.to.isNodeOf(journey.migration) ? journey.to : this.home;
  }

  /** Starts its live migration; `Bench.startMigration` is for scenarios. @throws UsageError */
  migrate(to: BenchNode, options: MigrationOptions): Migration {
    const from = this.node;
    const migration = from.migrate(this.instance, to, options);
    this.home = from;
    this.journey = { migration, to };
    return migration;
  }

  /** What the guest lists: slot, ids, class, driver. */
  pciDevices(): PciDevice[] {
    return pciDevicesOf(this.instance);
  }

  /** The AVP port on a network; one that was unplugged is still known. @throws UsageError where there is none. */
  port(network: string): AppPort {
    const found = this.ports.find((port) => port.nic.network === network);
    if (found !== undefined) return found;
    const known = this.ports.map((port) => port.nic.network).join(', ');
    throw new UsageError(
      `instance '${this.name}' has no AVP port on network '${network}'; it has ${known === '' ? 'none' : known}`,
    );
  }

  /**
   * Takes the NIC on a network away in an orderly way: the application stops and closes its port,
   * the driver lets go, the device goes. Traffic may be running. Also clears up after
   * `surpriseRemove`. @throws UsageError where there is no AVP port on that network, and what a
   *   driver throws that does not let go as it should.
   */
  unplug(network: string): void {
    const port = this.port(network);
    port.close();
    this.instance.hotUnplug(port.nic);
    const removed = this.instance.bus.events.findLast(({ kind, slot }) => kind === 'removed' && slot === port.nic.slot);
    const error = removed?.error ?? null;
    if (error !== null) throw error;
  }

  /** Makes the NIC on a network vanish without a word to the guest. @throws UsageError as `unplug`. */
  surpriseRemove(network: string): void {
    this.instance.surpriseRemove(this.port(network).nic);
  }

  /** One turn of every application. */
  poll(): void {
    for (const port of this.ports) port.poll();
  }

  /** Notes down what changed since the last look. */
  observe(): void {
    // Looked at in any case: migrations are counted by looking.
    this.history.look();
    for (const one of this.events) one.observe();
    this.migrations?.observe();
  }

  private start(nic: Nic, settings: AppPortSettings, events: PortEvents | null): AppPort {
    return new AppPort(`${this.name}/${nic.network}`, this.instance.portOf(nic) as Port, nic, settings, events);
  }
}
