import type { Engine } from '../../shared/engine';
import { UsageError } from '../../shared/errors';
import { engineHere } from '../../shared/wasm/load';
import type { Bench } from '../api/bench';
import type { Mode } from '../api/result';
import { modesOf, type Scenario } from '../api/scenario';
import type { LocalOrder, ScenarioRun } from '../common/order';
import { INLINE_LACKS, STEPPED_LACKS, THREADS_LACKS } from '../faults/lacking';
import { faultRefusal } from '../faults/orders';
import { runHere } from '../common/runHere';
import { InlineBench } from '../inline/bench';
import { SteppedBench } from '../stepped/bench';
import { defaultEngine } from '../runtime/engine';
import { runThreads } from '../threads/runThreads';

/** The bench that a scenario gets which declares these modes: it offers what all of them have. */
export type BenchOf<M extends Mode> = [M] extends ['inline']
  ? InlineBench
  : [M] extends ['inline' | 'threads']
    ? Bench
    : [M] extends ['stepped']
      ? SteppedBench
      : never;

/** A way to run scenarios. */
interface ModeEntry<M extends Mode> {
  /** Why it can't carry an order out, null where it can. */
  refusal(order: LocalOrder): string | null;
  /** Returns the engine of driver and host for an order that this thread carries out. */
  engine(order: LocalOrder): Engine;
  run(scenario: Scenario<BenchOf<M>>, settings: ReadonlyMap<string, string>, order: LocalOrder): Promise<ScenarioRun>;
}

/** The registry: a new mode is a name in `MODES` and an entry here. */
const ENTRIES: { readonly [M in Mode]: ModeEntry<M> } = {
  inline: {
    refusal: ({ faults }) => faultRefusal(faults, INLINE_LACKS),
    engine: () => engineHere('driver'),
    run: (scenario, settings, order) => runHere(scenario, 'inline', settings, order, (parts) => new InlineBench(parts)),
  },
  threads: {
    refusal: ({ record, keepEvidence = false, faults }) =>
      record || keepEvidence
        ? 'it keeps no packets: leave out --pcap and --bundle'
        : faultRefusal(faults, THREADS_LACKS),
    engine: ({ engine = defaultEngine() }) => engine,
    run: (scenario, settings, order) => runThreads(scenario, settings, order),
  },
  stepped: {
    refusal: ({ engine, faults }) =>
      engine === 'wasm'
        ? 'it stops at accesses to memory, which compiled loops do not show: leave out --engine, or use --engine ts'
        : faultRefusal(faults, STEPPED_LACKS),
    engine: () => 'ts',
    run: (scenario, settings, order) =>
      runHere(scenario, 'stepped', settings, order, (parts) => new SteppedBench(parts)),
  },
};

/** A scenario that declares a mode has a body for that mode's bench: `scenario` requires it. */
function offers<M extends Mode>(scenario: Scenario, mode: M): scenario is Scenario<BenchOf<M>> {
  return modesOf(scenario).includes(mode);
}

/** @throws UsageError where the scenario does not offer the mode, or the mode can't carry the order out. */
export function requireMode<M extends Mode>(
  mode: M,
  scenario: Scenario,
  order: LocalOrder,
): asserts scenario is Scenario<BenchOf<M>> {
  if (!offers(scenario, mode))
    throw new UsageError(
      `scenario '${scenario.name}' does not offer mode '${mode}': expected ${modesOf(scenario).join(' or ')}`,
    );
  const refusal = ENTRIES[mode].refusal(order);
  if (refusal !== null) throw new UsageError(`mode '${mode}': ${refusal}`);
}

/** Returns how driver and host run when a mode carries an order out, called from this thread. */
export function engineIn(mode: Mode, order: LocalOrder): Engine {
  return ENTRIES[mode].engine(order);
}

/**
 * Runs a scenario in a mode.
 * @param settings the scenario's, with defaults filled in.
 * @throws UsageError where the scenario does not offer the mode, or the mode can't carry the order out.
 */
export async function runInMode<M extends Mode>(
  mode: M,
  scenario: Scenario,
  settings: ReadonlyMap<string, string>,
  order: LocalOrder,
): Promise<ScenarioRun> {
  requireMode(mode, scenario, order);
  return ENTRIES[mode].run(scenario, settings, order);
}
