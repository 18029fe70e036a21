import { readdirSync, statSync } from 'node:fs';
import { dirname, extname, join, relative, resolve } from 'node:path';
import { UsageError } from '../../shared/errors';
import { didYouMean } from '../../shared/nearest';
import { importScript, requireScript, SCRIPT_ENDINGS } from '../runtime/loadScript';
import { codeRoot, runsFromSource } from '../runtime/package';
import { scenarioAmong, type Scenario } from '../api/scenario';

function folder(): string {
  return join(codeRoot(), 'scenarios');
}

/** Names of the package's scenarios, sorted. */
export function scenarioNames(): string[] {
  const ending = runsFromSource ? '.ts' : '.js';
  return readdirSync(folder(), { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending) && !entry.name.endsWith('.d.ts'))
    .map((entry) => entry.name.slice(0, -ending.length))
    .sort();
}

/** Paths of the scripts in the folder of a path, as the user would write them; empty where there is no such folder. */
function scriptsBeside(path: string): string[] {
  try {
    return readdirSync(dirname(path))
      .filter((name) => SCRIPT_ENDINGS.includes(extname(name)) && !/\.d\.c?ts$/.test(name))
      .map((name) => `./${relative('.', join(dirname(path), name))}`);
  } catch {
    return [];
  }
}

/** Tells whether a scenario of the package has this name. */
export function isOfPackage(nameOrPath: string): boolean {
  return scenarioNames().includes(nameOrPath);
}

/**
 * Finds the file of a scenario.
 * @param nameOrPath name of a scenario of the package, or path of any script.
 * @throws UsageError where there is no such file.
 */
export function scenarioFile(nameOrPath: string): string {
  if (isOfPackage(nameOrPath)) return join(folder(), `${nameOrPath}${runsFromSource ? '.ts' : '.js'}`);
  const path = resolve(nameOrPath);
  const isScript = SCRIPT_ENDINGS.includes(extname(nameOrPath));
  if (isScript && statSync(path, { throwIfNoEntry: false })?.isFile() === true) return path;
  const found = isScript ? 'there is no such file' : 'unknown scenario';
  const names = scenarioNames();
  const expected = `expected one of ${names.join(', ')}, or the path of a script (${SCRIPT_ENDINGS.join(' ')})`;
  const near = isScript ? scriptsBeside(path) : names;
  throw new UsageError(`${found} '${nameOrPath}': ${didYouMean(nameOrPath, near, expected)}`);
}

function scenarioIn(file: string, exported: object): Scenario {
  const found = scenarioAmong(exported);
  if (found === undefined)
    throw new UsageError(`${file}: expected 'export const NAME = scenario({ name, about }, async (bench) => { ... })'`);
  return found;
}

/**
 * Loads a scenario from a CommonJS file, which those of the package are.
 * @throws UsageError where the file can't be loaded as a script, or exports no scenario.
 */
export function loadScenario(file: string): Scenario {
  return scenarioIn(file, requireScript(file));
}

/** Loads a scenario from any script, also an ES module. @throws UsageError as `loadScenario` does. */
export async function importScenario(file: string): Promise<Scenario> {
  return scenarioIn(file, await importScript(file));
}
