import { lstatSync, mkdirSync, rmdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder and its missing parents. It ends everywhere: `mkdirSync` with `recursive` never returns in a file
 * system that answers ENOENT to each attempt, as `/proc` does.
 * @returns the folders that were missing, outermost first.
 * @throws errors of the file system; nothing is left then.
 */
export function makeFolders(path: string, mode = 0o777): string[] {
  const missing: string[] = [];
  for (let at = resolve(path); lstatSync(at, { throwIfNoEntry: false }) === undefined; at = dirname(at))
    missing.unshift(at);
  const made: string[] = [];
  try {
    for (const folder of missing) if (makeOne(folder, mode)) made.push(folder);
  } catch (error) {
    unmakeFolders(made);
    throw error;
  }
  return made;
}

/** Removes folders that `makeFolders` has made, as far as they are empty. */
export function unmakeFolders(made: readonly string[]): void {
  for (const folder of [...made].reverse()) removeIfEmpty(folder);
}

/** Removes a folder unless it holds anything, or is gone. */
export function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(codeOf(error))) throw error;
  }
}

/** False where another process has made it meanwhile. */
function makeOne(folder: string, mode: number): boolean {
  try {
    mkdirSync(folder, { mode });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}
