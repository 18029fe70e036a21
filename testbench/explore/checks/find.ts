import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { UsageError } from '../../../shared/errors';
import { didYouMean } from '../../../shared/nearest';
import type { Check } from './check';
import { worldOf } from './checkOf';
import { CHECKS } from './index';

/** A check of another project: the first that a file exports. */
function checkInFile(file: string): Check {
  const path = resolve(file);
  if (!existsSync(path)) throw new UsageError(`${file}: there is no such file`);
  const module = path.replace(/\.ts$/, '');
  return { name: file, description: `the check in ${file}`, make: (options) => worldOf(module, null, options) };
}

/**
 * Finds a check of this package by its name, or one of another project by the path of its TypeScript file.
 * @throws UsageError for a name that no check has, and for a file that is not there.
 */
export function findCheck(name: string): Check {
  if (name.endsWith('.ts')) return checkInFile(name);
  const found = CHECKS.find((check) => check.name === name);
  if (found === undefined) {
    const names = CHECKS.map((check) => check.name);
    const expected = `expected ${names.join(', ')}, or the path of a .ts file`;
    throw new UsageError(`no check is called '${name}': ${didYouMean(name, names, expected)}`);
  }
  return found;
}
