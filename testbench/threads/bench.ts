import { isDeepStrictEqual } from 'node:util';
import { UsageError } from '../../shared/errors';
import { Random } from '../../shared/random';
import type { AppPortSettings } from '../inline/appPort';
import type { CommonBench, CommonMigrationOptions, CommonNode, MigrationReport } from '../api/bench';
import type { ExchangeOptions, ExchangeReport } from '../inline/exchange';
import { readCaptures } from '../traffic/captureFiles';
import type { LoadOptions } from '../inline/load';
import { droppedIn, type Expectation, type PortAccount } from '../api/result';
import { expectTraffic, type TrafficTotals, trafficTotals } from '../traffic/totals';
import type { AvpDeviceSettings, Capture, DeepPartial, NicSpec } from '../../emulator';
import { Crew, type CrewSettings, type Thread } from './crew';
import type { HostData } from './duties/host';
import { DUTIES, type Duties, GuestThreads } from './guestThreads';
import type { HostOperations } from './hostView';
import { ThreadInstance } from './instance';
import { ThreadLoad } from './load';
import { migrate } from './migrate';
import type { ThreadPort } from './port';
import { settle } from './settle';

const MAX_FLOW_ID = 0xffff;
/** Requests handed to the application in each millisecond. */
const EXCHANGE_FRAMES_PER_MS = 16;
const EXCHANGE_LIMIT_MS = 600_000;

export interface ThreadBenchSettings extends CrewSettings {
  readonly seed: number;
  /** Settings of the scenario. */
  readonly settings?: ReadonlyMap<string, string>;
  /** Modules of the threads' duties, where a test puts others in their place. */
  readonly duties?: Partial<Duties>;
}

/** A compute node; all of them live in the host's thread. */
export class ThreadNode implements CommonNode<ThreadInstance> {
  constructor(
    readonly name: string,
    private readonly bootAt: (
      node: string,
      name: string,
      nics: readonly (string | NicSpec)[],
      settings: AppPortSettings,
    ) => ThreadInstance,
  ) {}

  /** Boots an instance, starts its threads, and opens its AVP ports. @throws UsageError, ErrnoError */
  boot(name: string, nics: readonly (string | NicSpec)[], settings: AppPortSettings = {}): ThreadInstance {
    return this.bootAt(this.name, name, nics, settings);
  }
}

/**
 * What a scenario works with in mode threads. The host runs in one thread, each instance's
 * control, interrupt handler and queues in others, on one arena and in real time. Calls block the
 * caller until the thread that they concern has carried them out; what ends a thread before its
 * time is thrown by the next call.
 */
export class ThreadBench implements CommonBench<ThreadPort, ThreadInstance, ThreadNode> {
  readonly seed: number;
  readonly random: Random;
  readonly expectations: Expectation[] = [];
  /** What was found where an expectation failed. */
  readonly details: string[] = [];
  /** Every migration that has ended, in order. */
  readonly migrations: MigrationReport[] = [];
  readonly crew: Crew;
  private readonly host: Thread<HostOperations>;
  private readonly duties: Duties;
  private readonly settings: ReadonlyMap<string, string>;
  private readonly instances: ThreadInstance[] = [];
  private readonly loads: ThreadLoad[] = [];
  private flowCount = 0;
  private loadCount = 0;

  constructor({ seed, settings = new Map<string, string>(), duties = {}, ...crew }: ThreadBenchSettings) {
    this.seed = seed;
    this.settings = settings;
    this.random = new Random(seed);
    this.duties = { ...DUTIES, ...duties };
    this.crew = new Crew(crew);
    const data: HostData = { seed };
    this.host = this.crew.start('host', this.duties.host, data);
  }

  /** A setting of the scenario, as the user gave it or by default. */
  setting(key: string): string {
    const value = this.settings.get(key);
    if (value === undefined) throw new Error(`the scenario declares no setting '${key}'`);
    return value;
  }

  /**
   * A compute node with a virtual switch of its own; networks of one name on several nodes are one.
   * @param devices settings of every AVP device that its NIC leaves open, those of instances that
   *   migrate here too.
   */
  computeNode(name = 'compute-0', devices: DeepPartial<AvpDeviceSettings> = {}): ThreadNode {
    this.host.operations.computeNode(name, devices);
    return new ThreadNode(name, (...order) => this.boot(...order));
  }

  private boot(
    node: string,
    name: string,
    nics: readonly (string | NicSpec)[],
    settings: AppPortSettings,
  ): ThreadInstance {
    const booted = this.host.operations.boot(node, name, nics);
    const queues = Math.max(settings.rxQueues ?? 1, settings.txQueues ?? 1);
    const threads = new GuestThreads(this.crew, this.duties, name, queues, this.host.bellWords);
    const instance = new ThreadInstance(name, booted, threads, this.host.operations, settings);
    this.instances.push(instance);
    return instance;
  }

  /** Says what is expected: that `actual` equals `wanted`, or is true where nothing is given. */
  expect(what: string, actual: unknown, ...given: readonly [wanted?: unknown]): void {
    const wanted = given.length === 0 ? true : given[0];
    const ok = isDeepStrictEqual(actual, wanted);
    this.expectations.push({ what, ok });
    if (!ok) this.details.push(`${what}: expected ${JSON.stringify(wanted)}, actual ${JSON.stringify(actual)}`);
  }

