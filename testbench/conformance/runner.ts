import type { Worker } from 'node:worker_threads';
import type { Engine } from '../../shared/engine';
import type { PeerSettings } from '../targets/dpdk/target';
import { isTypeScript } from '../targets/describe';
import { isDpdk, isTargetPath, type TargetName } from '../targets/names';
import { removePeerFolders } from '../peers/dpdk/peerFolders';
import type { WireLimits } from '../evidence/wireLog';
import { nextMessage } from '../runtime/nextMessage';
import { startWorker } from '../runtime/worker';
import type { Clause } from './clause';
import { countsAgainst, type Reported } from './report';
import { replayCommand } from './replayCommand';
import { repetitionSeed } from './seed';
import type { ClauseOrder } from './clauseOrder';
import type { ClauseOutcome } from './verdict';

/** Time limit for a worker to load its code. It is not part of the time limit of any clause. */
const START_LIMIT_MS = 60_000;

const WORKER_MODULE = 'testbench/conformance/worker';

/** Result of one clause, as reports show it. */
export interface ClauseResult extends Reported {
  readonly clause: Clause;
  /** Seed with which the clause ended this way. Differs from the run's seed if a later repetition failed. */
  readonly seed: number;
}

export interface RunSettings {
  readonly target: TargetName;
  /** Build of the C driver to use. Has no effect on the target `avp`. Default: the build that Debian ships. */
  readonly peer?: PeerSettings;
  /** Engine of driver and host: TypeScript on watched memory, or WebAssembly on plain memory. Default: `ts`. */
  readonly engine?: Engine | undefined;
  readonly seed: number;
  /** Number of runs of each clause, with consecutive seeds. A clause stops at its first failure. */
  readonly repeat: number;
  /** Number of clauses that run at once, each in its own worker. Default: 1. The results do not depend on it. */
  readonly jobs?: number;
  /** Stop after the first result that counts against the driver. */
  readonly bail: boolean;
  /** Count failed SHOULD clauses against the driver. Default: false. */
  readonly strict?: boolean;
  /** Stream for lines that code in the worker prints. */
  readonly print: NodeJS.WritableStream;
  /** Module of the worker, relative to the package. Tests replace it. */
  readonly module?: string;
  /** Number of frames and events to record for reports. Default: none. */
  readonly wire?: WireLimits | null;
  /** Replaces a result before anything else sees it, for waivers. `bail` looks at the replacement. */
  readonly judge?: (result: ClauseResult) => ClauseResult;
  /**
   * Ends the run early: clauses that have begun are given up and have no result. The reason is a text. Default: none.
   */
  readonly stop?: AbortSignal;
  readonly onStart?: (clause: Clause, index: number) => void;
  readonly onResult?: (result: ClauseResult) => void;
}

/** Minimum time limit of a clause whose driver runs in another process: starting it takes long on a busy machine. */
const PEER_LIMIT_MS = 300_000;

function limitOf({ timeLimitMs }: Clause, target: TargetName): number {
  return isDpdk(target) ? Math.max(timeLimitMs, PEER_LIMIT_MS) : timeLimitMs;
}

/**
 * Runs clauses one after another in a worker thread. A clause that exceeds its time limit
 * or kills the worker ends with `error`, and the next clause gets a new worker.
 */
class ClauseWorker {
  private worker: Worker | null = null;

  constructor(
    private readonly settings: RunSettings,
    private readonly job: number,
  ) {}

  async run(clause: Clause, seed: number): Promise<ClauseOutcome> {
    const started = await this.start();
    if (started instanceof Error) return { verdict: 'error', detail: started.message, durationMs: 0 };
    const startedAt = performance.now();
    const { target, peer = {}, wire = null } = this.settings;
    const order: ClauseOrder = { id: clause.id, seed, target, peer, job: this.job, wire };
    started.postMessage(order);
    const outcome = await nextMessage<ClauseOutcome>(started, limitOf(clause, target));
    if (!(outcome instanceof Error)) return outcome;
    await this.stop();
    return { verdict: 'error', detail: outcome.message, durationMs: Math.round(performance.now() - startedAt) };
  }

