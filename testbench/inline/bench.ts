import { type AvpDeviceSettings, type DeepPartial, Fabric, type MigrationOptions } from '../../emulator';
import type { VirtualClock } from '../../shared/clock';
import type { Random } from '../../shared/random';
import type { Bench } from '../api/bench';
import type { Expect } from '../api/expect';
import type { MigrationReport, PortAccount, TrafficTotals } from '../api/result';
import type { TrialOrder } from '../api/trial';
import type { ExchangeOptions, ExchangeReport, LoadOptions } from '../api/traffic';
import type { ScenarioContext } from '../common/context';
import { exchange } from '../common/exchange';
import { expecting } from '../common/expecting';
import type { TrafficOutcome } from '../common/outcome';
import { droppedOn, totalsOf } from '../common/portTotals';
import type { RunRecords } from '../common/records';
import type { BenchParts, LocalBench } from '../common/runHere';
import { Faults } from '../faults/faults';
import { readCaptures } from '../traffic/captureFiles';
import type { FitCapture, FitOptions } from '../api/capture';
import { dropsByCause, expectAccounts, expectTraffic } from '../traffic/totals';
import { inlineSite } from './faultSite';
import { LiveMigration } from './liveMigration';
import { Trial } from './trial';
import { InlineLoad } from './load';
import { type InlineInstance, InlineNode } from './node';
import type { InlinePort } from './port';

/** Rounds without a frame having moved, after which traffic counts as settled. */
const QUIET_ROUNDS = 5;
const MAX_ROUNDS = 1_000_000;

/** The bench of mode inline: one thread, virtual time, and the inside of devices and drivers in reach. */
export class InlineBench implements Bench, LocalBench {
  /** Virtual clock of all nodes, devices and guests. */
  readonly clock: VirtualClock;
  readonly faults: Faults;
  readonly expect: Expect;
  private readonly context: ScenarioContext;
  private readonly records: RunRecords;
  /** The compute nodes, in the order in which they were made. */
  readonly nodes: InlineNode[] = [];
  private readonly loads: InlineLoad[] = [];
  private readonly started: LiveMigration[] = [];
  /** Joins the nodes; null while there is only one. */
  private fabric: Fabric | null = null;

  constructor({ context, records, clock }: BenchParts) {
    this.context = context;
    this.expect = expecting(context);
    this.records = records;
    this.clock = clock;
    this.faults = new Faults(inlineSite(context.seed, clock, this.nodes));
  }

  get seed(): number {
    return this.context.seed;
  }

  get random(): Random {
    return this.context.random;
  }

  /** Virtual time. */
  get nowMs(): number {
    return this.clock.nowMs();
  }

  setting(key: string): string {
    return this.context.setting(key);
  }

  captures(file = '', options: FitOptions = {}): FitCapture[] {
    return readCaptures(file, options);
  }

  computeNode(name = 'compute-0', devices: DeepPartial<AvpDeviceSettings> = {}): InlineNode {
    const { clock, seed, records } = this;
    const node = new InlineNode({ name, clock, seed, devices, records });
    this.nodes.push(node);
    this.join(node);
    return node;
  }

  private join(node: InlineNode): void {
    if (this.nodes.length === 1) return;
    if (this.fabric === null) {
      this.fabric = new Fabric();
      this.nodes[0]!.join(this.fabric);
    }
    node.join(this.fabric);
  }

  async oneWay(from: InlinePort, to: InlinePort, options: ExchangeOptions): Promise<ExchangeReport> {
    return exchange(this, from, to, { ...options, reply: false });
  }

  async requestResponse(from: InlinePort, to: InlinePort, options: ExchangeOptions): Promise<ExchangeReport> {
    return exchange(this, from, to, { ...options, reply: true });
  }

  startLoad(from: InlinePort, to: InlinePort, options: LoadOptions = {}): InlineLoad {
    const { clock, context } = this;
    const load = new InlineLoad(
      { clock, random: context.random, nextFlow: () => context.nextFlow() },
      from,
      to,
      options,
    );
    this.loads.push(load);
    return load;
  }

  /**
   * Starts the live migration of an instance to another node, or to its own, and returns at once. If anything fails,
   * the instance comes back to its source.
   * @throws UsageError for an instance that is migrating already, or options out of range.
   */
  startMigration(instance: InlineInstance, to: InlineNode, options: MigrationOptions = {}): LiveMigration {
    const context = { clock: this.clock, drops: () => dropsByCause(this.ports.flatMap((port) => port.accounts())) };
    const migration = new LiveMigration(context, instance, instance.migrate(to, options));
    this.started.push(migration);
    return migration;
  }

  async migrate(instance: InlineInstance, to: InlineNode, options: MigrationOptions = {}): Promise<MigrationReport> {
    return this.startMigration(instance, to, options).ended();
  }

  get migrations(): MigrationReport[] {
    return this.started.filter(({ done }) => done).map((migration) => migration.report());
  }

  /** `avp shell` takes the call for itself. */
  pause(_what?: string): void {}

  async runFor(durationMs: number): Promise<void> {
    this.clock.sleepMs(durationMs);
  }

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

  beginTrial(order: TrialOrder): Trial {
    const { clock, faults, nodes, loads } = this;
    return new Trial(
      {
        clock,
        faults,
        nodes,
        loads,
        startLoad: (from, to, options) => this.startLoad(from, to, options),
        expect: (what, actual) => this.expect(what, actual),
        settle: () => this.settle(),
        accounts: () => this.accounts(),
        traffic: () => this.traffic(),
      },
      order,
    );
  }

  private get busy(): boolean {
    return this.nodes.some((node) => node.busy) || this.started.some(({ done }) => !done);
  }

  accounts(): PortAccount[] {
    return [...this.nodes.flatMap((node) => node.accounts()), ...this.faults.accounts()];
  }

  droppedOn(network: string): number {
    return droppedOn(this.ports, network);
  }

  traffic(): TrafficTotals {
    return totalsOf(this.loads, this.ports, this.faults.accounts());
  }

  /** Accounts for the result, with totals where there are several nodes: a single switch floods uncounted copies. */
  outcome(): TrafficOutcome {
    return { ...(this.fabric === null ? {} : this.traffic()), ports: this.accounts() };
  }

  checkAccounts(): void {
    expectAccounts(this, this.accounts());
  }

  checkTraffic(): void {
    expectTraffic(this);
  }

  async conclude(): Promise<void> {
    await this.settle();
    this.checkAccounts();
  }

  private get ports(): InlinePort[] {
    return this.nodes.flatMap((node) => node.ports);
  }

  close(): void {
    this.faults.end();
    for (const load of this.loads) load.stop();
    this.records.stop();
    for (const node of this.nodes) node.shutdown();
  }
}
