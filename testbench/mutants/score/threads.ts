import { Writable } from 'node:stream';
import type { Worker } from 'node:worker_threads';
import { nextMessage } from '../../runtime/nextMessage';
import { startWorker } from '../../runtime/worker';
import type { Sample, ScoreEngine, ThreadKind, TryOrder } from './engine';
import type { ThreadData, TryAnswer } from './worker';

const START_LIMIT_MS = 120_000;

/** Tries of one engine on one variant, in one thread. */
export interface Job {
  readonly engine: ScoreEngine;
  readonly orders: readonly TryOrder[];
  /** Orders for a variant that none of those has caught. */
  readonly lastResort: readonly TryOrder[];
  /** Takes the outcome of each try, in order. */
  readonly onTried: (order: TryOrder, samples: readonly Sample[]) => void;
  readonly onEnd: () => void;
}

/** Discards what scripts of scenarios print. */
function silent(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}

function failed(detail: string, durationMs: number, caught: boolean): Sample[] {
  return [{ caught, cases: 1, durationMs, detail }];
}

/** One worker at a time, of the kind that the next job needs. A try that hangs ends the worker. */
class TryThread {
  private worker: Worker | null = null;
  private kind: ThreadKind | null = null;

  /** Carries out a job, until a try has caught its variant where one is enough, or the run is stopped. */
  async work(job: Job, stop: AbortSignal): Promise<void> {
    const caught = await this.tryAll(job, job.orders, job.engine.oneIsEnough, stop);
    if (!caught) await this.tryAll(job, job.lastResort, true, stop);
    if (!stop.aborted) job.onEnd();
  }

  /** Returns whether a try has caught the variant. */
  private async tryAll(
    { engine, onTried }: Job,
    orders: readonly TryOrder[],
    oneIsEnough: boolean,
    stop: AbortSignal,
  ): Promise<boolean> {
    let caught = false;
    for (const order of orders) {
      if (stop.aborted || (caught && oneIsEnough)) break;
      const samples = await this.carryOut(engine, order);
      // The end of its worker is no result of a try.
      if (stop.aborted) break;
      onTried(order, samples);
      caught ||= samples.some((sample) => sample.caught);
    }
    return caught;
  }

  private async carryOut(engine: ScoreEngine, order: TryOrder): Promise<readonly Sample[]> {
    const worker = await this.start(engine.thread);
    const from = performance.now();
    worker.postMessage(order);
    const answer = await nextMessage<TryAnswer>(worker, engine.limitMs);
    const durationMs = performance.now() - from;
    if (!(answer instanceof Error))
      return 'error' in answer ? failed(`error: ${answer.error}`, durationMs, false) : answer.samples;
    await this.close();
    return failed(answer.message, durationMs, engine.catchesHangs);
  }

  private async start(kind: ThreadKind): Promise<Worker> {
    if (this.worker !== null && this.kind === kind) return this.worker;
    await this.close();
    const data: ThreadData = { kind };
    const build = kind === 'explored' ? 'plain' : 'watched';
    const settings = { build, data, print: silent(), ...(kind === 'source' ? { source: true } : {}) } as const;
    this.worker = startWorker('testbench/mutants/score/worker', settings);
    this.kind = kind;
    const ready = await nextMessage<'ready'>(this.worker, START_LIMIT_MS);
    if (!(ready instanceof Error)) return this.worker;
    await this.close();
    throw ready;
  }

  async close(): Promise<void> {
    const { worker } = this;
    this.worker = null;
    await worker?.terminate();
  }
}

/** Threads of the same kind follow each other, so that few are started. The slowest tries come first. */
const ORDER: readonly ThreadKind[] = ['explored', 'source', 'watched'];

/** Carries out jobs in several threads at once. Ends early, without an error, when it is stopped. */
export async function runJobs(jobs: readonly Job[], threads: number, stop: AbortSignal): Promise<void> {
  const queue = ORDER.flatMap((kind) => jobs.filter(({ engine }) => engine.thread === kind));
  const all = Array.from({ length: Math.min(threads, queue.length) }, () => new TryThread());
  const closeAll = (): Promise<unknown> => Promise.all(all.map((thread) => thread.close()));
  const giveUp = (): void => void closeAll();
  stop.addEventListener('abort', giveUp);
  let next = 0;
  try {
    await Promise.all(
      all.map(async (thread) => {
        while (next < queue.length && !stop.aborted) await thread.work(queue[next++]!, stop);
      }),
    );
  } finally {
    stop.removeEventListener('abort', giveUp);
    await closeAll();
  }
}
