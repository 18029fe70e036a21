import { on } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { BenchError, UsageError } from '../../../shared/errors';
import { startWorker } from '../../runtime/worker';
import type { ExploreState, Found } from '../search/exploration';
import type { JobData, Order, Ready, Refusal, Report } from './orders';

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
  /** Time limit of the search; Infinity for none. */
  readonly limitMs: number;
  readonly stop: AbortSignal;
  /** Called now and then with how far all workers have come. */
  readonly onProgress: (state: ExploreState) => void;
}

export interface JobsResult {
  readonly state: ExploreState;
  readonly failures: readonly Found[];
  /** Without the time in which the workers made their worlds. */
  readonly durationMs: number;
}

/** Schedules of one order to a worker. */
const PART = 500;
const NOTHING: ExploreState = { schedules: 0, complete: false, share: null, saved: 0, restarts: 0 };

interface Started {
  readonly worker: Worker;
  /** Its messages. None is lost, however late it is asked for. */
  readonly inbox: AsyncIterator<unknown[]>;
}

function start(data: JobData): Started {
  const worker = startWorker('testbench/explore/jobs/worker', { build: 'plain', data, print: process.stderr });
  return { worker, inbox: on(worker, 'message', { close: ['exit'] }) as AsyncIterator<unknown[]> };
}

/** @throws UsageError or ExplorationFailed where the worker cannot go on. */
function contentOf<Message extends object>({ done, value }: IteratorResult<unknown[]>): Message {
  if (done === true) throw new ExplorationFailed('the worker thread of an exploration has ended');
  const [message] = value as [Message | Refusal];
  if (!('error' in message)) return message;
  throw message.usage ? new UsageError(message.error) : new ExplorationFailed(message.error);
}

/** Hands the parts of an exploration to workers, and puts their reports together. */
class Jobs {
  private readonly states = new Map<number, ExploreState>();
  private from = 0;
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

  /** Hands parts to a worker until there are none left. */
  async work({ worker, inbox }: Started): Promise<void> {
    for (let order = this.nextOrder(); order !== null; order = this.nextOrder()) {
      worker.postMessage(order);
      for (let done = false; !done;) {
        const message = await Promise.race([inbox.next(), this.stopped]);
        if (message === null) return;
        const report = contentOf<Report>(message);
        this.note(order.first, report);
        ({ done } = report);
      }
    }
  }

  /**
   * Waits until a worker has made its world. Time counts from the first one on.
   * @returns false where a signal has come.
   */
  async isReady({ inbox }: Started): Promise<boolean> {
    const message = await Promise.race([inbox.next(), this.stopped]);
    if (message !== null) contentOf<Ready>(message);
    if (this.from === 0) this.from = performance.now();
    return message !== null;
  }

  result(): JobsResult {
    const durationMs = this.from === 0 ? 0 : performance.now() - this.from;
    return {
      durationMs,
      state: this.state(),
      failures: this.found === null ? [] : [this.found],
    };
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
  // A depth-first search is one part, because it leaves out what it has seen before.
  const count = plan.scheduler === 'dfs' ? 1 : settings.jobs;
  const jobs = new Jobs(settings);
  const workers: Started[] = [];
  const begin = async (): Promise<void> => {
    const started = start(data);
    workers.push(started);
    if (await jobs.isReady(started)) await jobs.work(started);
  };
  try {
    // The first worker may have to translate the code under test, and the others find it done.
    const first = start(data);
    workers.push(first);
    const ready = await jobs.isReady(first);
    if (ready) await Promise.all([jobs.work(first), ...Array.from({ length: count - 1 }, begin)]);
    return jobs.result();
  } finally {
    await Promise.all(workers.map(({ worker }) => worker.terminate()));
  }
}
