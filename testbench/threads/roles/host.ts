import {
  type AvpDevice,
  type AvpDeviceSettings,
  ComputeNode,
  type DeepPartial,
  Fabric,
  type Instance,
  type Migration,
  type Nic,
} from '../../../emulator';
import { ringEntries } from '../../../emulator/machine/movingNic';
import type { Clock } from '../../../shared/clock';
import { UsageError } from '../../../shared/errors';
import type { PutFault } from '../../api/faults';
import { Faults } from '../../faults/faults';
import { THREADS_LACKS } from '../../faults/lacking';
import { addDevices, DevicePlaces, followBuses, vanishFrom } from '../../faults/site';
import { dropsSince } from '../../traffic/totals';
import { Doorbell } from '../doorbell';
import type { BootedNic, HostOperations, HostProgress, MigrationView, NicReading } from '../hostOperations';
import { HostRecord } from './hostRecord';
import { POLLING, type Role, type RoleContext } from '../role';

export interface HostData {
  readonly seed: number;
  /** Keep the timeline of the devices. */
  readonly record: boolean;
}

/** An instance, the node where it is, and the doorbells of its guest's queue threads. */
class HostedInstance {
  doorbells: readonly Doorbell[] = [];
  private activity = 0;

  constructor(
    readonly instance: Instance,
    public node: ComputeNode,
  ) {}

  get devices(): AvpDevice[] {
    return this.instance.nics.flatMap(({ device }) => device ?? []);
  }

  nic(network: string): Nic {
    return this.instance.nics.find((nic) => nic.network === network)!;
  }

  /** Wakes the guest's threads where a frame has moved since the last call. Returns whether one has. */
  notifyGuest(): boolean {
    let activity = 0;
    for (const { device } of this.instance.nics)
      if (device !== null) activity = (activity + device.inspect.activity) >>> 0;
    const moved = activity !== this.activity;
    this.activity = activity;
    if (moved) for (const doorbell of this.doorbells) doorbell.ringIfAsleep();
    return moved;
  }
}

/** A migration that was started here. */
interface TrackedMigration {
  readonly migration: Migration;
  readonly hosted: HostedInstance;
  readonly dropsBefore: Readonly<Record<string, number>>;
  /** Set once, at the end. */
  lostByCause: Readonly<Record<string, number>> | null;
}

/** The thread of all compute nodes: devices, switches, the fabric between them, and migrations. */
class Host implements Role<HostOperations> {
  readonly pace = POLLING;
  private readonly fabric = new Fabric();
  private readonly nodes = new Map<string, ComputeNode>();
  private readonly instances = new Map<string, HostedInstance>();
  private readonly migrations: TrackedMigration[] = [];
  private readonly faults: Faults;
  /** Null where no timeline is to be kept. */
  private readonly timeline: HostRecord | null;
  private readonly puts: PutFault[] = [];
  private rounds = 0;
  private activity = 0;

  constructor(
    private readonly clock: Clock,
    private readonly seed: number,
    record: boolean,
  ) {
    this.timeline = record ? new HostRecord(clock) : null;
    const places = new DevicePlaces();
    const machines = (): Instance[] => [...this.instances.values()].map(({ instance }) => instance);
    this.faults = new Faults({
      name: 'mode threads',
      lacking: THREADS_LACKS,
      seed,
      clock: null,
      nowMs: () => clock.nowMs(),
      places,
      vanish: (place) => vanishFrom(machines(), place),
      open: () => {
        addDevices(places, machines());
        return followBuses(places);
      },
    });
  }

  readonly operations: HostOperations = {
    computeNode: (name, devices) => this.addNode(name, devices),
    boot: (node, name, nics) => {
      // The drivers are in the guest's threads, so the bus on the host's side has none.
      const instance = this.node(node).boot(name, nics, { drivers: [] });
      this.instances.set(name, new HostedInstance(instance, this.node(node)));
      return instance.nics.map(({ network, bdf, owner }): BootedNic => ({ network, bdf, base: owner.function.base }));
    },
    setDoorbells: (instance, doorbells) =>
      void (this.hosted(instance).doorbells = doorbells.map((words) => new Doorbell(words))),
    listing: (instance) =>
      this.hosted(instance)
        .instance.bus.listing()
        .map(({ bdf, identity }) => ({ bdf, identity })),
    nic: (instance, network) => readNic(this.hosted(instance).nic(network)),
    buffers: (instance, network) => this.hosted(instance).nic(network).device!.inspect.buffers(),
    progress: () => this.progress(),
    migrate: (instance, to, options) => {
      const hosted = this.hosted(instance);
      const dropsBefore = this.drops();
      const migration = hosted.node.migrate(hosted.instance, this.node(to), options);
      const number = this.migrations.push({ migration, hosted, dropsBefore, lostByCause: null }) - 1;
      return { number, from: migration.from.name };
    },
    migration: (number) => this.view(this.migrations[number]!),
    addFault: (name, parameters) => this.puts.push(this.faults.addGiven(name, parameters)) - 1,
    removeFault: (number) => this.puts[number]!.remove(),
    faults: () => this.faults.reports,
    faultAccounts: () => this.faults.accounts(),
    timeline: () => this.timeline?.record() ?? null,
    shutdown: () => this.shutdown(),
  };

