import { resetArena } from '../../shared/arena';
import { UsageError } from '../../shared/errors';
import type { Bench } from '../inline/bench';
import { tryDump } from '../evidence/dump/writeDump';
import type { ScenarioOrder, ScenarioRun } from '../api/order';
import { recordOfReports } from '../evidence/trace/reportTrace';
import type { ScenarioResult } from '../api/result';
import type { Scenario } from '../api/scenario';
import type { TrafficTotals } from '../traffic/totals';
import type { MemoryBuild } from '../runtime/worker';
import { ThreadBench } from './bench';

const BUILDS: readonly MemoryBuild[] = ['plain', 'watched'];

/** What only one thread with a virtual clock can note down. */
function refuseNotes({ record, keepEvidence = false }: Omit<ScenarioOrder, 'file'>): void {
  if (record || keepEvidence)
    throw new UsageError('packets are kept in mode inline only: leave out --pcap and --bundle');
}

/** By a setting of the scenario, where it has one of that name. */
function buildOf(settings: ReadonlyMap<string, string>): MemoryBuild {
  const named = settings.get('build') ?? 'plain';
  const build = BUILDS.find((known) => known === named);
  if (build === undefined) throw new UsageError(`build '${named}': expected ${BUILDS.join(' or ')}`);
  return build;
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** What ended the body early; a UsageError is the caller's to see. */
async function errorOf(bench: ThreadBench, scenario: Scenario): Promise<string | null> {
  try {
    // The scenario keeps to what all modes have (`CommonBench`), for it offers this one.
    await scenario.body(bench as unknown as Bench);
    await bench.settle();
    bench.checkAccounts();
    return null;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    return textOf(error);
  }
}

/** Accounts and balance, as far as those can be asked who know of them. */
function balanceOf(bench: ThreadBench): Partial<TrafficTotals> & Pick<ScenarioResult, 'ports'> {
  try {
    return { ...bench.traffic(), ports: bench.accounts() };
  } catch {
    // What ended one of them is the result.
    return { ports: [] };
  }
}

/**
 * Runs a scenario in mode threads: this thread is its caller.
 * @param settings the scenario's, defaults filled in.
 * @throws UsageError for bad settings, or for wishes that this mode does not fulfil.
 */
export async function runThreads(
  scenario: Scenario,
  settings: ReadonlyMap<string, string>,
  order: Omit<ScenarioOrder, 'file'>,
): Promise<ScenarioRun> {
  refuseNotes(order);
  const build = buildOf(settings);
  resetArena();
  const bench = new ThreadBench({ seed: order.seed, settings, build, print: process.stdout });
  let ends: Error[] = [];
  let error: string | null;
  let balance: ReturnType<typeof balanceOf>;
  let noDump: string | null = null;
  let dumped = false;
  try {
    error = await errorOf(bench, scenario);
    balance = balanceOf(bench);
    if (order.dump !== undefined && (error !== null || bench.expectations.some(({ ok }) => !ok))) {
      // As long as its threads are there, and what they hold.
      const run = {
        scenario: scenario.name,
        seed: order.seed,
        mode: 'threads',
        verdict: error === null ? 'fail' : 'error',
      };
      noDump = tryDump(order.dump, { ...run, settings: Object.fromEntries(settings), atMs: bench.crew.clock.nowMs() });
      dumped = noDump === null;
    }
  } finally {
    ends = await bench.close();
  }
  // What ended the body is most often what ended a thread.
  const late = ends.map(textOf).filter((text) => text !== error);
  if (error === null) bench.expect('every port closes and every thread ends in order', late, []);
  const failed = bench.expectations.some(({ ok }) => !ok);
  const result: ScenarioResult = {
    scenario: scenario.name,
    seed: order.seed,
    mode: 'threads',
    verdict: error !== null ? 'error' : failed ? 'fail' : 'pass',
    ...balance,
    expectations: bench.expectations,
    migrations: bench.migrations,
  };
  const details = [...bench.details, ...(error === null ? [] : [error, ...late]), ...(noDump === null ? [] : [noDump])];
  const trace = order.trace === true ? recordOfReports(bench.migrations, bench.crew.clock.nowMs()) : null;
  return { result, details, pcap: null, evidence: null, trace, dumped };
}
