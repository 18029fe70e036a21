import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { UsageError } from '../../shared/errors';
import { cacheFolders, writableCache } from './cacheFolder';
import { codeRoot, toolVersion } from './package';
import type * as typeProgram from './typeProgram';

const CACHE = 'checked-types';
const TYPESCRIPT = ['.ts', '.cts', '.mts'];
const CONFIGS = ['tsconfig.json', 'jsconfig.json'];

/** Files that were read for a check that found nothing, with a hash of the content of each. */
type Checked = Readonly<Record<string, string>>;

function hashOf(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex');
}

/** Name of a script's entry in the cache: everything that the check depends on, apart from the content of files. */
function entryName(script: string): string {
  const { version } = require('typescript/package.json') as { readonly version: string };
  return `${hashOf(script, toolVersion(), version, codeRoot(), nearestConfig(script) ?? '')}.json`;
}

function nearestConfig(script: string): string | null {
  for (let folder = dirname(script); ; folder = dirname(folder)) {
    const found = CONFIGS.map((name) => join(folder, name)).find((path) => existsSync(path));
    if (found !== undefined) return found;
    if (folder === dirname(folder)) return null;
  }
}

function isUnchanged(checked: Checked): boolean {
  try {
    return Object.entries(checked).every(([path, hash]) => hashOf(readFileSync(path)) === hash);
  } catch {
    // A file is gone.
    return false;
  }
}

function isKept(name: string): boolean {
  for (const folder of cacheFolders(CACHE))
    try {
      return isUnchanged(JSON.parse(readFileSync(join(folder, name), 'utf8')) as Checked);
    } catch {
      // The file may be in the next folder.
    }
  return false;
}

function keep(name: string, files: readonly string[]): void {
  try {
    const checked: Checked = Object.fromEntries(files.map((path) => [path, hashOf(readFileSync(path))]));
    const folder = writableCache(CACHE);
    mkdirSync(folder, { recursive: true });
    // Another process may write the same entry now.
    const own = join(folder, `${name}.${process.pid}`);
    writeFileSync(own, JSON.stringify(checked));
    renameSync(own, join(folder, name));
  } catch {
    // Without a cache the next run checks the script again.
  }
}

/** JavaScript is checked only where it asks for it, itself or by a setting of its project. */
function mayBeChecked(script: string): boolean {
  if (TYPESCRIPT.includes(extname(script))) return true;
  if (readFileSync(script, 'utf8').includes('@ts-check')) return true;
  const config = nearestConfig(script);
  // The setting may come from a file that this one extends.
  return config !== null && /checkJs|extends/.test(readFileSync(config, 'utf8'));
}

/**
 * Checks the types of a script of a user. A script that has been checked before, with the same files, costs no more
 * than reading them.
 * @param script its absolute path.
 * @param show takes the errors, each with file, line, column and an excerpt, coloured for a terminal.
 * @throws UsageError where there are any.
 */
export function requireTypes(script: string, show: (text: string) => void): void {
  if (!mayBeChecked(script)) return;
  const name = entryName(script);
  if (isKept(name)) return;
  const { checkTypes } = require('./typeProgram') as typeof typeProgram;
  const { errors, text, files } = checkTypes(script);
  if (errors === 0) return keep(name, files);
  show(text);
  const count = errors === 1 ? 'a type error' : `${errors} type errors`;
  throw new UsageError(`${script} has ${count}: mend ${errors === 1 ? 'it' : 'them'}, or run it with --no-check`);
}
