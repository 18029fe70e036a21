import { lstatSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PRIVATE_FOLDER = 0o700;
const OTHERS = 0o077;

/** Paths of folders below those for temporary files that are for this user alone and outlive the process. */
export function privateFolders(): string[] {
  const temporary = [tmpdir(), '/tmp', '/var/tmp', '/dev/shm'];
  return [...new Set(temporary)].map((one) => join(one, `avp-testbench-${process.getuid?.()}`));
}

/** True for such a folder that is there and to which nobody else could write, for they could put programs there. */
export function isPrivate(folder: string): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  return found?.isDirectory() === true && found.uid === process.getuid?.() && (found.mode & OTHERS) === 0;
}

/** Makes such a folder unless it is there. Returns false where it cannot be made or is not private. */
export function makePrivate(folder: string): boolean {
  try {
    if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) mkdirSync(folder, { mode: PRIVATE_FOLDER });
    return isPrivate(folder);
  } catch {
    return false;
  }
}
