import { resetArena } from '../../shared/arena';
import { VirtualClock } from '../../shared/clock';
import { resetInterruptHandlers } from '../../shared/pci';
import { engineHere } from '../../shared/wasm/load';
import type { FaultReport } from '../api/faults';
import type { TrialOrder, TrialReport } from '../api/trial';
import type { MigrationReport, Mode } from '../api/result';
import type { Scenario } from '../api/scenario';
import { ScenarioContext } from './context';
import type { LocalOrder, ScenarioRun } from './order';
import { FailureDump, type MemoryMoment, resultOf, type TrafficOutcome } from './outcome';
import { RunRecords } from './records';
import { supervise } from './supervise';

/** The parts of a bench that runs in the calling thread, in virtual time. */
export interface BenchParts {
  readonly context: ScenarioContext;
  readonly records: RunRecords;
  readonly clock: VirtualClock;
}

/** The part of the faults of a bench that the runner uses. */
export interface OrderedFaults {
  /** @throws UsageError */
  addGiven(name: string, parameters: Readonly<Record<string, unknown>>): unknown;
  readonly reports: readonly FaultReport[];
}

/** A trial that has begun. */
export interface RunningTrial {
  /** Runs the scenario's body. */
  during(body: () => Promise<void>): Promise<void>;
  conclude(): Promise<TrialReport>;
}

/** A bench that runs in the calling thread, as the runner sees it. */
export interface LocalBench {
  readonly migrations: readonly MigrationReport[];
  /** Left out by a bench that offers no faults. */
  readonly faults?: OrderedFaults;
  /** Begins a trial. Left out by a bench that offers none. @throws UsageError */
  beginTrial?(order: TrialOrder): RunningTrial;
  /** Lets traffic settle after the scenario's body and checks the accounts of every port. */
  conclude(): Promise<void>;
  /** Returns the frame accounts of all ports. */
  outcome(): TrafficOutcome;
  /** The memory that belongs to a failure now. Left out by a bench whose memory is the arena as it is. */
  memory?(): MemoryMoment | null;
  /** Ends the bench after a run, also one that has failed. */
  close(): void;
}

/** The scenario with its body in a trial. What it expects does not matter there, not even whether it expects anything. */
function inTrial<B>(scenario: Scenario<B>, trial: RunningTrial): Scenario<B> {
  return { ...scenario, body: (bench) => trial.during(() => scenario.body(bench)) };
}

/**
 * Runs a scenario on a bench in the calling thread. The same seed gives the same result each time.
 * @param settings the scenario's, with defaults filled in.
 * @throws UsageError for settings or files that the scenario refuses.
 */
export async function runHere<B extends LocalBench>(
  scenario: Scenario<B>,
  mode: Mode,
  settings: ReadonlyMap<string, string>,
  order: LocalOrder,
  makeBench: (parts: BenchParts) => B,
): Promise<ScenarioRun> {
  resetArena();
  resetInterruptHandlers();
  const clock = new VirtualClock();
  const records = new RunRecords(clock, order, scenario.record ?? null);
  let failedAtMs: number | null = null;
  const context = new ScenarioContext(order.seed, settings, (expectation, actual) => {
    if (!expectation.ok) failedAtMs ??= clock.nowMs();
    records.expectation(expectation, actual);
    dump.expectation(expectation);
  });
  const bench = makeBench({ context, records, clock });
  const run = { scenario: scenario.name, mode, engine: engineHere('driver'), settings, order, context };
  const dump = new FailureDump(run, () => bench.memory?.() ?? { atMs: clock.nowMs() });
  try {
    for (const { name, parameters } of order.faults ?? []) bench.faults?.addGiven(name, parameters);
    const trial = order.trial === undefined ? null : bench.beginTrial!(order.trial);
    let tried: TrialReport | null = null;
    const error = await supervise(
      { scenario: trial === null ? scenario : inTrial(scenario, trial), order, context, clock },
      bench,
      async () => {
        if (trial === null) await bench.conclude();
        else tried = await trial.conclude();
      },
    );
    if (error !== null) failedAtMs ??= clock.nowMs();
    const result = resultOf(run, error, bench.outcome(), bench.migrations, bench.faults?.reports);
    const { dumped, problem } = dump.end(error);
    const details = [...context.details, ...[error, problem].filter((text) => text !== null)];
    return { result, details, ...records.kept(), dumped, trial: tried, failedAtMs };
  } finally {
    bench.close();
  }
}
