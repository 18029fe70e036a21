import { isDeepStrictEqual } from 'node:util';
import { avpDriver } from '../../driver';
import { type AvpDeviceSettings, type Capture, type DeepPartial, Fabric, type MigrationOptions } from '../../emulator';
import { Recorder } from '../traffic/recorder';
import { VirtualClock } from '../../shared/clock';
import { UsageError } from '../../shared/errors';
import { Random } from '../../shared/random';
import type { AppPort } from './appPort';
import { BenchNode, type PortNote } from './node';
import type { CommonBench, MigrationReport } from '../api/bench';
import type { BenchInstance } from './instance';
import { LiveMigration } from './liveMigration';
import { readCaptures } from '../traffic/captureFiles';
import type { Expectation, PortAccount } from '../api/result';
import { type ExchangeOptions, type ExchangeReport, exchange } from './exchange';
import { Load, type LoadOptions } from './load';
import { type Evidence, EvidenceLog, type EvidenceWishes } from '../evidence/evidence';
import { dropsByCause, expectAccounts, expectTraffic, type TrafficTotals, trafficTotals } from '../traffic/totals';
import type { TraceRecord } from '../evidence/trace/entries';
import { traceActors, traceReports } from '../evidence/trace/reportTrace';
import type { SteppedMigration, SteppedMigrationOptions } from '../explore/avp/steppedMigration';

/** Rounds without a frame having moved after which everything is taken to have arrived. */
const QUIET_ROUNDS = 5;
const MAX_ROUNDS = 1_000_000;
const MAX_FLOW_ID = 0xffff;

/** What a scenario works with: nodes, traffic, expectations. Time is virtual. */
export class Bench implements CommonBench<AppPort, BenchInstance, BenchNode> {
  readonly clock = new VirtualClock();
  readonly random: Random;
  readonly expectations: Expectation[] = [];
  /** What was found where an expectation failed. */
  readonly details: string[] = [];
  private readonly nodes: BenchNode[] = [];
  private readonly loads: Load[] = [];
  private readonly started: LiveMigration[] = [];
  private readonly stepped: SteppedMigration[] = [];
  /** Joins the nodes where there are several. */
  private fabric: Fabric | null = null;
  private flowCount = 0;
  private readonly recorder: Recorder | null;
  private readonly evidence: EvidenceLog | null;

  /**
   * @param recording which ports to record, null names for all; null for none.
   * @param wishes what else to keep.
   */
  constructor(
    readonly seed: number,
    private readonly settings: ReadonlyMap<string, string>,
    private readonly recording: { readonly names: readonly string[] | null } | null,
    wishes: EvidenceWishes = { failure: false, trace: false },
  ) {
    this.random = new Random(seed);
    this.recorder = recording === null ? null : new Recorder({ clock: this.clock });
    this.evidence = wishes.failure || wishes.trace ? new EvidenceLog(this.clock, wishes) : null;
  }

  /** A setting of the scenario, as the user gave it or by default. */
  setting(key: string): string {
    const value = this.settings.get(key);
    if (value === undefined) throw new Error(`the scenario declares no setting '${key}'`);
    return value;
  }

  /**
   * A compute node. Networks of one name are one network, on whatever nodes they are.
   * @param devices settings of every AVP device on it that its NIC leaves open, those of instances that migrate here too.
   */
  computeNode(name = 'compute-0', devices: DeepPartial<AvpDeviceSettings> = {}): BenchNode {
    const note: PortNote = (...port) => this.record(...port);
    const { clock, seed, evidence } = this;
    const node = new BenchNode({ name, clock, seed, driver: avpDriver, devices, note, evidence });
    this.nodes.push(node);
    this.join(node);
    return node;
  }

  /** One node needs nobody to join it to others. */
  private join(node: BenchNode): void {
    if (this.nodes.length === 1) return;
    if (this.fabric === null) {
      this.fabric = new Fabric();
      this.nodes[0]!.join(this.fabric);
    }
    node.join(this.fabric);
  }

