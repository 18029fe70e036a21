import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UsageError } from '../../../shared/errors';

function refuse(path: string, reason: string): never {
  throw new UsageError(`cannot write a dump to ${path}: ${reason}; name a folder that is new or empty`);
}

/**
 * Checks before a run that a dump can be written after it. Makes nothing, because a run that passes
 * leaves nothing behind.
 * @throws UsageError for a folder that is not empty, or that cannot be made or written.
 */
export function requireDumpFolder(path: string): void {
  let found = resolve(path);
  // Missing folders will be made in the nearest one that exists.
  while (!existsSync(found) && dirname(found) !== found) found = dirname(found);
  try {
    if (!statSync(found).isDirectory()) refuse(path, `${found} is no folder`);
    accessSync(found, constants.W_OK | constants.X_OK);
    if (found === resolve(path) && readdirSync(found).length > 0) refuse(path, 'it is not empty');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    refuse(path, (error as NodeJS.ErrnoException).code ?? String(error));
  }
}
