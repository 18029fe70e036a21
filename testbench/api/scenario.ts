import type { Mode } from './result';

/** A value that a user may set with `--set KEY=VALUE`. */
export interface Setting {
  readonly default: string;
  readonly about: string;
}

/** How long a scenario may take before it ends with an error. */
export interface TimeLimits {
  /** Of the virtual clock, where the mode has one. Default 3,600,000. */
  readonly virtualMs?: number;
  /** Of real time. Default 600,000. */
  readonly realMs?: number;
}

export interface ScenarioText {
  /** Name in results: by convention that of the file, without its extension. */
  readonly name: string;
  /** One line that says what the scenario shows. */
  readonly about: string;
  /** Modes in which the scenario can run, the default first. Default `inline` only. */
  readonly modes?: readonly Mode[];
  readonly settings?: Readonly<Record<string, Setting>>;
  readonly limits?: TimeLimits;
  /** Ports that `--pcap` records, in this order; every port if this is left out. */
  readonly record?: readonly string[];
}

/** A script that sets up a network, lets traffic run, and says what it expects. `B` is the bench that its modes offer. */
export interface Scenario<B = never> extends ScenarioText {
  readonly body: (bench: B) => Promise<void>;
}

/** The modes that a scenario can run in, the default first. */
export function modesOf({ modes = ['inline'] }: ScenarioText): readonly Mode[] {
  return modes;
}

/** Checks the form only, because a script may have loaded another copy of the package. */
function isScenario(value: unknown): value is Scenario {
  const { name, about, body } = (value ?? {}) as Partial<Record<keyof Scenario, unknown>>;
  return typeof name === 'string' && typeof about === 'string' && typeof body === 'function';
}

/** The scenario among a module's exports, if there is one. */
export function scenarioAmong(exported: object): Scenario | undefined {
  return Object.values(exported as Readonly<Record<string, unknown>>).find(isScenario);
}
