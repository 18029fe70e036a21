import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UsageError } from '../../shared/errors';
import { errnoOf, fileErrorText } from '../runtime/fileErrors';
import { removeFolderParts } from '../runtime/wholeFolder';

/**
 * Checks before a run that a folder can be filled after it. Makes nothing, because usage may still turn out to be wrong.
 * @param what goes into the folder, for messages.
 * @throws UsageError for a folder that is not empty, so that the evidence of two runs never mixes, or that cannot be
 * made or written.
 */
export function requireEvidenceFolder(path: string, what: string): void {
  const refuse = (reason: string): never => {
    throw new UsageError(`cannot write ${what} to ${path}: ${reason}; name a folder that is new or empty`);
  };
  let found = resolve(path);
  // Missing folders will be made in the nearest one that exists.
  while (!existsSync(found) && dirname(found) !== found) found = dirname(found);
  try {
    if (!statSync(found).isDirectory()) refuse(`${found} is no folder`);
    accessSync(found, constants.W_OK | constants.X_OK);
    removeFolderParts(path);
    if (found === resolve(path) && readdirSync(found).length > 0) refuse('it is not empty');
  } catch (error) {
    if (error instanceof UsageError) throw error;
    refuse(errnoOf(error) ?? fileErrorText(error));
  }
}
