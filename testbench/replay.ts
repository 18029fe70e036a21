/** What other projects import as `avp-testbench/replay`: the tests in a bundle do. */
import type { Engine } from '../shared/engine';
import { BenchError } from '../shared/errors';
import type { FaultOrder } from './api/faults';
import type { Mode } from './api/result';
import { findClause } from './conformance/registry';
import { runClauses } from './conformance/runner';
import { scenarioFile } from './run/findScenario';
import { launchScenario } from './run/launch';
import type { PeerSettings } from './targets/dpdk/target';
import { DEFAULT_TARGET, TARGET_NAMES, targetNamed } from './targets/names';

/** Thrown by a replay that ends with the failure again. The message says how it ended. */
export class FailureReproduced extends BenchError {
  constructor(what: string, verdict: string, detail: string) {
    super('REPRODUCED', `${what} ended with ${verdict}\n${detail}`);
  }
}

export interface ClauseReplay {
  readonly id: string;
  readonly seed: number;
  /** Driver under test. Default: `avp`, the driver of this package. */
  readonly target?: string;
  /** Build of the C driver to use. Has no effect on the target `avp`. */
  readonly peer?: PeerSettings;
  /** Default: `ts`, on watched memory. */
  readonly engine?: Engine;
}

/**
 * Runs one clause as `avp conform` does.
 * @throws FailureReproduced if it does not pass.
 * @throws Error if the clause or the target is unknown.
 */
export async function replayClause({
  id,
  seed,
  target = DEFAULT_TARGET,
  peer = {},
  engine = 'ts',
}: ClauseReplay): Promise<void> {
  const name = targetNamed(target);
  if (name === undefined) throw new Error(`no target ${target}: expected ${TARGET_NAMES.join(', ')}`);
  const settings = { target: name, peer, engine, seed, repeat: 1, bail: false, print: process.stderr };
  const [result] = await runClauses([findClause(id)], settings);
  if (result!.verdict !== 'pass') throw new FailureReproduced(`clause ${id}`, result!.verdict, result!.detail);
}

export interface ScenarioReplay {
  /** Name of a scenario of the package, or a path relative to the working directory. */
  readonly scenario: string;
  readonly seed: number;
  /** Default: the scenario's first. */
  readonly mode?: Mode;
  readonly settings?: Readonly<Record<string, string>>;
  /** Faults to put before the scenario's body runs. */
  readonly faults?: readonly FaultOrder[];
  /** Default: the mode's own. */
  readonly engine?: Engine;
}

/**
 * Runs a scenario as `avp run` does.
 * @throws FailureReproduced if it does not pass.
 * @throws UsageError if there is no such scenario, mode, engine or setting.
 */
export async function replayScenario({
  scenario,
  seed,
  mode,
  engine,
  settings = {},
  faults = [],
}: ScenarioReplay): Promise<void> {
  const file = scenarioFile(scenario);
  const choice = { ...(mode === undefined ? {} : { mode }), ...(engine === undefined ? {} : { engine }) };
  const order = { file, seed, ...choice, settings: new Map(Object.entries(settings)), faults, record: false };
  const { result, details } = await launchScenario(order, process.stderr);
  if (result.verdict !== 'pass')
    throw new FailureReproduced(`scenario ${result.scenario}`, result.verdict, details.join('\n'));
}
