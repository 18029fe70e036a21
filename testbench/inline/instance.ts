import { avpDriver, type Port } from '../../driver';
import type { Instance, Migration, MigrationOptions, Nic, NicSpec } from '../../emulator';
import type { AppPortSettings, BenchInstance, PciDevice } from '../api/bench';
import { pciDevicesOf } from '../common/pciDevices';
import { portOn } from '../common/portOn';
import type { EvidenceLog } from '../evidence/evidenceLog';
import { MigrationWatch } from '../evidence/migrationWatch';
import { PortEvents } from '../evidence/portEvents';
import type { MigrationHistory } from '../evidence/trace/migrationHistory';
import { InlinePort } from './port';

/** The compute node, as an instance that runs there sees it. */
export interface HostingNode<N> {
  migrate(instance: Instance, to: N, options: MigrationOptions): Migration;
  /** Whether a migration has its instance on this node. */
  isNodeOf(migration: Migration): boolean;
}

/** A NIC that the AVP driver has bound. */
interface BoundNic {
  readonly name: string;
  readonly nic: Nic;
  readonly driver: Port;
  readonly events: PortEvents | null;
}

/** Recorders of a run that an instance feeds. */
export interface InstanceRecords {
  readonly evidence: EvidenceLog | null;
  readonly history: MigrationHistory;
  /** Records the packets at a NIC's port. */
  record(nic: Nic): void;
}

/** A virtual machine on nodes of type `N`: its devices, and an application on each AVP port. */
export class InstanceOn<N extends HostingNode<N>> implements BenchInstance {
  private readonly applications: InlinePort[] = [];
  private readonly events: PortEvents[] = [];
  private readonly migrations: MigrationWatch | null;
  /** The latest migration and its destination; its source is `home`. */
  private latest: { readonly migration: Migration; readonly to: N } | null = null;

  /** Starts every port that the AVP driver has bound. @throws ErrnoError */
  constructor(
    private readonly instance: Instance,
    settings: AppPortSettings,
    private readonly records: InstanceRecords,
    private home: N,
  ) {
    const { evidence, history } = records;
    this.migrations = evidence === null ? null : new MigrationWatch(evidence, history);
    for (const nic of instance.nics) records.record(nic);
    const bound = instance.nics.flatMap((nic) => this.boundNic(nic) ?? []);
    for (const one of bound) this.start(one, settings);
  }

  /** Returns a NIC with all that an application on it needs; null if the AVP driver has not bound the NIC. */
  private boundNic(nic: Nic): BoundNic | null {
    const { instance, records } = this;
    const driver = instance.portOf(nic, avpDriver);
    if (driver === null) return null;
    const name = `${instance.name}/${nic.network}`;
    const events = records.evidence === null ? null : new PortEvents(records.evidence, name, nic, instance);
    if (events !== null) this.events.push(events);
    return { name, nic, driver, events };
  }

  /** @throws ErrnoError */
  private start({ name, nic, driver, events }: BoundNic, settings: AppPortSettings): InlinePort {
    const port = new InlinePort(name, driver, nic, settings, events);
    this.applications.push(port);
    return port;
  }

  /** The AVP ports, those included whose NICs are gone. */
  get ports(): readonly InlinePort[] {
    return this.applications;
  }

  get name(): string {
    return this.instance.name;
  }

  /** The node where it is now. */
  get node(): N {
    const { latest } = this;
    return latest !== null && latest.to.isNodeOf(latest.migration) ? latest.to : this.home;
  }

  /** Starts its live migration; scenarios call `InlineBench.startMigration`. @throws UsageError */
  migrate(to: N, options: MigrationOptions): Migration {
    const from = this.node;
    const migration = from.migrate(this.instance, to, options);
    this.home = from;
    this.latest = { migration, to };
    return migration;
  }

  pciDevices(): PciDevice[] {
    return pciDevicesOf(this.instance);
  }

  port(network: string): InlinePort {
    return portOn(network, this);
  }

  /**
   * Attaches a NIC while the guest runs, and starts an application on it.
   * @param settings how the application sets up the port.
   * @returns the port; null for a NIC that is none of the AVP driver's.
   * @throws UsageError for a bad spec, ErrnoError where the instance takes no NIC now, or the driver refuses it.
   */
  plug(spec: string | NicSpec, settings: AppPortSettings = {}): InlinePort | null {
    const nic = this.instance.hotPlug(spec);
    this.records.record(nic);
    const bound = this.boundNic(nic);
    if (bound !== null) return this.start(bound, settings);
    const error = this.instance.bus.listing().find(({ bdf }) => bdf === nic.bdf)?.error ?? null;
    if (error !== null) throw error;
    return null;
  }

  /**
   * Detaches the NIC on a network in an orderly way: the application stops and closes its port, the driver removes it,
   * the device goes. Traffic may be running. Also tidies up after `surpriseRemove`.
   * @throws UsageError where there is no AVP port on that network; the error of a driver that fails in its removal.
   */
  unplug(network: string): void {
    this.unplugPort(this.port(network));
  }

  /** Unplugs one of several NICs on a network, in the way of `unplug`. */
  unplugPort(port: InlinePort): void {
    port.close();
    this.instance.hotUnplug(port.nic);
    const removed = this.instance.bus.events.findLast(({ kind, bdf }) => kind === 'removed' && bdf === port.nic.bdf);
    const error = removed?.error ?? null;
    if (error !== null) throw error;
  }

  /** Makes the NIC on a network vanish without notice to the guest. @throws UsageError as `unplug`. */
  surpriseRemove(network: string): void {
    this.instance.surpriseRemove(this.port(network).nic);
  }

  /** Runs every application once. */
  poll(): void {
    for (const port of this.ports) port.poll();
  }

  /** Records what changed since the last call. Call it in every step, or a migration may go unnoticed. */
  observe(): void {
    this.records.history.look();
    for (const one of this.events) one.observe();
    this.migrations?.observe();
  }

  /** Traces the fill of the rings as the guest has left them. */
  observeRings(): void {
    for (const one of this.events) one.observeRings();
  }
}
