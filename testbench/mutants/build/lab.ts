import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import type { ClauseOutcome } from '../../conformance/verdict';
import { nextMessage } from '../../runtime/nextMessage';
import { startWorker } from '../../runtime/worker';
import type { Mutant, MutantApplication } from './mutant';
import type { VariantOrder } from './worker';

/** Time limit for a worker to load its code. */
const START_LIMIT_MS = 60_000;
/** Time limit for a clause. A clause takes a second at most; a variant that needs longer hangs. */
const CLAUSE_LIMIT_MS = 60_000;
/** One seed is enough for a proof: the default of the command line. */
const SEED = 1;

/** A worker thread that builds variants and runs clauses on them. A variant that hangs ends the thread. */
class LabThread {
  private worker: Worker | null = null;

  async run(order: VariantOrder): Promise<ClauseOutcome> {
    const worker = await this.start();
    worker.postMessage(order);
    const outcome = await nextMessage<ClauseOutcome>(worker, CLAUSE_LIMIT_MS);
    if (!(outcome instanceof Error)) return outcome;
    await this.close();
    return { verdict: 'error', detail: outcome.message, durationMs: CLAUSE_LIMIT_MS };
  }

  private async start(): Promise<Worker> {
    if (this.worker !== null) return this.worker;
    this.worker = startWorker('testbench/mutants/build/worker', { build: 'watched', print: process.stderr });
    const ready = await nextMessage<'ready'>(this.worker, START_LIMIT_MS);
    if (!(ready instanceof Error)) return this.worker;
    await this.close();
    throw ready;
  }

  async close(): Promise<void> {
    const worker = this.worker;
    this.worker = null;
    await worker?.terminate();
  }
}

/** Runs clauses on broken variants on the watched memory, as many variants at once as there are CPUs. */
export class Lab {
  private readonly all: readonly LabThread[];
  private readonly free: LabThread[];
  private readonly waiting: ((thread: LabThread) => void)[] = [];
  private isClosed = false;

  constructor(readonly threads = availableParallelism()) {
    this.all = Array.from({ length: threads }, () => new LabThread());
    this.free = [...this.all];
  }

  /**
   * Runs clauses on a variant, one after another, in one thread. Concurrent calls share the threads.
   * @param mutant null for the unchanged driver and host.
   * @param application default: the one that the variant names.
   */
  async run(
    mutant: Mutant | null,
    clauses: readonly string[],
    application: MutantApplication = mutant?.application ?? 'on-request',
  ): Promise<ClauseOutcome[]> {
    const thread = this.free.pop() ?? (await new Promise<LabThread>((resolve) => this.waiting.push(resolve)));
    try {
      const outcomes: ClauseOutcome[] = [];
      for (const clause of clauses) {
        if (this.isClosed) break;
        outcomes.push(await thread.run({ mutant, clause, seed: SEED, application }));
      }
      return outcomes;
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.free.push(thread);
      else next(thread);
    }
  }

  /** Ends the threads. Calls that still wait for a thread return no outcomes. */
  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.all(this.all.map((thread) => thread.close()));
  }
}