  private async start(): Promise<Worker | Error> {
    if (this.worker !== null) return this.worker;
    const { module = WORKER_MODULE, engine = 'ts', target, print } = this.settings;
    const typeScript = isTargetPath(target) && isTypeScript(target);
    const build = engine === 'wasm' ? 'plain' : 'watched';
    const worker = startWorker(module, { build, typeScript, engine, print });
    this.worker = worker;
    const ready = await nextMessage<'ready'>(worker, START_LIMIT_MS);
    if (!(ready instanceof Error)) return worker;
    await this.stop();
    return ready;
  }

  async stop(): Promise<void> {
    const worker = this.worker;
    this.worker = null;
    await worker?.terminate();
  }
}

function isGood(outcome: ClauseOutcome): boolean {
  return outcome.verdict === 'pass' || outcome.verdict === 'skip';
}

async function runRepeatedly(worker: ClauseWorker, clause: Clause, settings: RunSettings): Promise<ClauseResult> {
  let durationMs = 0;
  for (let repetition = 0; ; repetition++) {
    const seed = repetitionSeed(settings.seed, repetition);
    const outcome = await worker.run(clause, seed);
    durationMs += outcome.durationMs;
    if (!isGood(outcome) || outcome.verdict === 'skip' || repetition + 1 === settings.repeat)
      return {
        ...outcome,
        durationMs,
        clause,
        seed,
        replay: replayCommand(clause, settings, seed),
      };
  }
}

/** Hands clauses to workers and passes results on in the order of the clauses, whatever order they finish in. */
class ClauseQueue {
  readonly results: ClauseResult[] = [];
  private readonly ended: ClauseResult[] = [];
  private taken = 0;
  private over = false;

  constructor(
    private readonly clauses: readonly Clause[],
    private readonly settings: RunSettings,
  ) {}

  /** Runs clauses in this worker until none is left. Several workers may do this at once. */
  async runIn(worker: ClauseWorker): Promise<void> {
    try {
      while (!this.isOver && this.taken < this.clauses.length) {
        const index = this.taken++;
        const clause = this.clauses[index]!;
        this.settings.onStart?.(clause, index);
        const result = await runRepeatedly(worker, clause, this.settings);
        // The end of its worker is no result of the clause.
        if (this.isStopped) return;
        this.ended[index] = result;
        this.handOn();
      }
    } catch (error) {
      this.over = true;
      throw error;
    }
  }

  private get isStopped(): boolean {
    return this.settings.stop?.aborted === true;
  }

  private get isOver(): boolean {
    return this.over || this.isStopped;
  }

  private handOn(): void {
    for (
      let ended = this.ended[this.results.length];
      ended !== undefined && !this.over;
      ended = this.ended[this.results.length]
    )
      this.report(ended);
  }

  /** Passes on what ended out of order, behind a clause that was given up. */
  handOnRest(): void {
    for (const ended of Object.values(this.ended.slice(this.results.length))) if (!this.over) this.report(ended);
  }

  private report(ended: ClauseResult): void {
    const { judge, onResult, bail, strict = false } = this.settings;
    const result = judge?.(ended) ?? ended;
    this.results.push(result);
    onResult?.(result);
    this.over = bail && countsAgainst(result, strict);
  }
}

/** Runs clauses. The results are in the order of the clauses. After `stop` or under `bail` there are fewer. */
export async function runClauses(clauses: readonly Clause[], settings: RunSettings): Promise<ClauseResult[]> {
  const queue = new ClauseQueue(clauses, settings);
  const jobs = Math.min(settings.jobs ?? 1, clauses.length);
  const workers = Array.from({ length: jobs }, (_unused, job) => new ClauseWorker(settings, job));
  const stopAll = (): Promise<unknown> => Promise.all(workers.map((worker) => worker.stop()));
  const giveUp = (): void => void stopAll();
  settings.stop?.addEventListener('abort', giveUp);
  try {
    await Promise.all(workers.map((worker) => queue.runIn(worker)));
  } finally {
    settings.stop?.removeEventListener('abort', giveUp);
    await stopAll();
    removePeerFolders();
  }
  queue.handOnRest();
  return queue.results;
}
