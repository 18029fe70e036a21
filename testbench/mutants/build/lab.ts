import type { Worker } from 'node:worker_threads';
import { nextMessage } from '../../runtime/nextMessage';
import { startWorker } from '../../runtime/worker';
import type { Outcome } from '../../conformance/verdict';
import { buildVariant, type Variant } from './apply';
import type { Mutant } from './mutant';
import type { Order } from './worker';

/** Time for a worker to load all code. */
const START_LIMIT_MS = 60_000;
/** A clause takes a second at most; a variant that needs longer never comes to an end. */
const CLAUSE_LIMIT_MS = 15_000;
/** A proof needs one seed only: the one that the command line takes where none is given. */
const SEED = 1;

/**
 * Runs clauses on broken variants, one at a time, in a worker thread on the watched memory. A
 * variant that hangs ends with `error` and costs the worker.
 */
export class Lab {
  private worker: Worker | null = null;

  /** @param mutant null for the driver and the host as they are. */
  async run(mutant: Mutant | null, clause: string): Promise<Outcome> {
    const variant: Variant = mutant === null ? {} : buildVariant(mutant);
    const worker = await this.start();
    const order: Order = { variant, clause, seed: SEED };
    worker.postMessage(order);
    const outcome = await nextMessage<Outcome>(worker, CLAUSE_LIMIT_MS);
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
