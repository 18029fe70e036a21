import { accessSync, constants, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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
  made ??= mkdtempSync(join(hasRoom(SHARED_MEMORY) ? SHARED_MEMORY : tmpdir(), `avp-perf-${process.pid}-`));
  return made;
}

/** Removes the folder of `exportRoom` with all exports in it. */
export function removeExportRoom(): void {
  if (made !== null) rmSync(made, { recursive: true, force: true });
  made = null;
}
