import { resetArena } from '../../shared/arena';
import type { Bench } from '../api/bench';
import type { FaultReport } from '../api/faults';
import type { Scenario } from '../api/scenario';
import { ScenarioContext } from '../common/context';
import type { LocalOrder, ScenarioRun } from '../common/order';
import {
  type Dumped,
  errorText,
  FailureDump,
  resultOf,
  type ScenarioInRun,
  type TrafficOutcome,
} from '../common/outcome';
import { supervise } from '../common/supervise';
import { recordOfReports } from '../evidence/trace/reportTrace';
import type { TraceRecord } from '../evidence/trace/traceRecord';
import { defaultEngine } from '../runtime/engine';
import type { MemoryBuild } from '../runtime/worker';
import { ThreadsBench } from './bench';

/** Reads accounts and totals. There are none if a thread that counts them has ended. */
function outcomeOf(bench: ThreadsBench): TrafficOutcome {
  try {
    return { ...bench.traffic(), ports: bench.accounts() };
  } catch {
    // The error that ended the thread is the result.
    return { ports: [] };
  }
}

/** Reads what became of faults. Nothing is known of them if the host's thread has ended. */
function faultsOf(bench: ThreadsBench): readonly FaultReport[] {
  try {
    return bench.faults.reports;
  } catch {
    return [];
  }
}

/** Reads the timeline. Of the devices nothing is known if the host's thread has ended. */
function timelineOf(bench: ThreadsBench): TraceRecord {
  try {
    return bench.timeline();
  } catch {
    return recordOfReports(bench.migrations, bench.nowMs);
  }
}

/**
 * Runs a scenario in mode threads; this thread is the caller of all others.
 * @param settings the scenario's, with defaults filled in.
 * @param build of the memory primitives on which the threads run.
 * @throws UsageError for settings or files that the scenario refuses.
 */
export async function runThreads(
  scenario: Scenario<Bench>,
  settings: ReadonlyMap<string, string>,
  order: LocalOrder,
  build: MemoryBuild = 'plain',
): Promise<ScenarioRun> {
  resetArena();
  const context = new ScenarioContext(order.seed, settings, (expectation) => memory.expectation(expectation));
  const engine = build === 'watched' ? 'ts' : (order.engine ?? defaultEngine());
  const run: ScenarioInRun = { scenario: scenario.name, mode: 'threads', engine, settings, order, context };
  const record = order.trace === true || order.page === true;
  const bench = new ThreadsBench(context, { build, engine, print: process.stdout }, { record });
  const memory = new FailureDump(run, () => ({ atMs: bench.nowMs }));
  let error: string | null;
  let outcome: TrafficOutcome;
  let faults: readonly FaultReport[] = [];
  let dump: Dumped;
  let trace: TraceRecord | null = null;
  let ends: Error[] = [];
  try {
    for (const { name, parameters } of order.faults ?? []) bench.faults.addGiven(name, parameters);
    error = await supervise<Bench>({ scenario, order, context, clock: null }, bench, async () => {
      await bench.settle();
      bench.checkAccounts();
    });
    outcome = outcomeOf(bench);
    faults = faultsOf(bench);
    trace = record ? timelineOf(bench) : null;
    // Before the threads end and release their memory.
    dump = memory.end(error);
  } finally {
    ends = await bench.close();
  }
  // The error that ended the body is most often the one that ended a thread.
  const late = ends.map(errorText).filter((text) => text !== error);
  if (error === null) context.expect('every port closes and every thread ends in order', late, [[]]);
  const result = resultOf(run, error, outcome, bench.migrations, faults);
  const errors = error === null ? [] : [error, ...late];
  const details = [...context.details, ...errors, ...(dump.problem === null ? [] : [dump.problem])];
  return { result, details, pcap: null, evidence: null, trace, dumped: dump.dumped };
}
