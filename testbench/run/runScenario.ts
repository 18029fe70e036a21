import { resetArena } from '../../shared/arena';
import { UsageError } from '../../shared/errors';
import { resetInterruptHandlers } from '../../shared/pci';
import { Bench } from '../inline/bench';
import { tryDump } from '../evidence/dump/writeDump';
import type { ScenarioResult } from '../api/result';
import type { Scenario } from '../api/scenario';
import type { ScenarioOrder, ScenarioRun } from '../api/order';
import { runThreads } from '../threads/runThreads';

/** Fills in defaults. @throws UsageError for a setting that the scenario does not have. */
function settingsOf(scenario: Scenario, given: ReadonlyMap<string, string>): Map<string, string> {
  const known = Object.entries(scenario.settings ?? {});
  for (const key of given.keys())
    if (!known.some(([name]) => name === key)) {
      const names = known.map(([name]) => name).join(', ');
      throw new UsageError(
        `scenario '${scenario.name}' has no setting '${key}'; it has ${names === '' ? 'none' : names}`,
      );
    }
  return new Map(known.map(([name, setting]) => [name, given.get(name) ?? setting.default]));
}

/** What ended the body early; a UsageError is the caller's to see. */
async function errorOf(bench: Bench, scenario: Scenario): Promise<string | null> {
  try {
    await scenario.body(bench);
    await bench.settle();
    return null;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

/** Writes the memory of a run that did not pass; gives what kept it from being written. */
function dump(
  folder: string,
  bench: Bench,
  settings: ReadonlyMap<string, string>,
  { scenario, seed, mode, verdict }: ScenarioResult,
): string | null {
  return tryDump(folder, {
    scenario,
    seed,
    mode,
    verdict,
    settings: Object.fromEntries(settings),
    atMs: bench.clock.nowMs(),
  });
}

/** Runs a scenario in this thread, inline: one clock, one seed, the same result each time. */
async function runInline(
  scenario: Scenario,
  settings: ReadonlyMap<string, string>,
  { seed, record, keepEvidence = false, trace = false, dump: folder }: Omit<ScenarioOrder, 'file'>,
): Promise<ScenarioRun> {
  resetArena();
  resetInterruptHandlers();
  const names = scenario.record ?? null;
  const bench = new Bench(seed, settings, record ? { names } : null, { failure: keepEvidence, trace });
  try {
    const error = await errorOf(bench, scenario);
    if (error === null) bench.checkAccounts();
    const failed = bench.expectations.some(({ ok }) => !ok);
    const result: ScenarioResult = {
      scenario: scenario.name,
      seed,
      mode: bench.mode,
      verdict: error !== null ? 'error' : failed ? 'fail' : 'pass',
      ...bench.balance(),
      expectations: bench.expectations,
      ports: bench.accounts(),
      migrations: bench.migrations,
    };
    const dumping = folder !== undefined && result.verdict !== 'pass';
    const noDump = dumping ? dump(folder, bench, settings, result) : null;
    const details = [...bench.details, ...[error, noDump].filter((text) => text !== null)];
    const kept = { pcap: bench.recordingBytes(), evidence: bench.evidenceKept(), trace: bench.traceKept() };
    return { result, details, ...kept, dumped: dumping && noDump === null };
  } finally {
    bench.close();
  }
}

/**
 * Runs a scenario, called from this thread: inline, or in threads of its own where its setting
 * `mode` says so.
 * @throws UsageError for bad settings or files.
 */
export async function runScenario(scenario: Scenario, order: Omit<ScenarioOrder, 'file'>): Promise<ScenarioRun> {
  const settings = settingsOf(scenario, order.settings);
  const mode = settings.get('mode') ?? 'inline';
  if (mode === 'inline') return runInline(scenario, settings, order);
  if (mode === 'threads') return runThreads(scenario, settings, order);
  throw new UsageError(`mode '${mode}' of scenario '${scenario.name}': expected inline or threads`);
}
