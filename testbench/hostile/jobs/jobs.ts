import type { Worker } from 'node:worker_threads';
import { BenchError } from '../../../shared/errors';
import { nextMessage } from '../../runtime/nextMessage';
import { startWorker } from '../../runtime/worker';
import { caseOf, type Side } from '../cases/hostileCase';
import { type HostileFinding, replayOf } from '../run';
import type { CaseOrder, CaseReport, WorkerData } from './orders';

/** Cases of one order. */
const PART = 250;
const START_LIMIT_MS = 120_000;
/** A case takes less than a millisecond. */
const PART_LIMIT_MS = 120_000;

/** A worker did not start. */
export class HostileJobsFailed extends BenchError {
  constructor(message: string) {
    super('HOSTILE_JOBS', message);
  }
}

export interface HostileJobsSettings {
  readonly side: Side;
  readonly seed: number;
  readonly first: number;
  readonly cases: number;
  /** Findings after which no more cases are begun. */
  readonly most: number;
  readonly jobs: number;
  readonly stop: AbortSignal;
  /** Called with the cases that have been run. */
  readonly onProgress: (cases: number) => void;
}

/** The parts of a run, handed out in order. */
class Jobs {
  cases = 0;
  readonly findings: HostileFinding[] = [];
  private next: number;
  private readonly end: number;

  constructor(private readonly settings: HostileJobsSettings) {
    this.next = settings.first;
    this.end = settings.first + settings.cases;
  }

  private take(): CaseOrder | null {
    const { stop, most } = this.settings;
    if (stop.aborted || this.next >= this.end || this.findings.length >= most) return null;
    const first = this.next;
    const cases = Math.min(PART, this.end - first);
    this.next += cases;
    return { first, cases, most };
  }

  async work(): Promise<void> {
    let worker: Worker | null = null;
    try {
      for (let order = this.take(); order !== null; order = this.take()) {
        worker ??= await this.start();
        worker.postMessage(order);
        const report = await nextMessage<CaseReport>(worker, PART_LIMIT_MS);
        if (report instanceof Error) {
          await worker.terminate();
          worker = null;
          this.note(this.lost(order, report));
        } else this.note(report);
      }
    } finally {
      await worker?.terminate();
    }
  }

  private async start(): Promise<Worker> {
    const { side, seed } = this.settings;
    const data: WorkerData = { side, seed };
    const worker = startWorker('testbench/hostile/jobs/worker', { build: 'watched', data, print: process.stderr });
    const ready = await nextMessage<'ready'>(worker, START_LIMIT_MS);
    if (ready === 'ready') return worker;
    await worker.terminate();
    throw new HostileJobsFailed(ready instanceof Error ? ready.message : 'the worker did not start');
  }

  /** A loop that touches no memory ends with its thread only. Nobody knows then which case began it. */
  private lost({ first, cases }: CaseOrder, error: Error): CaseReport {
    const { side, seed } = this.settings;
    const message = `one of ${cases} cases does not end: ${error.message}`;
    const from = { seed, index: first };
    const replay = replayOf(side, seed, first, cases);
    return { cases, findings: [{ side, promise: 'bounded', message, from, input: caseOf(seed, first), replay }] };
  }

  private note({ cases, findings }: CaseReport): void {
    this.cases += cases;
    this.findings.push(...findings);
    this.settings.onProgress(this.cases);
  }
}

/**
 * Attacks one side in worker threads, on the watched memory.
 * @throws HostileJobsFailed where a worker does not start.
 */
export async function attackInWorkers(settings: HostileJobsSettings): Promise<CaseReport> {
  const jobs = new Jobs(settings);
  await Promise.all(Array.from({ length: settings.jobs }, () => jobs.work()));
  const findings = jobs.findings.toSorted((a, b) => (a.from?.index ?? 0) - (b.from?.index ?? 0));
  return { cases: jobs.cases, findings: findings.slice(0, settings.most) };
}
