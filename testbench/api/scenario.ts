import type { Mode } from './result';

/** A value that a user may set with `--set KEY=VALUE`. */
export interface Setting {
  /** Value where the user sets none. Values are text; the scenario parses them. */
  readonly default: string;
  /** One line for `avp run --list` and the reference: meaning, unit, range. */
  readonly about: string;
}

/** Time limits of a scenario. A scenario that exceeds one ends with an error. */
export interface TimeLimits {
  /**
   * Limit on the virtual clock, in modes that have one.
   * @defaultValue 3_600_000
   * @range above 0
   */
  readonly virtualMs?: number;
  /**
   * Limit on real time. `--timeout` of `avp run` overrides it.
   * @defaultValue 600_000
   * @range above 0
   */
  readonly realMs?: number;
}

/** Description of a scenario, from its own file. */
export interface ScenarioText {
  /** Name in results: by convention that of the file, without its extension. */
  readonly name: string;
  /** One line that says what the scenario shows. */
  readonly about: string;
  /**
   * Modes in which the scenario can run, the first one unless the user asks for another.
   * @defaultValue ['inline']
   */
  readonly modes?: readonly Mode[];
  /**
   * Settings that the user may change with `--set KEY=VALUE`, by key. The body asks for them with `bench.setting(key)`.
   * @defaultValue none
   */
  readonly settings?: Readonly<Record<string, Setting>>;
  /**
   * Time limits of the scenario. A scenario that exceeds one ends with an error.
   * @defaultValue those of `TimeLimits`
   */
  readonly limits?: TimeLimits;
  /**
   * Names of the ports that `--pcap` records, `INSTANCE/NETWORK`, in this order.
   * @defaultValue every port
   */
  readonly record?: readonly string[];
}

/** A script that sets up a network, lets traffic run, and says what it expects. `B` is the bench that its modes offer. */
export interface Scenario<B = never> extends ScenarioText {
  /** The script. Its mode makes the bench that it gets. */
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
