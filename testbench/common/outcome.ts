import type { Engine } from '../../shared/engine';
import { UsageError } from '../../shared/errors';
import type { ArenaImage } from '../../shared/arenaImage';
import type { FaultReport } from '../api/faults';
import type { Expectation, Mode, ScenarioResult, TrafficTotals, Verdict } from '../api/result';
import { tryDump } from '../evidence/dump/writeDump';
import type { ScenarioContext } from './context';
import type { RunOrder } from './order';

/** One run of a scenario. */
export interface ScenarioInRun {
  readonly scenario: string;
  readonly mode: Mode;
  /** Engine of driver and host: TypeScript or WebAssembly. */
  readonly engine: Engine;
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

/** The arena at a moment of a run. */
export interface MemoryMoment {
  /** Left out where the arena is to be read as it is now. */
  readonly image?: ArenaImage;
  /** The run's time. */
  readonly atMs: number;
}

/** Outcome of writing a dump. */
export interface Dumped {
  /** The memory was written. */
  readonly dumped: boolean;
  /** Why it could not be written, null where it was or was not asked for. */
  readonly problem: string | null;
}

/** Writes the memory of a run at its first failure, before anything is torn down, if the order asks for it. */
export class FailureDump {
  private outcome: Dumped | null = null;

  /** @param moment gives the memory at the time of the call. */
  constructor(
    private readonly run: ScenarioInRun,
    private readonly moment: () => MemoryMoment,
  ) {}

  /** To be called for each expectation, after it was recorded. */
  expectation({ ok }: Expectation): void {
    if (!ok) this.outcome ??= this.write(null);
  }

  /**
   * To be called before tear-down with the error that ended the run, null for none. Writes nothing where the run has
   * failed before, and nothing is written after it.
   */
  end(error: string | null): Dumped {
    this.outcome ??= this.write(error) ?? { dumped: false, problem: null };
    return this.outcome;
  }

  private write(error: string | null): Dumped | null {
    const { scenario, mode, engine, settings, order, context } = this.run;
    const verdict = verdictOf(error, context);
    if (order.dump === undefined || verdict === 'pass') return null;
    const { image, atMs } = this.moment();
    const run = { scenario, seed: order.seed, mode, engine, verdict, settings: Object.fromEntries(settings), atMs };
    const problem = tryDump(order.dump, run, image);
    return { dumped: problem === null, problem };
  }
}

/** Makes the result of a run that has ended. */
export function resultOf(
  { scenario, mode, engine, order, context }: ScenarioInRun,
  error: string | null,
  { ports, ...totals }: TrafficOutcome,
  migrations: ScenarioResult['migrations'],
  faults: readonly FaultReport[] = [],
): ScenarioResult {
  return {
    scenario,
    seed: order.seed,
    mode,
    engine,
    verdict: verdictOf(error, context),
    ...totals,
    expectations: context.expectations,
    ports,
    migrations,
    ...(faults.length === 0 ? {} : { faults }),
  };
}
