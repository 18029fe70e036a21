import { existsSync, mkdirSync, readdirSync, realpathSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { makeFolders, unmakeFolders } from '../../shared/folders';
import { partOf, removeDeadParts } from './parts';
import { tidyUp } from './tidy';

/** Finds the real path of a folder that may not exist yet. Follows links in the part of the path that exists. */
export function realPlaceOf(folder: string): string {
  const path = resolve(folder);
  if (existsSync(path)) return realpathSync(path);
  const above = dirname(path);
  return above === path ? path : join(realPlaceOf(above), basename(path));
}

/** The path that a part is named after: the folder, or something in it if the folder exists. */
function stagedFor(folder: string): string {
  return existsSync(folder) ? join(realpathSync(folder), 'files') : folder;
}

/**
 * Fills a folder that is new or empty. A new folder appears with all its files, or not at all. Into an existing one,
 * which may be a mount point, the files are moved once all of them are written, in the order of their names.
 * @param fill writes files into the folder that it is given.
 * @throws errors of the file system, and what `fill` throws; then nothing is left.
 */
export function writeFolder(folder: string, fill: (stage: string) => void): void {
  const isNew = !existsSync(folder);
  const stage = partOf(stagedFor(folder));
  if (!isNew && readdirSync(folder).length > 0) throw new Error('EEXIST: the folder is not empty');
  const made = makeFolders(dirname(stage));
  try {
    mkdirSync(stage);
    fill(stage);
    if (isNew) renameSync(stage, folder);
    else {
      for (const name of readdirSync(stage).sort()) renameSync(join(stage, name), join(folder, name));
      rmdirSync(stage);
    }
  } finally {
    // After the renames there is nothing to remove: the folders above the new one are not empty.
    tidyUp(stage, () => {
      rmSync(stage, { recursive: true, force: true });
      unmakeFolders(made);
    });
  }
}

/** Removes what an unfinished `writeFolder` left behind: a terminated thread of this process, or a dead process. */
export function removeFolderParts(folder: string): void {
  const staged = stagedFor(folder);
  if (!existsSync(dirname(staged))) return;
  rmSync(partOf(staged), { recursive: true, force: true });
  removeDeadParts(staged);
}
