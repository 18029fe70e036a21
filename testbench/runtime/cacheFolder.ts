import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve, sep } from 'node:path';
import { UsageError } from '../../shared/errors';
import { makeFolders } from '../../shared/folders';
import { packageRoot } from './package';
import { isPrivate, makePrivate, privateFolders } from './privateFolder';

/** The user's cache of this package: in `XDG_CACHE_HOME`, or below `~/.cache`. */
function userCache(): string {
  const { XDG_CACHE_HOME: given = '' } = process.env;
  return join(isAbsolute(given) ? given : join(homedir(), '.cache'), 'avp-testbench');
}

/** An installed package changes nothing in itself: its package manager removes and compares what is there. */
function isInstalled(): boolean {
  return packageRoot().split(sep).includes('node_modules');
}

function isWritable(folder: string): boolean {
  try {
    makeFolders(folder);
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Tells whether the user has chosen a folder. */
function isChosen(): boolean {
  return (process.env['AVP_CACHE'] ?? '') !== '';
}

function lastingFolders(name: string): string[] {
  const { AVP_CACHE: given = '' } = process.env;
  if (given !== '') return [join(resolve(given), name)];
  const users = join(userCache(), name);
  return isInstalled() ? [users] : [join(packageRoot(), '.cache', name), users];
}

/**
 * Lists the folders of a cache, best first: the `.cache` of a checkout, the user's, and one among temporary files; with
 * `AVP_CACHE` only that. An entry may be in any of them.
 * @param name of the cache, such as `dpdk`.
 */
export function cacheFolders(name: string): string[] {
  const temporary = isChosen() ? [] : privateFolders().filter(isPrivate);
  return [...lastingFolders(name), ...temporary.map((folder) => join(folder, 'cache', name))];
}

/** Returns the first folder of a cache that can be written, and makes it. @throws UsageError where there is none. */
export function writableCache(name: string): string {
  const folders = lastingFolders(name);
  const lasting = folders.find(isWritable);
  if (lasting !== undefined) return lasting;
  const temporary = isChosen() ? undefined : privateFolders().find(makePrivate);
  if (temporary !== undefined) {
    const folder = join(temporary, 'cache', name);
    if (isWritable(folder)) return folder;
  }
  throw new UsageError(`none of ${folders.join(', ')} can be written: set AVP_CACHE to a folder that can`);
}
