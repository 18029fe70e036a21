import { rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExportTree } from '../../../emulator/export/exportTree';
import { UsageError } from '../../../shared/errors';
import { makeTemporaryFolder, tidyUp } from '../../runtime/tidy';
import { peerFolderPrefix } from './peerFolders';

/** Several times the BARs of one device. */
const ROOM_BYTES = 0x800_0000;
const MIB = 0x10_0000;

/**
 * Tries whether devices can be exported into the folder for temporary files, because each clause would fail otherwise.
 * @throws UsageError where it cannot be written, has no room, or has too long a path.
 */
export function requireFolders(): void {
  const advice = 'set TMPDIR to another folder';
  const folder = makeTemporaryFolder(peerFolderPrefix());
  try {
    const { bavail, bsize } = statfsSync(folder);
    if (bavail * bsize < ROOM_BYTES)
      throw new UsageError(
        `${tmpdir()} has room for ${Math.floor((bavail * bsize) / MIB)} MiB, expected ${ROOM_BYTES / MIB}; ${advice}`,
      );
    ExportTree.create(join(folder, 'tree')).close();
  } finally {
    tidyUp(folder, () => rmSync(folder, { recursive: true, force: true }));
  }
}