  private record(...[port, name, comments]: Parameters<PortNote>): void {
    this.evidence?.record(port, name, comments?.());
    const names = this.recording?.names ?? null;
    if (names === null || names.includes(name)) this.recorder?.record(port, name, null, comments?.());
  }

  /** Says what is expected: that `actual` equals `wanted`, or is true where nothing is given. A scenario goes on all the same. */
  expect(what: string, actual: unknown, ...given: readonly [wanted?: unknown]): void {
    const wanted = given.length === 0 ? true : given[0];
    const ok = isDeepStrictEqual(actual, wanted);
    this.expectations.push({ what, ok });
    this.evidence?.log.event('bench', null, `expects: ${what}`, ok ? 'it does' : `no: ${JSON.stringify(actual)}`);
    this.evidence?.trace?.instant({ process: 'bench', thread: 'expectations' }, `${ok ? 'met' : 'missed'}: ${what}`);
    if (!ok) this.details.push(`${what}: expected ${JSON.stringify(wanted)}, actual ${JSON.stringify(actual)}`);
  }

  /** Frames from one port to another, checked byte for byte. */
  async oneWay(from: AppPort, to: AppPort, options: ExchangeOptions): Promise<ExchangeReport> {
    return exchange(this, from, to, { ...options, reply: false });
  }

  /** The same, and each frame that arrives is answered by one of its own, checked too. */
  async requestResponse(from: AppPort, to: AppPort, options: ExchangeOptions): Promise<ExchangeReport> {
    return exchange(this, from, to, { ...options, reply: true });
  }

  /** Sends frames from one port to another while time passes, until it is stopped; each is checked on arrival. */
  startLoad(from: AppPort, to: AppPort, options: LoadOptions = {}): Load {
    const load = new Load(this, from, to, options);
    this.loads.push(load);
    return load;
  }

  /**
   * Starts the live migration of an instance to another node, or to its own, which makes its
   * devices anew; whatever fails, it comes back.
   * @throws UsageError for an instance that is migrating already, or options out of range.
   */
  startMigration(instance: BenchInstance, to: BenchNode, options: MigrationOptions = {}): LiveMigration {
    const migration = new LiveMigration(this, instance, instance.migrate(to, options));
    this.started.push(migration);
    return migration;
  }

  /** The same, and waits for its end, however it comes. */
  async migrate(instance: BenchInstance, to: BenchNode, options: MigrationOptions = {}): Promise<MigrationReport> {
    return this.startMigration(instance, to, options).ended();
  }

  /**
   * A live migration in stepped mode, on nodes of its own: host, control, interrupt handler and
   * both queues of an instance run in threads, one at a time, and one burst is held up meanwhile.
   * @throws UsageError for a driver or a schedule that does not fit, or beside nodes of the scenario.
   */
  async steppedMigration(options: Omit<SteppedMigrationOptions, 'seed'>): Promise<SteppedMigration> {
    if (this.nodes.length > 0)
      throw new UsageError('a stepped migration has nodes of its own: use it in a scenario without others');
    // Loaded late: the watched memory comes with it.
    const stepped = require('../explore/avp/steppedMigration') as typeof import('../explore/avp/steppedMigration');
    const run = await stepped.steppedMigration({ ...options, seed: this.seed });
    this.stepped.push(run);
    const trace = this.evidence?.trace ?? null;
    if (trace !== null) {
      traceActors(trace, run.events);
      traceReports(trace, run.migration === null ? [] : [run.migration]);
    }
    return run;
  }

  /** How the scenario ran. */
  get mode(): 'inline' | 'stepped' {
    return this.stepped.length > 0 ? 'stepped' : 'inline';
  }

  /** Every migration that has ended, in the order in which they were started. */
  get migrations(): MigrationReport[] {
    const inline = this.started.filter(({ done }) => done).map((migration) => migration.report());
    return [...inline, ...this.stepped.flatMap(({ migration }) => (migration === null ? [] : [migration]))];
  }

