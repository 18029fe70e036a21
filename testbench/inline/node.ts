import {
  type AvpDeviceSettings,
  type Capture,
  ComputeNode,
  type DeepPartial,
  type Fabric,
  type Instance,
  type Migration,
  type MigrationOptions,
  type NicSpec,
  type SwitchPort,
} from '../../emulator';
import { CapturePlayer, CaptureSink } from '../traffic/captureEndpoints';
import type { FrameComments } from '../traffic/recorder';
import type { VirtualClock } from '../../shared/clock';
import type { PciDriver } from '../../shared/pci';
import type { AppPort, AppPortSettings } from './appPort';
import type { CommonNode } from '../api/bench';
import { BenchInstance } from './instance';
import type { EvidenceLog } from '../evidence/evidence';
import { migrationComments } from '../evidence/trace/frameComments';
import { MigrationHistory } from '../evidence/trace/migrationHistory';
import { droppedIn, nonZero, type PortAccount } from '../api/result';

/** Called with each switch port, the name that recordings give it, and, for each recording, what comments its frames. */
export type PortNote = (port: SwitchPort, name: string, comments?: () => FrameComments) => void;

/** An endpoint of the bench itself: something that plays or keeps frames. */
interface Station {
  readonly name: string;
  readonly port: SwitchPort;
  account(): PortAccount;
  busy(): boolean;
}

export interface BenchNodeOptions {
  readonly name: string;
  readonly clock: VirtualClock;
  readonly seed: number;
  readonly driver: PciDriver;
  /** Settings of every AVP device that its NIC leaves open. */
  readonly devices: DeepPartial<AvpDeviceSettings>;
  readonly note: PortNote;
  readonly evidence: EvidenceLog | null;
}

/**
 * A compute node of a scenario. What was booted here stays on its list wherever it migrates to:
 * the list is that of the guests' applications.
 */
export class BenchNode implements CommonNode<BenchInstance> {
  readonly name: string;
  private readonly node: ComputeNode;
  private readonly clock: VirtualClock;
  private readonly driver: PciDriver;
  private readonly note: PortNote;
  private readonly evidence: EvidenceLog | null;
  private readonly instances: BenchInstance[] = [];
  private readonly stations: Station[] = [];
  private readonly stopApplications: () => void;

  constructor(options: BenchNodeOptions) {
    const { name, clock, seed, devices } = options;
    this.name = name;
    this.clock = clock;
    this.driver = options.driver;
    this.note = options.note;
    this.evidence = options.evidence;
    this.node = new ComputeNode({ name, clock, seed, deviceDefaults: devices });
    clock.onStep(() => this.instances.forEach((instance) => instance.observe()));
    // Apart from the rest, so that an application which waits stops nobody.
    this.stopApplications = clock.onStep(() => this.instances.forEach((instance) => instance.poll()));
  }

  /**
   * Boots an instance and starts its AVP ports.
   * @param nics attachments as the cloud's command line has them, `net-id=NET,vif-model=avp`, or
   *   with settings of the device: `{ network, model: 'avp', settings: { rxQueues: { min: 5 } } }`.
   * @param settings how the application runs each of its AVP ports.
   * @throws UsageError, ErrnoError
   */
  boot(name: string, nics: readonly (string | NicSpec)[], settings: AppPortSettings = {}): BenchInstance {
    const booted = this.node.boot(name, nics, { drivers: [this.driver] });
    const history = new MigrationHistory(booted);
    for (const nic of booted.nics)
      this.note(nic.port, `${name}/${nic.network}`, () => migrationComments(history, nic.name));
    this.evidence?.place(name, this.name);
    const instance = new BenchInstance(booted, settings, this.evidence, history, this);
    this.instances.push(instance);
    return instance;
  }

  /** Makes this node's networks parts of those of the same names on other nodes. */
  join(fabric: Fabric): void {
    fabric.join(this.node);
  }

  /** Starts a migration from here. */
  migrate(instance: Instance, to: BenchNode, options: MigrationOptions): Migration {
    return this.node.migrate(instance, to.node, options);
  }

  /** Whether a migration has it here. */
  isNodeOf(migration: Migration): boolean {
    return migration.node === this.node;
  }

  /** The AVP ports of the instances that were booted here. */
  get ports(): AppPort[] {
    return this.instances.flatMap((instance) => [...instance.ports]);
  }

  /** Makes a network a hub, on which every port gets every frame: for played captures. */
  hub(network: string): void {
    this.node.switch.network(network).learns = false;
  }

  /** Plays the frames of captures into a network, one file after another, as fast as the network takes them. */
  player(name: string, network: string, captures: readonly Capture[]): void {
    const frames = captures.flatMap((capture) => [...capture.frames]);
    const player = new CapturePlayer({ name, capture: { interfaces: [], frames }, clock: this.clock });
    const port = this.station(name, player, network, {
      account: () => {
        const { forwarded, flooded, dropped } = port.stats();
        return {
          name,
          offered: player.sent + player.unsent,
          delivered: forwarded + flooded,
          dropped: nonZero({ ...dropped, unsent: player.unsent }),
        };
      },
      busy: () => !player.done,
    });
  }

  /** Keeps the frames that come out of a network. */
  sink(name: string, network: string): { readonly frames: readonly Uint8Array[] } {
    const sink = new CaptureSink(name, this.clock);
    const port = this.station(name, sink, network, {
      account: () => ({
        name,
        offered: port.stats().out,
        delivered: sink.frames.length,
        dropped: nonZero({ full: sink.dropped }),
      }),
      busy: () => false,
    });
    return {
      get frames() {
        return sink.frames.map(({ bytes }) => bytes);
      },
    };
  }

  private station(
    name: string,
    endpoint: Parameters<ComputeNode['connect']>[0],
    network: string,
    station: Pick<Station, 'account' | 'busy'>,
  ): SwitchPort {
    const port = this.node.connect(endpoint, network);
    this.note(port, name);
    this.stations.push({ name, port, ...station });
    return port;
  }

  /** A number that changes whenever a frame has moved. */
  get activity(): number {
    const apps = this.instances.flatMap((instance) => instance.ports.map((port) => port.activity));
    const stations = this.stations.map(({ port }) => port.stats().in + port.stats().out);
    return [...apps, ...stations].reduce((sum, count) => sum + count, 0);
  }

  /** True while somebody has frames to send. */
  get busy(): boolean {
    return (
      this.stations.some((station) => station.busy()) ||
      this.instances.some((instance) => instance.ports.some((port) => port.busy))
    );
  }

  /** Frames of the AVP ports of a network that were dropped anywhere on their way. */
  droppedOn(network: string): number {
    const ports = this.instances.flatMap((instance) => instance.ports.filter((port) => port.nic.network === network));
    return ports.flatMap((port) => port.accounts()).reduce((sum, account) => sum + droppedIn(account), 0);
  }

  accounts(): PortAccount[] {
    return [
      ...this.stations.map((station) => station.account()),
      ...this.instances.flatMap((instance) => instance.ports.flatMap((port) => port.accounts())),
    ];
  }

  shutdown(): void {
    // The drivers' ports go with the node.
    this.stopApplications();
    this.node.shutdown();
  }
}
