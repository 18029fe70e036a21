import type { AvpDeviceSettings, DeepPartial, NicSpec } from '../../emulator';
import type { Random } from '../../shared/random';
import type { AppPortSettings, Bench, BenchNode, PlainMigrationOptions } from '../api/bench';
import type { Expect } from '../api/expect';
import type { MigrationReport, PortAccount, TrafficTotals } from '../api/result';
import type { ExchangeOptions, ExchangeReport, LoadOptions } from '../api/traffic';
import type { ScenarioContext } from '../common/context';
import { exchange } from '../common/exchange';
import { expecting } from '../common/expecting';
import { droppedOn, totalsOf } from '../common/portTotals';
import { recordOfReports } from '../evidence/trace/reportTrace';
import type { TraceRecord } from '../evidence/trace/traceRecord';
import { readCaptures } from '../traffic/captureFiles';
import type { FitCapture, FitOptions } from '../api/capture';
import { expectAccounts, expectTraffic } from '../traffic/totals';
import { WorkerGroup, type WorkerGroupSettings, type WorkerHandle } from './workerGroup';
import type { HostData } from './roles/host';
import { ThreadsFaults } from './faults';
import { GuestWorkers, ROLE_MODULES } from './guestWorkers';
import type { HostOperations } from './hostOperations';
import { ThreadsInstance } from './instance';
import { ThreadsLoad } from './load';
import { migrate } from './migrate';
import type { ThreadsPort } from './port';
import { settle } from './settle';

/** A compute node. All nodes live in the host's thread. */
export class ThreadsNode implements BenchNode {
  constructor(
    readonly name: string,
    private readonly bootAt: (
      node: string,
      name: string,
      nics: readonly (string | NicSpec)[],
      settings: AppPortSettings,
    ) => ThreadsInstance,
  ) {}

  boot(name: string, nics: readonly (string | NicSpec)[], settings: AppPortSettings = {}): ThreadsInstance {
    return this.bootAt(this.name, name, nics, settings);
  }
}

/**
 * The bench of mode threads. The host runs in one thread, each instance's control, interrupt handler and queues in
 * others, on one arena and in real time. Calls block the caller until the thread that they concern has carried them
 * out; the error that ends a thread early is thrown by the next call.
 */
export class ThreadsBench implements Bench {
  readonly migrations: MigrationReport[] = [];
  readonly expect: Expect;
  readonly workers: WorkerGroup;
  readonly faults = new ThreadsFaults(() => this.host.operations);
  private readonly host: WorkerHandle<HostOperations>;
  private readonly instances: ThreadsInstance[] = [];
  private readonly loads: ThreadsLoad[] = [];
  private loadCount = 0;

  constructor(
    private readonly context: ScenarioContext,
    settings: WorkerGroupSettings,
    { record = false }: { readonly record?: boolean } = {},
  ) {
    this.expect = expecting(context);
    this.workers = new WorkerGroup(settings);
    const data: HostData = { seed: context.seed, record };
    this.host = this.workers.start('host', ROLE_MODULES.host, data);
  }

  get seed(): number {
    return this.context.seed;
  }

  get random(): Random {
    return this.context.random;
  }

  /** Real time since the bench was made. */
  get nowMs(): number {
    return this.workers.clock.nowMs();
  }

  setting(key: string): string {
    return this.context.setting(key);
  }

  captures(file = '', options: FitOptions = {}): FitCapture[] {
    return readCaptures(file, options);
  }

  computeNode(name = 'compute-0', devices: DeepPartial<AvpDeviceSettings> = {}): ThreadsNode {
    this.host.operations.computeNode(name, devices);
    return new ThreadsNode(name, (...order) => this.boot(...order));
  }

  private boot(
    node: string,
    name: string,
    nics: readonly (string | NicSpec)[],
    settings: AppPortSettings,
  ): ThreadsInstance {
    const booted = this.host.operations.boot(node, name, nics);
    const queues = Math.max(settings.rxQueues ?? 1, settings.txQueues ?? 1);
    const guest = new GuestWorkers(this.workers, name, queues, this.host.doorbellWords);
    const instance = new ThreadsInstance(name, booted, guest, this.host.operations, settings);
    this.instances.push(instance);
    return instance;
  }

  async oneWay(from: ThreadsPort, to: ThreadsPort, options: ExchangeOptions): Promise<ExchangeReport> {
    return exchange(this, from, to, { ...options, reply: false });
  }

  async requestResponse(from: ThreadsPort, to: ThreadsPort, options: ExchangeOptions): Promise<ExchangeReport> {
    return exchange(this, from, to, { ...options, reply: true });
  }

  startLoad(from: ThreadsPort, to: ThreadsPort, options: LoadOptions = {}): ThreadsLoad {
    const { context } = this;
    const parts = { number: this.loadCount++, random: context.random, nextFlow: () => context.nextFlow() };
    const load = new ThreadsLoad(parts, from, to, options);
    this.loads.push(load);
    return load;
  }

  async migrate(
    instance: ThreadsInstance,
    to: ThreadsNode,
    options: PlainMigrationOptions = {},
  ): Promise<MigrationReport> {
    const report = await migrate(this.workers, this.host.operations, instance, to.name, options);
    this.migrations.push(report);
    return report;
  }

  /** @throws the error that ended a thread. */
  /** Only mode inline has a prompt. */
  pause(_what?: string): void {}

  async runFor(durationMs: number): Promise<void> {
    await this.workers.waitFor(() => false, durationMs);
  }

  async settle(): Promise<void> {
    const open = this.ports.filter((port) => port.open);
    await settle(this.workers, this.host.operations, open);
  }

  accounts(): PortAccount[] {
    return [...this.ports.flatMap((port) => [...port.accounts()]), ...this.faults.accounts()];
  }

  droppedOn(network: string): number {
    return droppedOn(this.ports, network);
  }

  traffic(): TrafficTotals {
    return totalsOf(this.loads, this.ports, this.faults.accounts());
  }

  checkAccounts(): void {
    expectAccounts(this, this.accounts());
  }

  checkTraffic(): void {
    expectTraffic(this);
  }

  /** The timeline of the devices so far, if the bench keeps one, and of the migrations that have ended. */
  timeline(): TraceRecord {
    const ofReports = recordOfReports(this.migrations, this.nowMs);
    const ofHost = this.host.operations.timeline();
    return ofHost === null
      ? ofReports
      : { ...ofReports, entries: [...ofReports.entries, ...ofHost.entries], leftOut: ofHost.leftOut };
  }

  /**
   * Ends everything in order: loads stop, traffic settles, ports close, hosts shut down, threads end. Returns the
   * errors on the way; nothing is thrown, and no thread is left.
   */
  async close(): Promise<Error[]> {
    const errors: Error[] = [];
    const attempt = async (step: () => void | Promise<void>): Promise<void> => {
      if (this.workers.failure !== null) return;
      try {
        await step();
      } catch (error) {
        errors.push(error instanceof Error ? error : new Error(String(error)));
      }
    };
    for (const load of this.loads) await attempt(() => load.stop());
    await attempt(() => this.settle());
    for (const load of this.loads) await attempt(() => load.conclude());
    for (const port of this.ports) await attempt(() => port.close());
    for (const load of this.loads.splice(0)) await attempt(() => load.release());
    await attempt(() => this.host.operations.shutdown());
    const ends = await this.workers.end();
    return [...errors.filter((error) => !ends.includes(error)), ...ends];
  }

  private get ports(): ThreadsPort[] {
    return this.instances.flatMap((instance) => [...instance.ports]);
  }
}
