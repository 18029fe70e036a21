import { accessSync, constants, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { makeTemporaryFolder, tidyUp } from '../runtime/tidy';

const SHARED_MEMORY = '/dev/shm';
/** Several times the size of one export. Containers have 64 MiB of shared memory by default. */
const ROOM_BYTES = 0x1000_0000;

let made: string | null = null;

function hasRoom(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize >= ROOM_BYTES;
  } catch {
    return false;
  }
}

/**
 * Returns a folder of this process for the exports that it measures. It is in a memory file system if
 * there is one, so that no disk takes part. It stays until `removeExportRoom`.
 */
export function exportRoom(): string {
  const prefix = `avp-perf-${process.pid}-`;
  made ??= hasRoom(SHARED_MEMORY) ? mkdtempSync(join(SHARED_MEMORY, prefix)) : makeTemporaryFolder(prefix);
  return made;
}

/** Removes the folder of `exportRoom` with all exports in it. Never throws. */
export function removeExportRoom(): void {
  const folder = made;
  made = null;
  if (folder !== null) tidyUp(folder, () => rmSync(folder, { recursive: true, force: true }));
}
