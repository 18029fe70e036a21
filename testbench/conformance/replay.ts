import { BenchError } from '../../shared/errors';
import { scenarioFile } from '../run/findScenario';
import { launchScenario } from '../run/launch';
import type { PeerSettings } from '../targets/dpdk/target';
import { DEFAULT_TARGET, TARGET_NAMES } from '../targets/names';
import { findClause } from './registry';
import { runClauses } from './runner';

/** What is thrown where the failure is still there; the message says what was found. */
export class FailureReproduced extends BenchError {
  constructor(what: string, verdict: string, detail: string) {
    super('REPRODUCED', `${what} ended with ${verdict}\n${detail}`);
  }
}

export interface ClauseReplay {
  readonly id: string;
  readonly seed: number;
  /** Default: the package's own driver. */
  readonly target?: string;
  /** Which build of the C driver, where that is the target. */
  readonly peer?: PeerSettings;
}

/**
 * Runs one clause as `avp conform` does.
 * @throws FailureReproduced where it does not pass, Error for an unknown clause or target.
 */
export async function replayClause({ id, seed, target = DEFAULT_TARGET, peer = {} }: ClauseReplay): Promise<void> {
  const name = TARGET_NAMES.find((known) => known === target);
  if (name === undefined) throw new Error(`no target ${target}: expected ${TARGET_NAMES.join(', ')}`);
  const settings = { target: name, peer, seed, repeat: 1, bail: false, print: process.stderr };
  const [result] = await runClauses([findClause(id)], settings);
  if (result!.verdict !== 'pass') throw new FailureReproduced(`clause ${id}`, result!.verdict, result!.detail);
}

export interface ScenarioReplay {
  /** A name from the package, or a path from the folder where the process runs. */
  readonly scenario: string;
  readonly seed: number;
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * Runs a scenario as `avp run` does.
 * @throws FailureReproduced where it does not pass, UsageError where there is no such scenario or setting.
 */
export async function replayScenario({ scenario, seed, settings = {} }: ScenarioReplay): Promise<void> {
  const file = scenarioFile(scenario);
  const order = { file, seed, settings: new Map(Object.entries(settings)), record: false };
  const { result, details } = await launchScenario(order, process.stderr);
  if (result.verdict !== 'pass')
    throw new FailureReproduced(`scenario ${result.scenario}`, result.verdict, details.join('\n'));
}
