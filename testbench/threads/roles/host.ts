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
import { nonZero } from '../../api/result';
import { POLLING } from '../../runtime/backoff';
import { Bell } from '../doorbell';
import type { Duty, DutyPlace } from '../role';
import type { BootedNic, HostOperations, HostPulse, MigrationView, NicReading } from '../hostOperations';

export interface HostData {
  readonly seed: number;
}

/** An instance with what its guest's threads are woken by. */
class Tenant {
  bells: readonly Bell[] = [];
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

  /** Whether something has moved since the last look; its threads are woken then. */
  hasMoved(): boolean {
    let activity = 0;
    for (const { device } of this.instance.nics)
      if (device !== null) activity = (activity + device.inspect.activity) >>> 0;
    const moved = activity !== this.activity;
    this.activity = activity;
    if (moved) for (const bell of this.bells) bell.nudge();
    return moved;
  }
}

interface Journey {
  readonly migration: Migration;
  readonly tenant: Tenant;
  readonly dropsBefore: Readonly<Record<string, number>>;
  /** Set once, at the end. */
  lostByCause: Readonly<Record<string, number>> | null;
}

/** The thread of all compute nodes: devices, switches, the fabric between them, migrations. */
class Host implements Duty<HostOperations> {
  readonly pace = POLLING;
  private readonly fabric = new Fabric();
  private readonly nodes = new Map<string, ComputeNode>();
  private readonly tenants = new Map<string, Tenant>();
  private readonly journeys: Journey[] = [];
  private rounds = 0;
  private activity = 0;

  constructor(
    private readonly clock: Clock,
    private readonly seed: number,
  ) {}

  readonly operations: HostOperations = {
    computeNode: (name, devices) => this.addNode(name, devices),
    boot: (node, name, nics) => {
      // The guest's threads have the drivers; the bus on the host's side only holds the functions.
      const instance = this.node(node).boot(name, nics, { drivers: [] });
      this.tenants.set(name, new Tenant(instance, this.node(node)));
      return instance.nics.map(({ network, slot, owner, device }): BootedNic => ({
        network,
        slot,
        base: owner.function.base,
        avp: device !== null,
      }));
    },
    bells: (instance, bells) => void (this.tenant(instance).bells = bells.map((words) => new Bell(words))),
    listing: (instance) =>
      this.tenant(instance)
        .instance.bus.listing()
        .map(({ slot, identity }) => ({ slot, identity })),
    nic: (instance, network) => readNic(this.tenant(instance).nic(network)),
    buffers: (instance, network) => this.tenant(instance).nic(network).device!.inspect.buffers(),
    pulse: () => this.pulse(),
    migrate: (instance, to, options) => {
      const tenant = this.tenant(instance);
      const dropsBefore = this.drops();
      const migration = tenant.node.migrate(tenant.instance, this.node(to), options);
      const number = this.journeys.push({ migration, tenant, dropsBefore, lostByCause: null }) - 1;
      return { number, from: migration.from.name };
    },
    migration: (number) => this.view(this.journeys[number]!),
    cancel: (number) => this.journeys[number]!.migration.cancel(),
    shutdown: () => this.shutdown(),
  };

  poll(): boolean {
    this.rounds++;
    for (const node of this.nodes.values()) node.step();
    let moved = false;
    for (const tenant of this.tenants.values()) if (tenant.hasMoved()) moved = true;
    if (moved) this.activity++;
    for (const journey of this.journeys)
      if (journey.lostByCause === null && journey.migration.done) this.conclude(journey);
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

  private tenant(instance: string): Tenant {
    const found = this.tenants.get(instance);
    if (found === undefined) throw new UsageError(`there is no instance '${instance}'`);
    return found;
  }

  private pulse(): HostPulse {
    const devices = [...this.tenants.values()].flatMap((tenant) => tenant.devices);
    const onRx = devices.reduce((sum, device) => sum + device.inspect.stats().toGuest.waiting, 0);
    const migrations = this.journeys.filter(({ migration }) => !migration.done).length;
    return { rounds: this.rounds, activity: this.activity, waiting: onRx + ringEntries(devices).tx, migrations };
  }

  /** What hosts and switches have dropped of all ports, by place and cause. */
  private drops(): Record<string, number> {
    const sums: Record<string, number> = {};
    const add = (place: string, drops: Readonly<Record<string, number>>): void => {
      for (const [cause, count] of Object.entries(drops))
        sums[`${place} ${cause}`] = (sums[`${place} ${cause}`] ?? 0) + count;
    };
    for (const { instance } of this.tenants.values())
      for (const nic of instance.nics) {
        add('switch', nic.port.stats().dropped);
        if (nic.device === null) continue;
        const { toGuest, fromGuest } = nic.device.inspect.stats();
        add('host', toGuest.dropped);
        add('host', fromGuest.dropped);
      }
    return sums;
  }

  private dropsSince(before: Readonly<Record<string, number>>): Record<string, number> {
    return nonZero(
      Object.fromEntries(Object.entries(this.drops()).map(([cause, count]) => [cause, count - (before[cause] ?? 0)])),
    );
  }

  private conclude(journey: Journey): void {
    journey.lostByCause = this.dropsSince(journey.dropsBefore);
    journey.tenant.node = this.node(journey.migration.node.name);
  }

  private view({ migration, dropsBefore, lostByCause }: Journey): MigrationView {
    const { outcome, cause, node, ringsAtDetach, timeline } = migration;
    // Done only once the host has drawn the balance.
    const done = lostByCause !== null;
    return {
      done,
      outcome,
      cause,
      node: node.name,
      ringsAtDetach,
      timeline,
      lostByCause: lostByCause ?? this.dropsSince(dropsBefore),
    };
  }

  private shutdown(): void {
    for (const node of this.nodes.values()) node.shutdown();
    this.nodes.clear();
    this.tenants.clear();
  }
}

function readNic(nic: Nic): NicReading {
  const device = nic.device!;
  return {
    stats: device.inspect.stats(),
    refused: nic.port.stats().dropped,
    rxQueues: device.inspect.negotiated.rxQueues,
    present: nic.present,
  };
}

export function begin({ data, clock }: DutyPlace<HostData>): Duty<HostOperations> {
  return new Host(clock, data.seed);
}
