import { actAs } from '#mem';
import { ComputeNode, Fabric, type Instance, type Migration } from '../../../emulator';
import { arenaImage } from '../../../shared/arenaImage';
import { Recorder } from '../../traffic/recorder';
import { CaptureSink } from '../../traffic/captureEndpoints';
import { TrafficGenerator } from '../../traffic/trafficGenerator';
import { TrafficOracle } from '../../traffic/trafficOracle';
import { fifoBytes } from '../../../shared/loops/fifo';
import { BAR_MEMORY } from '../../../shared/loops/layout';
import { ACTOR_DRIVER, ACTOR_HOST } from '../../../shared/loops/rights';
import type { ActorContext } from '../engine/actorContext';
import {
  MESSAGES,
  BUFFERS,
  EXPORTED,
  type HostView,
  INSTANCE,
  KEPT,
  type KeptMemory,
  type MigrationSetup,
  NODES,
} from './types';

const NETWORK = 'lan';
/** Pause of the host between two rounds, and of an application between two bursts. */
export const ROUND_MS = 0.25;
/** Time after the last frame in which both sides come to rest. */
const REST_MS = 20;

interface Testbed {
  readonly source: ComputeNode;
  readonly destination: ComputeNode;
  readonly instance: Instance;
  readonly generator: TrafficGenerator;
  readonly sink: CaptureSink;
}

/** Builds two compute nodes on one fabric, with an instance and its traffic peer on the first. */
function build(context: ActorContext, setup: MigrationSetup): Testbed {
  const { clock } = context;
  const { seed, mac } = setup;
  const [source, destination] = [NODES.source, NODES.destination].map(
    (name) => new ComputeNode({ name, clock, seed }),
  ) as [ComputeNode, ComputeNode];
  const fabric = new Fabric();
  for (const node of [source, destination]) fabric.join(node);
  const nic = { network: NETWORK, model: 'avp', mac, settings: setup.source } as const;
  const instance = source.boot(INSTANCE, [nic], { drivers: [] });
  const generator = new TrafficGenerator({
    name: 'peer',
    seed,
    flows: [setup.toGuest],
    framesPerFlow: Infinity,
    framesPerStep: setup.framesPerRound,
    oracle: new TrafficOracle(),
  });
  const sink = new CaptureSink('sink', clock);
  source.connect(sink, NETWORK);
  return { source, destination, instance, generator, sink };
}

const RINGS = ['tx', 'rx', 'alloc', 'free', 'req', 'resp'] as const;

/** Names what lies where in the memory that a node exports. */
function nameRanges(context: ActorContext, { instance }: Testbed, node: string): void {
  const { inspect, function: pci } = instance.nics[0]!.device!;
  const { host } = inspect;
  const rings = RINGS.map((kind) => {
    const slots = host.settings.fifoSlots[kind];
    return { name: `${kind} FIFO of the ${node}`, address: host.fifoAddress(kind, 0), bytes: fifoBytes(slots) };
  });
  const pool = { name: `packet buffers of the ${node}`, address: host.address('pool0'), bytes: host.poolBytes(0) };
  const rest = { name: `memory of the ${node}`, address: pci.barAddress(BAR_MEMORY), bytes: pci.barBytes(BAR_MEMORY) };
  context.nameRanges([...rings, pool, rest]);
}

function mark(context: ActorContext, { instance }: Testbed): void {
  const { function: pci, inspect } = instance.nics[0]!.device!;
  const { host } = inspect;
  context.mark(EXPORTED, pci.barAddress(BAR_MEMORY), pci.barBytes(BAR_MEMORY));
  context.mark(BUFFERS, host.address('pool0'), host.poolBytes(0));
}

/** Steps both nodes, and notes each step of the migration. */
class Rounds {
  private noted = 0;
  migration: Migration | null = null;

  constructor(
    private readonly context: ActorContext,
    private readonly testbed: Testbed,
  ) {}

  until(done: () => boolean): void {
    while (!done()) {
      this.testbed.source.step();
      this.testbed.destination.step();
      for (const { nic, step, detail } of this.migration?.timeline.slice(this.noted) ?? []) {
        this.context.note(`${nic === null ? 'migration' : nic}: ${step}${detail === '' ? '' : ` (${detail})`}`);
        this.noted++;
        if (step === 'host-replaced') nameRanges(this.context, this.testbed, this.testbed.destination.name);
      }
      this.context.clock.sleepMs(ROUND_MS);
    }
  }

  forMs(durationMs: number): void {
    const untilMs = this.context.clock.nowMs() + durationMs;
    this.until(() => this.context.clock.nowMs() >= untilMs);
  }
}

/** Records the instance's port as evidence. Returns the function that ends that before tear-down and keeps the memory. */
function keepEvidence(context: ActorContext, { instance }: Testbed): () => void {
  const { clock, keepsEvidence } = context;
  if (!keepsEvidence) return () => undefined;
  const recorder = new Recorder({ clock });
  let memory: KeptMemory | null = null;
  const nic = instance.nics[0]!;
  recorder.record(nic.port, `${INSTANCE}/${nic.network}`);
  context.keep(KEPT.pcap, () => recorder.toBytes());
  context.keep(KEPT.memory, () => memory);
  return () => {
    recorder.stop();
    memory = { image: arenaImage(), atMs: clock.nowMs() };
  };
}

function viewOf(
  { instance, generator, sink, source }: Testbed,
  migration: Migration,
  sent: number,
  setup: MigrationSetup,
): HostView {
  const device = instance.nics[0]!.device!;
  const ports = source.switch.network(NETWORK).ports.filter((port) => port.endpoint === generator);
  const drops = ports.flatMap((port) => Object.values(port.stats().dropped));
  const { outcome, cause, node, ringsAtDetach, timeline } = migration;
  const mac = Buffer.from(setup.fromGuest.destinationMac);
  return {
    migration: { outcome, cause, node: node.name, ringsAtDetach, timeline },
    sent,
    switchDrops: drops.reduce((sum, count) => sum + count, 0),
    stats: device.inspect.stats(),
    buffers: device.inspect.buffers(),
    brokenCanaries: device.inspect.brokenCanaries().length,
    received: sink.frames.map(({ bytes }) => bytes).filter((bytes) => mac.equals(bytes.subarray(0, mac.length))),
  };
}

/** Actor: the host of a stepped migration, which is nodes, switches, device, and the instance's traffic peer. */
export function host(context: ActorContext, setup: MigrationSetup): HostView {
  actAs(ACTOR_HOST);
  const testbed = build(context, setup);
  const { source, destination, instance, generator } = testbed;
  const rounds = new Rounds(context, testbed);
  const endEvidence = keepEvidence(context, testbed);
  mark(context, testbed);
  nameRanges(context, testbed, source.name);
  context.post(MESSAGES.function, instance.nics[0]!.owner.function.base);
  rounds.until(() => context.posted(MESSAGES.port));
  const peer = source.connect(generator, NETWORK);
  context.post(MESSAGES.traffic);
  rounds.forMs(setup.migrateAfterMs);
  rounds.migration = source.migrate(instance, destination, { destination: setup.destination });
  rounds.forMs(setup.trafficMs - setup.migrateAfterMs);
  generator.destroy();
  const sent = peer.stats().in;
  context.post(MESSAGES.trafficEnds);
  rounds.forMs(REST_MS);
  const view = viewOf(testbed, rounds.migration, sent, setup);
  endEvidence();
  context.post(MESSAGES.looked);
  rounds.until(() => context.over);
  actAs(ACTOR_DRIVER);
  return view;
}
