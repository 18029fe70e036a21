import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Bench } from '../inline/bench';
import { codeRoot, sourceArguments } from '../runtime/package';

/** A value that a user may set with `--set KEY=VALUE`. */
export interface Setting {
  readonly default: string;
  readonly about: string;
}

export interface ScenarioText {
  /** The name of its file, without the ending. */
  readonly name: string;
  /** What it shows, in one line. */
  readonly about: string;
  readonly settings?: Readonly<Record<string, Setting>>;
  /** Ports that `--pcap` records, in this order; every port where none are named. */
  readonly record?: readonly string[];
}

/** A script that sets up a network, lets traffic run, and says what it expects. */
export interface Scenario extends ScenarioText {
  readonly body: (bench: Bench) => Promise<void>;
}

/** By its form, because a script may have loaded another copy of the package. */
function isScenario(value: unknown): value is Scenario {
  const { name, about, body } = (value ?? {}) as Partial<Record<keyof Scenario, unknown>>;
  return typeof name === 'string' && typeof about === 'string' && typeof body === 'function';
}

/** The scenario among a module's exports, if there is one. */
export function scenarioAmong(exported: object): Scenario | undefined {
  return Object.values(exported as Readonly<Record<string, unknown>>).find(isScenario);
}

/**
 * Declares the scenario of a file; the file exports it under any name. A file that is started by
 * itself (`npx ts-node scenarios/NAME.ts`) runs as `avp run` runs it, with the same options.
 */
export function scenario(text: ScenarioText, body: (bench: Bench) => Promise<void>): Scenario {
  const result: Scenario = { ...text, body };
  // Only once the file has been read to its end is it known what it exports.
  setImmediate(() => {
    const { main } = require;
    if (main !== undefined && scenarioAmong(main.exports as object) === result) runAsCommand(main.filename);
  });
  return result;
}

function runAsCommand(file: string): void {
  const command = join(codeRoot(), 'cli', 'avp');
  const args = [...sourceArguments(), command, 'run', file, ...process.argv.slice(2)];
  process.exitCode = spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 2;
}