  poll(): boolean {
    this.rounds++;
    for (const node of this.nodes.values()) node.step();
    let moved = false;
    for (const hosted of this.instances.values()) if (hosted.notifyGuest()) moved = true;
    if (moved) this.activity++;
    this.timeline?.observe(
      this.instances.values(),
      this.migrations.some(({ lostByCause }) => lostByCause === null),
    );
    for (const tracked of this.migrations)
      if (tracked.lostByCause === null && tracked.migration.done) this.conclude(tracked);
    return moved;
  }

  end(): void {
    this.shutdown();
  }

  private addNode(name: string, deviceDefaults: DeepPartial<AvpDeviceSettings>): void {
    if (this.nodes.has(name)) throw new UsageError(`there is a compute node '${name}' already: choose another name`);
    const node = new ComputeNode({ name, clock: this.clock, seed: this.seed, deviceDefaults });
    this.fabric.join(node);
    this.nodes.set(name, node);
  }

  private node(name: string): ComputeNode {
    const found = this.nodes.get(name);
    if (found === undefined) throw new UsageError(`there is no compute node '${name}'`);
    return found;
  }

  private hosted(instance: string): HostedInstance {
    const found = this.instances.get(instance);
    if (found === undefined) throw new UsageError(`there is no instance '${instance}'`);
    return found;
  }

  private progress(): HostProgress {
    const devices = [...this.instances.values()].flatMap((hosted) => hosted.devices);
    const onRx = devices.reduce((sum, device) => sum + device.inspect.stats().toGuest.waiting, 0);
    const migrations = this.migrations.filter(({ migration }) => !migration.done).length;
    return { rounds: this.rounds, activity: this.activity, waiting: onRx + ringEntries(devices).tx, migrations };
  }

  /** Drops of hosts and switches at all ports, by place and cause. */
  private drops(): Record<string, number> {
    const sums: Record<string, number> = {};
    const add = (place: string, drops: Readonly<Record<string, number>>): void => {
      for (const [cause, count] of Object.entries(drops))
        sums[`${place} ${cause}`] = (sums[`${place} ${cause}`] ?? 0) + count;
    };
    for (const { instance } of this.instances.values())
      for (const nic of instance.nics) {
        add('switch', nic.port.stats().dropped);
        if (nic.device === null) continue;
        const { toGuest, fromGuest } = nic.device.inspect.stats();
        add('host', toGuest.dropped);
        add('host', fromGuest.dropped);
      }
    return sums;
  }

  private conclude(tracked: TrackedMigration): void {
    tracked.lostByCause = dropsSince(tracked.dropsBefore, this.drops());
    tracked.hosted.node = this.node(tracked.migration.node.name);
  }

  private view({ migration, dropsBefore, lostByCause }: TrackedMigration): MigrationView {
    const { outcome, cause, node, ringsAtDetach, timeline } = migration;
    return {
      // A migration counts as done only once its drops are final.
      done: lostByCause !== null,
      outcome,
      cause,
      node: node.name,
      ringsAtDetach,
      timeline,
      lostByCause: lostByCause ?? dropsSince(dropsBefore, this.drops()),
    };
  }

  private shutdown(): void {
    this.faults.end();
    for (const node of this.nodes.values()) node.shutdown();
    this.nodes.clear();
    this.instances.clear();
  }
}

function readNic({ device, port }: Nic): NicReading {
  const { inspect } = device!;
  return { stats: inspect.stats(), refused: port.stats().dropped, rxQueues: inspect.negotiated.rxQueues };
}

export function begin({ data, clock }: RoleContext<HostData>): Role<HostOperations> {
  return new Host(clock, data.seed, data.record);
}
