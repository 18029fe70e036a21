import { avpDriver } from '../../driver';
import {
  type AvpDeviceSettings,
  ComputeNode,
  type DeepPartial,
  type Fabric,
  type Instance,
  type Migration,
  type MigrationOptions,
  type Nic,
  type NicHost,
  type NicSpec,
} from '../../emulator';
import type { VirtualClock } from '../../shared/clock';
import type { AppPortSettings, BenchNode } from '../api/bench';
import type { PortAccount } from '../api/result';
import type { RunRecords } from '../common/records';
import { migrationComments } from '../evidence/trace/frameComments';
import { MigrationHistory } from '../evidence/trace/migrationHistory';
import type { OnFrame } from '../traffic/captureEndpoints';
import { FrameCost } from '../traffic/frameCost';
import type { FitCapture } from '../api/capture';
import {
  type BenchEndpoint,
  connectListener,
  connectPlayer,
  connectSink,
  type PlayerOptions,
  type ReceivedFrames,
} from './endpoints';
import { type HostingNode, InstanceOn } from './instance';
import type { InlinePort } from './port';

/** Options of a compute node of mode inline. */
export interface InlineNodeOptions {
  readonly name: string;
  readonly clock: VirtualClock;
  readonly seed: number;
  /** Settings of every AVP device that its NIC leaves open. */
  readonly devices: DeepPartial<AvpDeviceSettings>;
  readonly records: RunRecords;
}

/** A virtual machine of a scenario that runs inline. */
export type InlineInstance = InstanceOn<InlineNode>;

/** A compute node of a scenario. It polls the applications of all instances that were booted here, wherever they are. */
export class InlineNode implements BenchNode, HostingNode<InlineNode> {
  readonly name: string;
  private readonly node: ComputeNode;
  private readonly clock: VirtualClock;
  private readonly records: RunRecords;
  /** The virtual machines that were booted here, wherever they are now. */
  readonly instances: InlineInstance[] = [];
  private readonly endpoints: BenchEndpoint[] = [];
  private readonly stopApplications: () => void;

  constructor({ name, clock, seed, devices, records }: InlineNodeOptions) {
    this.name = name;
    this.clock = clock;
    this.records = records;
    this.node = new ComputeNode({ name, clock, seed, deviceDefaults: devices });
    clock.onStep(() => this.instances.forEach((instance) => instance.observe()));
    // In a stepper of its own, so that an application that waits blocks nothing else.
    this.stopApplications = clock.onStep(() => this.instances.forEach((instance) => instance.poll()));
    // The guests have filled and emptied rings, which stay like this until the next step.
    if (records.evidence?.trace) clock.onStep(() => this.instances.forEach((instance) => instance.observeRings()));
  }

  boot(name: string, nics: readonly (string | NicSpec)[], settings: AppPortSettings = {}): InlineInstance {
    const { evidence } = this.records;
    const booted = this.node.boot(name, nics, { drivers: [avpDriver] });
    const history = new MigrationHistory(booted);
    const record = (nic: Nic): void =>
      this.records.record(nic.port, `${name}/${nic.network}`, () => migrationComments(history, nic.name));
    evidence?.place(name, this.name);
    const instance: InlineInstance = new InstanceOn(booted, settings, { evidence, history, record }, this);
    this.instances.push(instance);
    return instance;
  }

  /** Joins this node's networks to those of the same names on other nodes. */
  join(fabric: Fabric): void {
    fabric.join(this.node);
  }

  /** Starts a migration from here; scenarios call `InlineBench.startMigration`. */
  migrate(instance: Instance, to: InlineNode, options: MigrationOptions): Migration {
    return this.node.migrate(instance, to.node, options);
  }

  isNodeOf(migration: Migration): boolean {
    return migration.node === this.node;
  }

  /** The host on which the node makes its NICs. */
  get host(): NicHost {
    return this.node.host;
  }

  /** The virtual machines that are here now, as the emulator has them. */
  get machines(): readonly Instance[] {
    return this.node.instances;
  }

  /** The AVP ports of the instances that were booted here. */
  get ports(): InlinePort[] {
    return this.instances.flatMap((instance) => [...instance.ports]);
  }

  /** Turns a network into a hub, on which every port gets every frame. Captures can be played only into a hub. */
  hub(network: string): void {
    this.node.switch.network(network).learns = false;
  }

  /** Plays the frames of captures into a network, one file after another, as fast as the network takes them. */
  player(name: string, network: string, captures: readonly FitCapture[], options: PlayerOptions = {}): void {
    this.addEndpoint(connectPlayer(this.node, this.clock, name, network, captures, options));
  }

  /** Keeps the frames that come out of a network. */
  sink(name: string, network: string): ReceivedFrames {
    const sink = connectSink(this.node, this.clock, name, network);
    this.addEndpoint(sink);
    return sink;
  }

  /** Hands each frame that comes out of a network to a function, and keeps none. For more frames than memory holds. */
  listener(name: string, network: string, onFrame: OnFrame): void {
    this.addEndpoint(connectListener(this.node, name, network, onFrame));
  }

  /** Measures what frames cost that a listener hears: call `start` before traffic, `frameArrived` for each frame. */
  frameCost(frames: number): FrameCost {
    return new FrameCost(frames);
  }

  private addEndpoint(endpoint: BenchEndpoint): void {
    this.records.record(endpoint.port, endpoint.name);
    this.endpoints.push(endpoint);
  }

  /** A number that changes whenever a frame has moved. */
  get activity(): number {
    const applications = this.ports.map((port) => port.activity);
    const endpoints = this.endpoints.map(({ port }) => port.stats().in + port.stats().out);
    return [...applications, ...endpoints].reduce((sum, count) => sum + count, 0);
  }

  /** True while an application or an endpoint has frames to send. */
  get busy(): boolean {
    return this.endpoints.some((endpoint) => endpoint.busy()) || this.ports.some((port) => port.busy);
  }

  /** Returns the frame accounts of all endpoints and ports of the node. */
  accounts(): PortAccount[] {
    return [...this.endpoints.map((endpoint) => endpoint.account()), ...this.ports.flatMap((port) => port.accounts())];
  }

  /** Stops the applications and ends the instances. */
  shutdown(): void {
    // The node destroys the devices, and their drivers' ports with them.
    this.stopApplications();
    this.node.shutdown();
  }
}
