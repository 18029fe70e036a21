import { readdirSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { avpDriver } from '../../driver';
import { type Capture, readCaptureFile, Recorder, type SwitchPort } from '../../emulator';
import { VirtualClock } from '../../shared/clock';
import { Random } from '../../shared/random';
import type { AppPort } from './appPort';
import { BenchNode } from './node';
import { packageRoot } from './package';
import { droppedIn, type Expectation, type PortAccount } from './result';
import { type ExchangeOptions, type ExchangeReport, exchange } from './exchange';
import { Load, type LoadOptions } from './load';
import { type Evidence, EvidenceLog } from './evidence';

const CAPTURE_ENDINGS = ['.pcap', '.pcapng'];
/** Rounds without a frame having moved after which everything is taken to have arrived. */
const QUIET_ROUNDS = 5;
const MAX_ROUNDS = 1_000_000;

/** What a scenario works with: nodes, traffic, expectations. Time is virtual. */
export class Bench {
  readonly clock = new VirtualClock();
  readonly random: Random;
  readonly expectations: Expectation[] = [];
  /** What was found where an expectation failed. */
  readonly details: string[] = [];
  private readonly nodes: BenchNode[] = [];
  private readonly loads: Load[] = [];
  private readonly recorder: Recorder | null;
  private readonly evidence: EvidenceLog | null;

  /**
   * @param recording which ports to record, null names for all; null for none.
   * @param keepEvidence note down everything that a failure is explained with.
   */
  constructor(
    readonly seed: number,
    private readonly settings: ReadonlyMap<string, string>,
    private readonly recording: { readonly names: readonly string[] | null } | null,
    keepEvidence = false,
  ) {
    this.random = new Random(seed);
    this.recorder = recording === null ? null : new Recorder({ clock: this.clock });
    this.evidence = keepEvidence ? new EvidenceLog(this.clock) : null;
  }

  /** A setting of the scenario, as the user gave it or by default. */
  setting(key: string): string {
    const value = this.settings.get(key);
    if (value === undefined) throw new Error(`the scenario declares no setting '${key}'`);
    return value;
  }

  /** A compute node with a virtual switch of its own. */
  computeNode(name = 'compute-0'): BenchNode {
    const note = (port: SwitchPort, portName: string): void => this.record(port, portName);
    const node = new BenchNode(name, this.clock, this.seed, avpDriver, note, this.evidence?.log ?? null);
    this.nodes.push(node);
    return node;
  }

  private record(port: SwitchPort, name: string): void {
    this.evidence?.record(port, name);
    const names = this.recording?.names ?? null;
    if (names === null || names.includes(name)) this.recorder?.record(port, name);
  }

  /** Says what is expected: that `actual` equals `wanted`, or is true where nothing is given. A scenario goes on all the same. */
  expect(what: string, actual: unknown, ...given: readonly [wanted?: unknown]): void {
    const wanted = given.length === 0 ? true : given[0];
    const ok = isDeepStrictEqual(actual, wanted);
    this.expectations.push({ what, ok });
    this.evidence?.log.event('bench', null, `expects: ${what}`, ok ? 'it does' : `no: ${JSON.stringify(actual)}`);
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
      quiet = now === before && !this.nodes.some((node) => node.busy) ? quiet + 1 : 0;
      before = now;
    }
  }

  /** The captures that come with the package, or the one file that is named. */
  captures(file = ''): Capture[] {
    if (file !== '') return [readCaptureFile(resolve(file))];
    const folder = join(packageRoot(), 'scenarios', 'captures');
    const names = readdirSync(folder).filter((name) => CAPTURE_ENDINGS.includes(extname(name)));
    return names.sort().map((name) => readCaptureFile(join(folder, name)));
  }

  /** What became of the frames of every port. */
  accounts(): PortAccount[] {
    return this.nodes.flatMap((node) => node.accounts());
  }

  /** Frames that were dropped and counted on a network: by the sender, its host, the switch, the receiver's host, the receiver. */
  droppedOn(network: string): number {
    return this.nodes.reduce((sum, node) => sum + node.droppedOn(network), 0);
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

  /** What a failure is explained with, null where nothing was noted down. */
  evidenceKept(): Evidence | null {
    return this.evidence?.kept() ?? null;
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

