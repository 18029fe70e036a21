import type { Engine } from '../../shared/engine';
import { UsageError } from '../../shared/errors';
import type { Mode } from '../api/result';
import type { ScenarioOrder, ScenarioRun } from '../common/order';
import { nextMessage } from '../runtime/nextMessage';
import { startWorker } from '../runtime/worker';

const LOAD_LIMIT_MS = 600_000;
/** A worker ends a run that takes too long by itself; only one that its script never lets go is ended from here. */
const GRACE_MS = 20_000;

/** The worker's first message, before it runs a scenario. */
export interface ScenarioStart {
  readonly scenario: string;
  readonly mode: Mode;
  readonly engine: Engine;
  /** Its limit of real time. */
  readonly realMs: number;
}

/** The worker's last message: a run, what was wrong with the order, or an error of the bench itself. */
export type ScenarioReport = ScenarioRun | { readonly usage: string } | { readonly broken: string };

/** A run of which nothing is left but how it ended. */
function lostRun({ scenario, mode, engine }: ScenarioStart, seed: number, why: string): ScenarioRun {
  const result = {
    scenario,
    seed,
    mode,
    engine,
    verdict: 'error',
    expectations: [],
    ports: [],
    migrations: [],
  } as const;
  return { result, details: [why], pcap: null, evidence: null, trace: null, dumped: false };
}

/** Options of a launch. */
export interface LaunchOptions {
  /** Called when nothing is wrong with the order, before the scenario runs. */
  readonly onStart?: () => void;
  /** Ends the scenario while it runs. The abort reason is a text. */
  readonly stop?: AbortSignal;
}

/**
 * Runs a scenario in a worker thread, on the watched memory unless compiled loops are asked for. A script that blocks or ends its thread gets the verdict
 * `error`, and so does one that is stopped.
 * @param print takes the lines that the script prints.
 * @throws UsageError for settings, files or a mode that the scenario refuses, and for an engine that cannot be had.
 * @throws Error where the thread dies before the scenario starts, or the bench itself fails.
 */
export async function launchScenario(
  order: ScenarioOrder,
  print: NodeJS.WritableStream,
  { onStart, stop }: LaunchOptions = {},
): Promise<ScenarioRun> {
  const worker = startWorker('testbench/run/scenarioWorker', {
    build: order.engine === 'wasm' ? 'plain' : 'watched',
    engine: order.engine,
    typeScript: /\.c?ts$/.test(order.file),
    data: order,
    print,
  });
  const end = (): void => void worker.terminate();
  stop?.addEventListener('abort', end);
  try {
    const start = await nextMessage<ScenarioStart | ScenarioReport>(worker, LOAD_LIMIT_MS);
    if (start instanceof Error) throw start;
    if (!('realMs' in start)) return runOf(start);
    onStart?.();
    const report = await nextMessage<ScenarioReport>(worker, start.realMs + GRACE_MS);
    if (stop?.aborted === true) return lostRun(start, order.seed, `${String(stop.reason)} ended the run`);
    if (!(report instanceof Error)) return runOf(report);
    const why = `the script has ended its thread, or holds it without waiting beyond its limit of ${start.realMs / 1_000} s`;
    return lostRun(start, order.seed, `${report.message}: ${why}`);
  } finally {
    stop?.removeEventListener('abort', end);
    await worker.terminate();
  }
}

function runOf(report: ScenarioReport): ScenarioRun {
  if ('usage' in report) throw new UsageError(report.usage);
  if ('broken' in report) throw new Error(report.broken);
  return report;
}
