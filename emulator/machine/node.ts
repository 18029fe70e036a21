import { actAs } from '#mem';
import { asHost } from '../../shared/actors';
import { VirtualClock, type Clock } from '../../shared/clock';
import { UsageError } from '../../shared/errors';
import { fnv1a } from '../../shared/fnv1a';
import { ACTOR_HOST } from '../../shared/loops/rights';
import type { PciDriver } from '../../shared/pci';
import { Random } from '../../shared/random';
import type { Endpoint } from '../network/endpoint';
import { Instance, type InstanceNode, type LeaveClock } from './instance';
import { Migration } from './migration';
import type { MigrationOptions } from './migrationTypes';
import type { Nic, NicHost } from './nic';
import { MAX_NICS, resolveNicSpec, type NicSpec } from './nicSpec';
import type { AvpDeviceSettings, DeepPartial } from '../device/settings';
import type { ConnectOptions } from '../network/network';
import { VirtualSwitch } from '../network/switch';
import type { SwitchPort } from '../network/switchPort';

/** Options of a compute node. */
export interface ComputeNodeOptions {
  /** Name in messages, reports and captures. */
  readonly name: string;
  /** With a `VirtualClock` the node steps, and its guests take interrupts, whenever time passes. */
  readonly clock: Clock;
  /**
   * Decides all that the node draws: MAC addresses, device ids, layouts.
   * @unit none
   */
  readonly seed: number;
  /**
   * Settings of every AVP device that its NIC's spec leaves open; a MAC address here has no effect.
   * @defaultValue those of `AvpDeviceSettings`
   */
  readonly deviceDefaults?: DeepPartial<AvpDeviceSettings>;
}

/** Options of an instance's boot. */
export interface BootOptions {
  /** Drivers of the guest, in the order in which they are asked. */
  readonly drivers: readonly PciDriver[];
}

/** An endpoint that a node steps and destroys at its shutdown: a player, a generator, a sink. */
export interface NodeEndpoint extends Endpoint {
  /** Does the endpoint's work; called with each step of the node. */
  step?(): void;
  /** Frees the endpoint's memory; called when the node shuts down. */
  destroy?(): void;
}

function ended({ done }: Migration): boolean {
  return done;
}

/** A compute node: one virtual switch, and instances with their devices (section 18). */
export class ComputeNode implements InstanceNode {
  /** Name of the node. */
  readonly name: string;
  /** Clock of the node and its devices. */
  readonly clock: Clock;
  /** The virtual switch of the node. */
  readonly switch: VirtualSwitch;
  /** The host on which the node makes NICs, for its instances and migrations. */
  readonly host: NicHost;
  // Each list is replaced as a whole when it changes, so that a step under way goes on with the former one.
  private running: readonly Instance[] = [];
  /** Migrations under way from here or to here; one that has ended leaves with the next step. */
  private migrations: readonly Migration[] = [];
  private closed = false;
  private endpoints: readonly NodeEndpoint[] = [];
  /** Functions that remove the steppers of the node and of each instance from the clock. */
  private readonly leaveClock = new Map<ComputeNode | Instance, () => void>();

  constructor({ name, clock, seed, deviceDefaults = {} }: ComputeNodeOptions) {
    this.name = name;
    this.clock = clock;
    this.switch = new VirtualSwitch({ clock, awaited: (network, key) => this.awaited(network, key) });
    this.host = { clock, random: new Random(seed ^ fnv1a(name)), switch: this.switch, deviceDefaults };
    this.joinClock(this);
  }

  /** Instances that run, in the order in which they were booted. */
  get instances(): readonly Instance[] {
    return this.running;
  }

  /**
   * Starts an instance; NIC i is device 3 + i on its bus. Drivers are asked in their order; one
   * that refuses a device does not keep the instance from starting.
   * @param name name of the instance, unique on the node.
   * @param nics as in `net-id=NET[,vif-model=avp|virtio]`, or with settings; at most 16.
   * @param options drivers of the guest.
   * @throws UsageError for a bad spec, too many of them or a name in use, ErrnoError ENOMEM;
   * nothing has changed then.
   */
  boot(name: string, nics: readonly (string | NicSpec)[], { drivers }: BootOptions): Instance {
    this.mustBeFree(name);
    if (nics.length > MAX_NICS)
      throw new UsageError(`instance '${name}' has ${nics.length} NICs: expected at most ${MAX_NICS}`);
    const specs = nics.map(resolveNicSpec);
    const instance = new Instance(name, this.host, drivers);
    this.running = [...this.running, instance];
    this.joinClock(instance);
    try {
      for (const spec of specs) instance.hotPlug(spec);
    } catch (error) {
      this.stop(instance);
      throw error;
    }
    return instance;
  }

