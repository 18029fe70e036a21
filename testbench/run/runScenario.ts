import { UsageError } from '../../shared/errors';
import { didYouMean } from '../../shared/nearest';
import { type Mode, MODES } from '../api/result';
import { modesOf, type Scenario } from '../api/scenario';
import type { LocalOrder, ScenarioOrder, ScenarioRun } from '../common/order';
import { requireMode, runInMode } from './modes';

/** Order of a run that this thread carries out, with the scenario at hand. */
export interface LocalScenarioOrder extends LocalOrder, Omit<ScenarioOrder, 'file'> {}

/** @throws UsageError where a setting is called `mode`: that was how a mode was chosen once. */
function refuseModeSetting({ name, settings = {} }: Scenario, given: ReadonlyMap<string, string>): void {
  if (given.has('mode')) throw new UsageError(`'mode' is no setting: use --mode ${given.get('mode')}`);
  if ('mode' in settings)
    throw new UsageError(`scenario '${name}' declares a setting 'mode': declare modes: ['inline', 'threads'] instead`);
}

/**
 * Checks what can be checked before a scenario's body runs.
 * @throws UsageError for bad settings, and for a mode that the scenario does not offer or that can't do what is asked.
 */
export function requireRunnable(scenario: Scenario, order: LocalScenarioOrder): void {
  settingsOf(scenario, order.settings);
  requireMode(modeOf(scenario, order), scenario, order);
}

/** The mode of an order, or the scenario's first. @throws UsageError where the scenario declares none that there is. */
export function modeOf(scenario: Scenario, { mode }: Pick<ScenarioOrder, 'mode'>): Mode {
  return mode ?? defaultModeOf(scenario);
}

/** Fills in defaults. @throws UsageError for a setting that the scenario does not have. */
export function settingsOf(scenario: Scenario, given: ReadonlyMap<string, string>): Map<string, string> {
  refuseModeSetting(scenario, given);
  const known = Object.entries(scenario.settings ?? {});
  for (const key of given.keys())
    if (!known.some(([name]) => name === key)) {
      const names = known.map(([name]) => name);
      const expected = `it has ${names.join(', ') || 'none'}`;
      throw new UsageError(`scenario '${scenario.name}' has no setting '${key}': ${didYouMean(key, names, expected)}`);
    }
  return new Map(known.map(([name, setting]) => [name, given.get(name) ?? setting.default]));
}

/** @throws UsageError where a script without type checks declares something else than modes. */
function defaultModeOf(scenario: Scenario): Mode {
  const found = MODES.find((mode) => mode === modesOf(scenario)[0]);
  if (found === undefined)
    throw new UsageError(`scenario '${scenario.name}': expected modes to be a list of ${MODES.join(', ')}`);
  return found;
}

/**
 * Runs a scenario, called from this thread, in the mode of the order or in the scenario's first.
 * @throws UsageError for bad settings or files, and for a mode that the scenario does not offer.
 */
export async function runScenario(scenario: Scenario, order: LocalScenarioOrder): Promise<ScenarioRun> {
  const settings = settingsOf(scenario, order.settings);
  return runInMode(modeOf(scenario, order), scenario, settings, order);
}
