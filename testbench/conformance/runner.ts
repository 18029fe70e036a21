import type { Worker } from 'node:worker_threads';
import type { PeerSettings } from '../targets/dpdk/target';
import { DEFAULT_TARGET, type TargetName } from '../targets/names';
import { removePeerFolders } from '../targets/dpdk/folders';
import type { WireLimits } from '../evidence/wireLog';
import { startWorker } from '../runtime/worker';
import type { Clause } from './clause';
import { countsAgainst, type Reported } from './report';
import { replayCommand } from './replayCommand';
import { repetitionSeed } from './seed';
import type { Order } from './order';
import type { Outcome } from './verdict';

/** Time for a worker to load all code; not part of any clause's limit. */
const START_LIMIT_MS = 60_000;

const WORKER_MODULE = 'testbench/conformance/worker';

/** The end of one clause, as reports show it. */
export interface ClauseResult extends Reported {
  readonly clause: Clause;
  /** The run's seed with which it ended so; under `repeat` another one than the first. */
  readonly seed: number;
}

export interface RunSettings {
  readonly target: TargetName;
  /** Which build of the C driver, where that is the target; Debian's where not given. */
  readonly peer?: PeerSettings;
  readonly seed: number;
  /** Each clause runs so often, with one seed after another, up to its first failure. */
  readonly repeat: number;
  /** How many clauses run at once, each in a worker of its own; 1 where not given. Results don't depend on it. */
  readonly jobs?: number;
  /** Stop after the first result that counts against the driver. */
  readonly bail: boolean;
  /** Failed SHOULD clauses count too. */
  readonly strict?: boolean;
  /** Where lines go that code in the worker prints. */
  readonly print: NodeJS.WritableStream;
  /** The worker's module in the package; another one stands in for it in tests. */
  readonly module?: string;
  /** How much of what happens is recorded for reports; nothing where not given. */
  readonly wire?: WireLimits | null;
  /** Has a last look at a result: the one given back counts, also for `bail`. */
  readonly judge?: (result: ClauseResult) => ClauseResult;
  readonly onStart?: (clause: Clause, index: number) => void;
  readonly onResult?: (result: ClauseResult) => void;
}

/** One answer of the worker, its death, or silence for too long. */
function nextMessage<T>(worker: Worker, limitMs: number): Promise<T | Error> {
  return new Promise((resolve) => {
    const end = (value: T | Error): void => {
      clearTimeout(timer);
      for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event);
      resolve(value);
    };
    const timer = setTimeout(() => end(new Error(`time limit: no end after ${limitMs} ms`)), limitMs);
    worker.on('message', end);
    worker.on('error', (error) => end(new Error(`the worker thread died: ${error.stack ?? error.message}`)));
    worker.on('exit', (code) => end(new Error(`the worker thread ended with status ${code}`)));
  });
}

/** Another process starts slowly, and the machine may be busy with other things. */
const PEER_LIMIT_MS = 90_000;

function limitOf({ timeLimitMs }: Clause, target: TargetName): number {
  return target === DEFAULT_TARGET ? timeLimitMs : Math.max(timeLimitMs, PEER_LIMIT_MS);
}

/**
 * Clauses run one after the other in this worker thread on the watched memory. One that takes too
 * long or kills the worker ends with `error`, and the next one gets a fresh worker.
 */
class ClauseWorker {
  private worker: Worker | null = null;

  constructor(
    private readonly settings: RunSettings,
    private readonly job: number,
  ) {}

  async run(clause: Clause, seed: number): Promise<Outcome> {
    const started = await this.start();
    if (started instanceof Error) return { verdict: 'error', detail: started.message, durationMs: 0 };
    const startedAt = performance.now();
    const { target, peer = {}, wire = null } = this.settings;
    const order: Order = { id: clause.id, seed, target, peer, job: this.job, wire };
    started.postMessage(order);
    const outcome = await nextMessage<Outcome>(started, limitOf(clause, target));
    if (!(outcome instanceof Error)) return outcome;
    await this.stop();
    return { verdict: 'error', detail: outcome.message, durationMs: Math.round(performance.now() - startedAt) };
  }

  private async start(): Promise<Worker | Error> {
    if (this.worker !== null) return this.worker;
    const worker = startWorker(this.settings.module ?? WORKER_MODULE, { build: 'watched', print: this.settings.print });
    this.worker = worker;
    const ready = await nextMessage<'ready'>(worker, START_LIMIT_MS);
    if (!(ready instanceof Error)) return worker;
    await this.stop();
    return ready;
  }

  async stop(): Promise<void> {
    const worker = this.worker;
    this.worker = null;
    // A late error must not bring the process down.
    worker?.on('error', () => undefined);
    await worker?.terminate();
  }
}

function isGood(outcome: Outcome): boolean {
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
        replay: replayCommand(clause, settings.target, seed, settings.peer),
      };
  }
}

/** Clauses that wait for a worker, and the results in the clauses' order, whichever ends first. */
class ClauseQueue {
  readonly results: ClauseResult[] = [];
  private readonly ended: ClauseResult[] = [];
  private taken = 0;
  private over = false;

  constructor(
    private readonly clauses: readonly Clause[],
    private readonly settings: RunSettings,
  ) {}

  /** Runs one clause after the other until none waits any more. Several may be under way. */
  async runIn(worker: ClauseWorker): Promise<void> {
    try {
      while (!this.over && this.taken < this.clauses.length) {
        const index = this.taken++;
        const clause = this.clauses[index]!;
        this.settings.onStart?.(clause, index);
        this.ended[index] = await runRepeatedly(worker, clause, this.settings);
        this.handOn();
      }
    } catch (error) {
      this.over = true;
      throw error;
    }
  }

  private handOn(): void {
    const { judge, onResult, bail, strict = false } = this.settings;
    for (
      let ended = this.ended[this.results.length];
      ended !== undefined && !this.over;
      ended = this.ended[this.results.length]
    ) {
      const result = judge?.(ended) ?? ended;
      this.results.push(result);
      onResult?.(result);
      this.over = bail && countsAgainst(result, strict);
    }
  }
}

/** Runs clauses; the results are in the order given. */
export async function runClauses(clauses: readonly Clause[], settings: RunSettings): Promise<ClauseResult[]> {
  const queue = new ClauseQueue(clauses, settings);
  const jobs = Math.min(settings.jobs ?? 1, clauses.length);
  const workers = Array.from({ length: jobs }, (_unused, job) => new ClauseWorker(settings, job));
  try {
    await Promise.all(workers.map((worker) => queue.runIn(worker)));
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
    removePeerFolders();
  }
  return queue.results;
}