  /**
   * Starts the live migration of an instance that runs here to another node, or to this one, which
   * then has new hosts behind the devices. The nodes' steps carry it out. If it fails, the instance comes back.
   * @throws UsageError for an instance that runs elsewhere or is migrating, a node that has another
   *   one of its name, another NIC with an address of its own or other time, or options out of range; nothing has
   *   changed then.
   */
  migrate(instance: Instance, to: ComputeNode, options: MigrationOptions = {}): Migration {
    if (!this.running.includes(instance))
      throw new UsageError(
        `instance '${instance.name}' does not run on node '${this.name}': migrate it from where it is`,
      );
    if (instance.migration !== null)
      throw new UsageError(`instance '${instance.name}' is migrating already: wait for its end, or cancel it`);
    if (to.clock !== this.clock)
      throw new UsageError(`nodes '${this.name}' and '${to.name}' have different clocks: make them with one`);
    if (to !== this) to.mustBeFree(instance.name);
    to.mustTake(instance);
    const migration = asHost(() => new Migration(instance, this, to, options));
    instance.migration = migration;
    for (const node of new Set([this, to])) node.migrations = [...node.migrations, migration];
    return migration;
  }

  /** Stops an instance: drivers remove their ports, devices are destroyed. A migration under way fails. */
  stop(instance: Instance): void {
    const migration = this.migrations.find((one) => one.instance === instance && !one.done);
    migration?.abandon(`instance '${instance.name}' was stopped`);
    instance.shutdown();
    this.release(instance)?.();
  }

  /** Connects an endpoint to a network. The node steps it, and destroys it at its own shutdown. */
  connect(endpoint: NodeEndpoint, network: string, options: ConnectOptions = {}): SwitchPort {
    const port = this.switch.network(network).connect(endpoint, options);
    this.endpoints = [...this.endpoints, endpoint];
    return port;
  }

  /** Carries out the host's part of a step: endpoints send, every device makes a round, migrations go on. */
  step(): void {
    const former = actAs(ACTOR_HOST);
    try {
      for (const endpoint of this.endpoints) endpoint.step?.();
      for (const instance of this.running) for (const nic of instance.nics) nic.device?.step();
      for (const migration of this.migrations) migration.step();
      if (this.migrations.some(ended)) this.migrations = this.migrations.filter((migration) => !ended(migration));
    } finally {
      actAs(former);
    }
  }

  /** @throws UsageError where the node can't take an instance over: it ends, or has another NIC with one of its addresses. */
  mustTake(instance: Instance): void {
    if (this.closed)
      throw new UsageError(`node '${this.name}' has been shut down: it can't take instance '${instance.name}'`);
    for (const nic of instance.nics) nic.mustBeAlone(this.host);
  }

  /** Releases an instance for another node to take over. Returns what removes its stepper from the clock. */
  release(instance: Instance): LeaveClock {
    this.running = this.running.filter((other) => other !== instance);
    const leave = this.leaveClock.get(instance);
    this.leaveClock.delete(instance);
    return leave;
  }

  /** Takes over an instance that another node has released, and steps it from now on. */
  takeOver(instance: Instance, leaveClock: LeaveClock): void {
    this.running = [...this.running, instance];
    instance.moveTo(this.host);
    if (leaveClock !== undefined) this.leaveClock.set(instance, leaveClock);
  }

  /** Stops every instance and frees all memory. A migration to here turns back. */
  shutdown(): void {
    this.closed = true;
    for (const instance of [...this.running].reverse()) this.stop(instance);
    for (const endpoint of this.endpoints) endpoint.destroy?.();
    this.endpoints = [];
    this.switch.destroy();
    this.leaveClock.get(this)?.();
    this.leaveClock.delete(this);
  }

  /**
   * Finds a NIC that may come here, or back here, at the end of a migration. Without a fabric the switch itself knows
   * nothing of it while it is at the other node.
   */
  private awaited(network: string, key: number): Nic | null {
    const migrating = this.migrations.filter(({ done }) => !done).flatMap(({ instance }) => instance.nics);
    return migrating.find((nic) => nic.isAt(network, key)) ?? null;
  }

  private mustBeFree(name: string): void {
    const taken = this.running.some((other) => other.name === name);
    if (taken || this.migrations.some(({ instance, done }) => !done && instance.name === name))
      throw new UsageError(`instance '${name}' runs on node '${this.name}' already: choose another name`);
  }

  /** Registers host and guests as separate steppers, so that a handler that waits stops nobody else. */
  private joinClock(who: ComputeNode | Instance): void {
    if (this.clock instanceof VirtualClock)
      this.leaveClock.set(
        who,
        this.clock.onStep(() => who.step()),
      );
  }
}
