import { resetArena } from '../../shared/arena';
import { UsageError } from '../../shared/errors';
import { resetInterruptHandlers } from '../../shared/pci';
import { Bench } from './bench';
import type { ScenarioResult } from './result';
import type { Scenario } from './scenario';
import type { ScenarioOrder, ScenarioRun } from './order';

/** Fills in defaults. @throws UsageError for a setting that the scenario does not have. */
function settingsOf(scenario: Scenario, given: ReadonlyMap<string, string>): Map<string, string> {
  const known = Object.entries(scenario.settings ?? {});
  for (const key of given.keys())
    if (!known.some(([name]) => name === key)) {
      const names = known.map(([name]) => name).join(', ');
      throw new UsageError(`scenario '${scenario.name}' has no setting '${key}'; it has ${names === '' ? 'none' : names}`);
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

/**
 * Runs a scenario in this thread, inline: one clock, one seed, the same result each time.
 * @throws UsageError for bad settings or files.
 */
export async function runScenario(
  scenario: Scenario,
  { seed, settings, record, keepEvidence = false }: Omit<ScenarioOrder, 'file'>,
): Promise<ScenarioRun> {
  resetArena();
  resetInterruptHandlers();
  const names = scenario.record ?? null;
  const bench = new Bench(seed, settingsOf(scenario, settings), record ? { names } : null, keepEvidence);
  try {
    const error = await errorOf(bench, scenario);
    if (error === null) bench.checkAccounts();
    const failed = bench.expectations.some(({ ok }) => !ok);
    const result: ScenarioResult = {
      scenario: scenario.name,
      seed,
      mode: 'inline',
      verdict: error !== null ? 'error' : failed ? 'fail' : 'pass',
      expectations: bench.expectations,
      ports: bench.accounts(),
      migrations: [],
    };
    const details = error === null ? bench.details : [...bench.details, error];
    return { result, details, pcap: bench.recordingBytes(), evidence: bench.evidenceKept() };
  } finally {
    bench.close();
  }
}
