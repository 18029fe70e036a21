import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { UsageError } from '../../shared/errors';
import { makeFolders } from '../../shared/folders';
import { packageRoot } from './package';
import { isPrivate, makePrivate, privateFolders } from './privateFolder';

/** The folder below `~/.cache` for what a package that cannot be written would keep in itself. */
function userCache(): string {
  const { XDG_CACHE_HOME: given = '' } = process.env;
  return join(isAbsolute(given) ? given : join(homedir(), '.cache'), 'avp-testbench');
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

function lastingFolders(name: string): string[] {
  return [join(packageRoot(), '.cache', name), join(userCache(), name)];
}

/**
 * Lists the folders of a cache, best first: the package's own `.cache`, the user's, and one among temporary files. An
 * entry may be in any of them.
 * @param name of the cache, such as `dpdk`.
 */
export function cacheFolders(name: string): string[] {
  const temporary = privateFolders().filter(isPrivate);
  return [...lastingFolders(name), ...temporary.map((folder) => join(folder, 'cache', name))];
}

/** Returns the first folder of a cache that can be written, and makes it. @throws UsageError where there is none. */
export function writableCache(name: string): string {
  const folders = lastingFolders(name);
  const lasting = folders.find(isWritable);
  if (lasting !== undefined) return lasting;
  const temporary = privateFolders().find(makePrivate);
  if (temporary !== undefined) {
    const folder = join(temporary, 'cache', name);
    if (isWritable(folder)) return folder;
  }
  throw new UsageError(`none of ${folders.join(', ')} can be written: set XDG_CACHE_HOME to a folder that can`);
}
