import { UsageError } from '../../shared/errors';
import type { Mode, ScenarioResult, TrafficTotals, Verdict } from '../api/result';
import { tryDump } from '../evidence/dump/writeDump';
import type { ScenarioContext } from './context';
import type { RunOrder } from './order';

/** One run of a scenario. */
export interface ScenarioInRun {
  readonly scenario: string;
  readonly mode: Mode;
  /** The scenario's settings, with defaults filled in. */
  readonly settings: ReadonlyMap<string, string>;
  readonly order: RunOrder;
  readonly context: ScenarioContext;
}

/** The accounts of all ports at the end of a run. Totals only if the mode and the network can tell them. */
export interface TrafficOutcome extends Partial<TrafficTotals>, Pick<ScenarioResult, 'ports'> {}

export function errorText(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Runs a scenario's body. Returns the text of the error that ended it early, null if none did. @throws UsageError */
export async function errorOf(body: () => Promise<void>): Promise<string | null> {
  try {
    await body();
    return null;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    return errorText(error);
  }
}

function verdictOf(error: string | null, { failed }: ScenarioContext): Verdict {
  if (error !== null) return 'error';
  return failed ? 'fail' : 'pass';
}

/** Writes the memory of a run that has not passed, if the order asks for it. */
export function dumpFailure(
  { scenario, mode, settings, order, context }: ScenarioInRun,
  error: string | null,
  atMs: number,
): { readonly dumped: boolean; readonly problem: string | null } {
  const verdict = verdictOf(error, context);
  if (order.dump === undefined || verdict === 'pass') return { dumped: false, problem: null };
  const run = { scenario, seed: order.seed, mode, verdict, settings: Object.fromEntries(settings), atMs };
  const problem = tryDump(order.dump, run);
  return { dumped: problem === null, problem };
}

/** Makes the result of a run that has ended. */
export function resultOf(
  { scenario, mode, order, context }: ScenarioInRun,
  error: string | null,
  { ports, ...totals }: TrafficOutcome,
  migrations: ScenarioResult['migrations'],
): ScenarioResult {
  return {
    scenario,
    seed: order.seed,
    mode,
    verdict: verdictOf(error, context),
    ...totals,
    expectations: context.expectations,
    ports,
    migrations,
  };
}
