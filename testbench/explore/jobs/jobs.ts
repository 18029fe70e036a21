import { on } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { BenchError, UsageError } from '../../../shared/errors';
import { startWorker } from '../../runtime/worker';
import type { ExploreState, Found } from '../search/exploration';
import type { JobData, Order, Refusal, Report } from './orders';

/** A worker of an exploration ended, or its world does not repeat its runs. */
export class ExplorationFailed extends BenchError {
  constructor(message: string) {
    super('EXPLORATION', message);
  }
}

export interface JobSettings extends JobData {
  readonly jobs: number;
  /** Most schedules; Infinity for no limit. */
  readonly schedules: number;
  /** Most time; Infinity for no limit. */
  readonly limitMs: number;
  readonly stop: AbortSignal;
  /** Called now and then with how far all workers have come. */
  readonly onProgress: (state: ExploreState) => void;
}

export interface JobsResult {
  readonly state: ExploreState;
  readonly failures: readonly Found[];
}

/** Schedules of one order to a worker. */
const PART = 500;
const NOTHING: ExploreState = { schedules: 0, complete: false, share: null, saved: 0, restarts: 0 };

/** @throws UsageError or ExplorationFailed where the worker cannot go on. */
function reportIn({ done, value }: IteratorResult<unknown[]>): Report {
  if (done === true) throw new ExplorationFailed('the worker thread of an exploration has ended');
  const [message] = value as [Report | Refusal];
  if (!('error' in message)) return message;
  throw message.usage ? new UsageError(message.error) : new ExplorationFailed(message.error);
}

/** Hands the parts of an exploration to workers, and puts their reports together. */
class Jobs {
  private readonly states = new Map<number, ExploreState>();
  private readonly from = performance.now();
  private nextFirst = 0;
  private found: Found | null = null;
  /** First schedule of the part that failed; later parts do not count. */
  private foundIn = Infinity;

  /** Ends all waiting when a signal comes. */
  private readonly stopped: Promise<null>;

  constructor(private readonly settings: JobSettings) {
    const { stop } = settings;
    this.stopped = new Promise((resolve) => stop.addEventListener('abort', () => resolve(null), { once: true }));
  }

  async work(worker: Worker): Promise<void> {
    const inbox = on(worker, 'message', { close: ['exit'] });
    for (let order = this.nextOrder(); order !== null; order = this.nextOrder()) {
      worker.postMessage(order);
      for (let done = false; !done;) {
        const message = await Promise.race([inbox.next() as Promise<IteratorResult<unknown[]>>, this.stopped]);
        if (message === null) return;
        const report = reportIn(message);
        this.note(order.first, report);
        ({ done } = report);
      }
    }
  }

  result(): JobsResult {
    return { state: this.state(), failures: this.found === null ? [] : [this.found] };
  }

  private nextOrder(): Order | null {
    const { plan, schedules, limitMs, stop } = this.settings;
    const leftMs = limitMs - (performance.now() - this.from);
    const first = this.nextFirst;
    if (stop.aborted || leftMs <= 0 || first >= schedules || this.found !== null) return null;
    const count = plan.scheduler === 'dfs' ? schedules : Math.min(PART, schedules - first);
    this.nextFirst += count;
    return { first, count, limitMs: leftMs };
  }

  private note(first: number, { state, found }: Report): void {
    this.states.set(first, state);
    if (found !== null && first < this.foundIn) {
      this.found = found;
      this.foundIn = first;
    }
    this.settings.onProgress(this.state());
  }

  /** All parts up to the one that failed, together. */
  private state(): ExploreState {
    let sum = NOTHING;
    for (const [first, state] of this.states)
      if (first <= this.foundIn) sum = { ...state, schedules: sum.schedules + state.schedules };
    return sum;
  }
}

/**
 * Explores in worker threads.
 * @throws UsageError for options that the check refuses, ExplorationFailed where a worker dies.
 */
export async function exploreInWorkers(settings: JobSettings): Promise<JobsResult> {
  const { check, options, plan } = settings;
  const data: JobData = { check, options, plan };
  // What a depth-first search has seen decides what it leaves out, so it is one part.
  const count = plan.scheduler === 'dfs' ? 1 : settings.jobs;
  const jobs = new Jobs(settings);
  const workers = Array.from({ length: count }, () =>
    startWorker('testbench/explore/jobs/worker', { build: 'plain', data, print: process.stderr }),
  );
  try {
    await Promise.all(workers.map((worker) => jobs.work(worker)));
    return jobs.result();
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
