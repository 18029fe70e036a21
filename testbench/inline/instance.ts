import { avpDriver, type Port } from '../../driver';
import type { Instance, Migration, MigrationOptions, Nic } from '../../emulator';
import type { AppPortSettings, BenchInstance, PciDevice } from '../api/bench';
import { pciDevicesOf } from '../common/pciDevices';
import { portOn } from '../common/portOn';
import type { EvidenceLog } from '../evidence/evidenceLog';
import { MigrationWatch } from '../evidence/migrationWatch';
import { PortEvents } from '../evidence/portEvents';
import type { MigrationHistory } from '../evidence/trace/migrationHistory';
import { InlinePort } from './port';

/** What an instance needs of the compute node where it runs. */
export interface HostingNode<N> {
  migrate(instance: Instance, to: N, options: MigrationOptions): Migration;
  /** Whether a migration has its instance on this node. */
  isNodeOf(migration: Migration): boolean;
}

/** A NIC that the AVP driver has bound. */
interface BoundNic {
  readonly nic: Nic;
  readonly driver: Port;
}

function boundNics(instance: Instance): BoundNic[] {
  return instance.nics.flatMap((nic) => {
    const driver = instance.portOf(nic, avpDriver);
    return driver === null ? [] : [{ nic, driver }];
  });
}

/** A virtual machine on nodes of type `N`: its devices, and an application on each AVP port. */
export class InstanceOn<N extends HostingNode<N>> implements BenchInstance {
  readonly ports: readonly InlinePort[];
  private readonly events: readonly PortEvents[];
  private readonly migrations: MigrationWatch | null;
  /** The latest migration and its destination; its source is `home`. */
  private latest: { readonly migration: Migration; readonly to: N } | null = null;

  /** Starts every port that the AVP driver has bound. @throws ErrnoError */
  constructor(
    private readonly instance: Instance,
    settings: AppPortSettings,
    evidence: EvidenceLog | null,
    private readonly history: MigrationHistory,
    private home: N,
  ) {
    this.migrations = evidence === null ? null : new MigrationWatch(evidence, history);
    const bound = boundNics(instance).map(({ nic, driver }) => {
      const name = `${instance.name}/${nic.network}`;
      return { name, nic, driver, events: evidence === null ? null : new PortEvents(evidence, name, nic, instance) };
    });
    this.events = bound.flatMap(({ events }) => events ?? []);
    this.ports = bound.map(({ name, nic, driver, events }) => new InlinePort(name, driver, nic, settings, events));
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
   * Detaches the NIC on a network in an orderly way: the application stops and closes its port, the driver removes it,
   * the device goes. Traffic may be running. Also tidies up after `surpriseRemove`.
   * @throws UsageError where there is no AVP port on that network; the error of a driver that fails in its removal.
   */
  unplug(network: string): void {
    const port = this.port(network);
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
    this.history.look();
    for (const one of this.events) one.observe();
    this.migrations?.observe();
  }

  /** Traces the fill of the rings as the guest has left them. */
  observeRings(): void {
    for (const one of this.events) one.observeRings();
  }
}
