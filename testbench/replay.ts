/**
 * The entry `avp-testbench/replay`, which the test file in a bundle imports to reproduce a failure.
 * @module avp-testbench/replay
 */
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

export type { PeerSettings };

/** Thrown by a replay that ends with the failure again. The message says how it ended. */
export class FailureReproduced extends BenchError {
  constructor(what: string, verdict: string, detail: string) {
    super('REPRODUCED', `${what} ended with ${verdict}\n${detail}`);
  }
}

/** A clause to run again. */
export interface ClauseReplay {
  /** Id of the clause, `CHAPTER/NUMBER`. */
  readonly id: string;
  /**
   * Seed of the run that failed.
   * @unit none
   */
  readonly seed: number;
  /**
   * Driver under test. `avp` is the driver of this package.
   * @defaultValue 'avp'
   */
  readonly target?: string;
  /**
   * Build of the C driver to use. Has no effect on the target `avp`.
   * @defaultValue the one that the target names
   */
  readonly peer?: PeerSettings;
  /**
   * Engine of driver and host; `ts` is on watched memory.
   * @defaultValue 'ts'
   */
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

/** A scenario to run again. */
export interface ScenarioReplay {
  /** Name of a scenario of the package, or a path relative to the working directory. */
  readonly scenario: string;
  /**
   * Seed of the run that failed.
   * @unit none
   */
  readonly seed: number;
  /**
   * Mode of the run.
   * @defaultValue the scenario's first
   */
  readonly mode?: Mode;
  /**
   * Settings of the scenario, by key, as text.
   * @defaultValue the scenario's own
   */
  readonly settings?: Readonly<Record<string, string>>;
  /**
   * Faults to put before the scenario's body runs.
   * @defaultValue none
   */
  readonly faults?: readonly FaultOrder[];
  /**
   * Engine of driver and host.
   * @defaultValue the mode's own
   */
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
