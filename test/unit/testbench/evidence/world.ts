import { avpDriver, mbufFree, mbufFromBytes, Mempool, type Port } from '../../../../driver';
import {
  ComputeNode,
  Fabric,
  type Instance,
  type MigrationOptions,
  type Migration,
  type NicSpec,
} from '../../../../emulator';
import { resetArena } from '../../../../shared/arena';
import { VirtualClock } from '../../../../shared/clock';
import { resetInterruptHandlers } from '../../../../shared/pci';
import { EvidenceLog } from '../../../../testbench/evidence/evidenceLog';
import { MigrationWatch } from '../../../../testbench/evidence/migrationWatch';
import { PortEvents } from '../../../../testbench/evidence/portEvents';
import { chromeTrace, traceText } from '../../../../testbench/evidence/trace/chromeTrace';
import { MigrationHistory } from '../../../../testbench/evidence/trace/migrationHistory';
import { readTrace, type TraceFile } from './trace/validate';

/** Settings of a small device, which makes tests fast. */
const SMALL = {
  pools: [{ buffers: 256 }],
  rxQueues: { max: 2 },
  txQueues: { max: 2 },
  fifoSlots: { tx: 64, rx: 64, alloc: 64, free: 64 },
};

/** Two nodes of one fabric, and an instance with AVP NICs on the first, with every evidence recorder attached. */
export class TraceWorld {
  readonly clock = new VirtualClock();
  readonly evidence = new EvidenceLog(this.clock, { failure: false, trace: true });
  readonly nodes: readonly [ComputeNode, ComputeNode];
  readonly instance: Instance;
  readonly history: MigrationHistory;
  private readonly watch: MigrationWatch | null = null;
  private readonly events: readonly PortEvents[] = [];
  readonly ports: readonly Port[];
  readonly pool: Mempool;
  private readonly burst = new Uint32Array(32);

  constructor(networks: readonly string[] = ['red', 'blue'], queues = 2, name = 'vm') {
    resetArena();
    resetInterruptHandlers();
    const make = (name: string): ComputeNode => new ComputeNode({ name, clock: this.clock, seed: 1 });
    this.nodes = [make('compute-0'), make('compute-1')];
    const fabric = new Fabric();
    for (const node of this.nodes) fabric.join(node);
    const specs = networks.map((network): NicSpec => ({ network, model: 'avp', settings: SMALL }));
    this.clock.onStep(() => this.observe());
    this.instance = this.nodes[0].boot(name, specs, { drivers: [avpDriver] });
    this.evidence.place(name, 'compute-0');
    this.history = new MigrationHistory(this.instance);
    this.watch = new MigrationWatch(this.evidence, this.history);
    this.events = this.instance.nics.map(
      (nic) => new PortEvents(this.evidence, `${name}/${nic.network}`, nic, this.instance),
    );
    this.pool = Mempool.create({ mbufs: 128 });
    this.ports = this.instance.nics.map((nic, index) =>
      this.start(this.instance.portOf(nic, avpDriver)!, this.events[index]!, queues),
    );
  }

  private observe(): void {
    for (const one of this.events) one.observe();
    this.watch?.observe();
  }

  private start(port: Port, events: PortEvents, queues: number): Port {
    events.operation('configure', () => port.configure({ rxQueues: queues, txQueues: queues }));
    for (let queue = 0; queue < queues; queue++) {
      port.rxQueueSetup(queue, { mempool: this.pool });
      port.txQueueSetup(queue);
    }
    events.operation('start', () => port.start());
    return port;
  }

  /** Sends a broadcast frame if the driver takes it. */
  send(port: Port, queue = 0, bytes = 64): void {
    const mbuf = mbufFromBytes(this.pool, new Uint8Array(bytes).fill(0xff, 0, 6));
    if (port.txBurst(queue, Uint32Array.of(mbuf), 1) === 0) mbufFree(mbuf);
  }

  /** Sends frames on the transmit queues of a port in turn, and receives on all ports. */
  exchange(port: Port, frames: number): void {
    for (let i = 0; i < frames; i++) this.send(port, i % 2);
    this.clock.sleepMs(1);
    for (const other of this.ports)
      for (let queue = 0; queue < 2; queue++) {
        const count = other.rxBurst(queue, this.burst, 32);
        for (let i = 0; i < count; i++) mbufFree(this.burst[i]!);
      }
    this.clock.sleepMs(1);
  }

  /** Migrates the instance to the other node, and waits for the end. */
  migrate(options: MigrationOptions = {}): Migration {
    const [from, to] = this.nodes[0].instances.length > 0 ? this.nodes : [this.nodes[1], this.nodes[0]];
    const migration = from.migrate(this.instance, to, options);
    while (!migration.done) this.clock.sleepMs(1);
    this.clock.sleepMs(1);
    return migration;
  }

  trace(): TraceFile {
    return readTrace(traceText(chromeTrace(this.evidence.trace!.record(), {})));
  }

  text(): string {
    return traceText(chromeTrace(this.evidence.trace!.record(), {}));
  }

  close(): void {
    for (const node of this.nodes) node.shutdown();
  }
}