  /** Virtual time. */
  get nowMs(): number {
    return this.clock.nowMs();
  }

  /** A number that no other flow of the bench has. @throws UsageError beyond 65,536 of them. */
  nextFlow(): number {
    if (this.flowCount > MAX_FLOW_ID) throw new UsageError(`more than ${MAX_FLOW_ID + 1} flows in one run: use fewer`);
    return this.flowCount++;
  }

  /** Lets time pass: hosts, guests and players go on. */
  async runFor(durationMs: number): Promise<void> {
    this.clock.sleepMs(durationMs);
  }

  /** Returns once no frame moves any more. */
  async settle(): Promise<void> {
    let before = -1;
    for (let quiet = 0, round = 0; quiet < QUIET_ROUNDS; round++) {
      if (round === MAX_ROUNDS) throw new Error(`traffic does not come to rest in ${MAX_ROUNDS} ms`);
      this.clock.sleepMs(1);
      const now = this.nodes.reduce((sum, node) => sum + node.activity, 0);
      quiet = now === before && !this.busy ? quiet + 1 : 0;
      before = now;
    }
  }

  private get busy(): boolean {
    return this.nodes.some((node) => node.busy) || this.started.some(({ done }) => !done);
  }

  /** The captures that come with the package, or the one file that is named. */
  captures(file = ''): Capture[] {
    return readCaptures(file);
  }

  /** What became of the frames of every port. */
  accounts(): PortAccount[] {
    return [...this.nodes.flatMap((node) => node.accounts()), ...this.stepped.flatMap(({ ports }) => ports)];
  }

  /** Frames that were dropped and counted on a network: by the sender, its host, the switch, the receiver's host, the receiver. */
  droppedOn(network: string): number {
    return this.nodes.reduce((sum, node) => sum + node.droppedOn(network), 0);
  }

  /** Drops of all ports of instances so far, by place and cause. */
  drops(): Record<string, number> {
    return dropsByCause(this.ports.flatMap((port) => port.accounts()));
  }

  /** What has become of the frames of all loads, requests and replies. */
  traffic(): TrafficTotals {
    const { ports } = this;
    const sum = (of: (port: AppPort) => number): number => ports.reduce((total, port) => total + of(port), 0);
    return trafficTotals(
      this.loads.map((load) => load.report()),
      ports.flatMap((port) => port.accounts()),
      { leakedBuffers: sum((port) => port.leakedBuffers), foreign: sum((port) => port.foreign) },
    );
  }

  /** The same for the result: a single node floods what it has not learned, so that copies go astray. */
  balance(): Partial<TrafficTotals> {
    return this.fabric === null ? {} : this.traffic();
  }

  /** Expects of all loads that nothing but counted loss became of their frames; to be called at a quiet point. */
  checkTraffic(): void {
    expectTraffic(this);
  }

  private get ports(): AppPort[] {
    return this.nodes.flatMap((node) => node.ports);
  }

  /** Expects of every port that each frame offered was delivered, or dropped by a named cause. */
  checkAccounts(): void {
    expectAccounts(this, this.accounts());
  }

  /** What a failure is explained with, null where nothing was noted down. */
  evidenceKept(): Evidence | null {
    return this.evidence?.kept() ?? null;
  }

  /** The timeline so far, null where none is kept. */
  traceKept(): TraceRecord | null {
    return this.evidence?.trace?.record() ?? null;
  }

  /** The pcapng file, null where nothing was to be recorded. */
  recordingBytes(): Uint8Array | null {
    return this.recorder?.toBytes() ?? null;
  }

  close(): void {
    for (const load of this.loads) load.stop();
    // The last tap of a port goes first.
    this.recorder?.stop();
    this.evidence?.stop();
    for (const node of this.nodes) node.shutdown();
  }
}