  startLoad(from: ThreadPort, to: ThreadPort, options: LoadOptions = {}): ThreadLoad {
    const load = new ThreadLoad(this, from, to, options);
    this.loads.push(load);
    return load;
  }

  async oneWay(from: ThreadPort, to: ThreadPort, options: ExchangeOptions): Promise<ExchangeReport> {
    return this.exchange(from, to, options, false);
  }

  /** The same, and each frame that arrives is answered by one of its own, checked too. */
  async requestResponse(from: ThreadPort, to: ThreadPort, options: ExchangeOptions): Promise<ExchangeReport> {
    return this.exchange(from, to, options, true);
  }

  private async exchange(
    from: ThreadPort,
    to: ThreadPort,
    options: ExchangeOptions,
    reply: boolean,
  ): Promise<ExchangeReport> {
    const load = this.startLoad(from, to, { ...options, reply, framesPerMs: EXCHANGE_FRAMES_PER_MS });
    if (!(await this.crew.waitFor(() => load.done, EXCHANGE_LIMIT_MS)))
      throw new Error(`${from.name} did not get ${options.frames} frames sent in ${EXCHANGE_LIMIT_MS / 1_000} s`);
    await this.settle();
    const { sent, delivered, missing, wrong, replied, answered } = load.report();
    return { sent, delivered, answered, wrong: wrong + missing + replied - answered };
  }

  /** Lets real time pass: all threads go on. @throws what ended one of them. */
  async runFor(durationMs: number): Promise<void> {
    await this.crew.waitFor(() => false, durationMs);
  }

  /** Returns once no frame moves any more. */
  async settle(): Promise<void> {
    await settle(this.crew, this.host.operations, this.openPorts);
  }

  /** Moves an instance to a node while everything goes on; returns at its end, however that came. */
  async migrate(
    instance: ThreadInstance,
    to: ThreadNode,
    options: CommonMigrationOptions = {},
  ): Promise<MigrationReport> {
    const report = await migrate(this.crew, this.host.operations, instance, to.name, options);
    this.migrations.push(report);
    return report;
  }

  /** What became of the frames of every port. */
  accounts(): PortAccount[] {
    return this.ports.flatMap((port) => [...port.accounts()]);
  }

  /** Frames that were dropped and counted on a network, anywhere on their way. */
  droppedOn(network: string): number {
    const ports = this.ports.filter((port) => port.network === network);
    return ports.flatMap((port) => [...port.accounts()]).reduce((sum, account) => sum + droppedIn(account), 0);
  }

  /** Expects of every port that each frame offered was delivered, or dropped by a named cause. */
  checkAccounts(): void {
    const open = this.accounts().filter((account) => account.offered !== account.delivered + droppedIn(account));
    this.expect(
      'at every port offered = delivered + dropped',
      open.map(({ name }) => name),
      [],
    );
  }

  /** Real time since the bench was made. */
  get nowMs(): number {
    return this.crew.clock.nowMs();
  }

  /** The captures that come with the package, or the one file that is named. */
  captures(file = ''): Capture[] {
    return readCaptures(file);
  }

  /** What has become of the frames of all loads, requests and replies. */
  traffic(): TrafficTotals {
    const foreign = this.ports.flatMap((port) => [...port.counts()]).reduce((sum, counts) => sum + counts.foreign, 0);
    const leakedBuffers = this.leakedBuffers() + this.leakedMbufs();
    return trafficTotals(
      this.loads.map((load) => load.report()),
      this.accounts(),
      { leakedBuffers, foreign },
    );
  }

  /** Expects of all loads that nothing but counted loss became of their frames; to be called at a quiet point. */
  checkTraffic(): void {
    expectTraffic(this);
  }

  /** Packet buffers of every host that are on no list where they should be; 0 at a quiet point. */
  leakedBuffers(): number {
    return this.openPorts.reduce((sum, { place, network }) => {
      const { total, hostPool, alloc, tx, rx, free } = this.host.operations.buffers(place.instance, network);
      return sum + total - hostPool - alloc - tx - rx - free;
    }, 0);
  }

  /** Mbufs that an application or a driver still holds; 0 at a quiet point. */
  leakedMbufs(): number {
    return this.ports.reduce((sum, port) => sum + port.mbufsInUse, 0);
  }

  /**
   * Ends everything in order: loads stop, traffic settles, ports close, hosts shut down, threads
   * end. Gives what went wrong on the way; nothing is thrown, and no thread is left.
   */
  async close(): Promise<Error[]> {
    const errors: Error[] = [];
    const attempt = async (step: () => void | Promise<void>): Promise<void> => {
      if (this.crew.failure !== null) return;
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
    const ends = await this.crew.end();
    return [...errors.filter((error) => !ends.includes(error)), ...ends];
  }

  nextFlow(): number {
    if (this.flowCount > MAX_FLOW_ID) throw new UsageError(`more than ${MAX_FLOW_ID + 1} flows on one bench`);
    return this.flowCount++;
  }

  nextLoad(): number {
    return this.loadCount++;
  }

  private get ports(): ThreadPort[] {
    return this.instances.flatMap((instance) => [...instance.ports]);
  }

  private get openPorts(): ThreadPort[] {
    return this.ports.filter(({ open }) => open);
  }
}
