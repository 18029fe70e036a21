import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, gzipSync } from 'node:zlib';
import { type ArenaImage, arenaImage } from '../../../shared/arenaImage';
import { DRIVER_READ, DRIVER_WRITE, HOST_READ, HOST_WRITE } from '../../../shared/loops/rights';
import { AddressSpace } from '../inspect/addressSpace';
import { toolVersion } from '../../runtime/package';
import { writeFolder } from '../../runtime/wholeFolder';
import { ARENA_FILE, DUMP_FORMAT, type DumpExtent, type DumpIndex, INDEX_FILE, layoutFingerprint } from './dumpIndex';
import { locateRecords } from './locateRecords';

/** Facts about the run that a dump records. */
export type DumpedRun = Pick<DumpIndex, 'scenario' | 'seed' | 'settings' | 'mode' | 'engine' | 'verdict' | 'atMs'>;

const RIGHTS = [
  [HOST_READ, 'host-read'],
  [HOST_WRITE, 'host-write'],
  [DRIVER_READ, 'driver-read'],
  [DRIVER_WRITE, 'driver-write'],
] as const;

/** Writes the bytes of every extent, each compressed by itself, because most bytes are zero. */
function writeArena(file: string, image: ArenaImage): DumpExtent[] {
  const out = openSync(file, 'wx', 0o600);
  try {
    let at = 0;
    return image.map(({ address, bytes, rights, label, content: raw }) => {
      const content = gzipSync(raw, { level: constants.Z_BEST_SPEED });
      writeFileSync(out, content);
      const written = { at, stored: content.length };
      at += content.length;
      return {
        address,
        bytes,
        rights: RIGHTS.filter(([bit]) => (rights & bit) !== 0).map(([, name]) => name),
        label,
        ...written,
      };
    });
  } finally {
    closeSync(out);
  }
}

/**
 * Writes a dump into a folder, which is made where it is missing: the allocated extents of the arena, and
 * an index of what lies where. Any thread with the arena can do so.
 * @param image the arena at an earlier moment; as it is now where it is left out. What other threads write meanwhile
 *   may be included or not.
 * @throws errors of the file system, or if the folder is not empty. No dump is left then.
 */
export function writeDump(folder: string, run: DumpedRun, image: ArenaImage = arenaImage()): void {
  const space = new AddressSpace(image.map(({ address, content }) => ({ address, bytes: content })));
  writeFolder(folder, (stage) => {
    const index: DumpIndex = {
      format: DUMP_FORMAT,
      versions: { tool: toolVersion() },
      layout: layoutFingerprint(),
      ...run,
      extents: writeArena(join(stage, ARENA_FILE), image),
      ...locateRecords(image, space),
    };
    writeFileSync(join(stage, INDEX_FILE), `${JSON.stringify(index, null, 1)}\n`, { flag: 'wx', mode: 0o600 });
  });
}

/**
 * Writes the dump of a failed run, whose result counts even where the dump cannot be written.
 * @returns why it could not be written, null where it was.
 */
export function tryDump(folder: string, run: DumpedRun, image?: ArenaImage): string | null {
  try {
    writeDump(folder, run, image);
    return null;
  } catch (error) {
    return `the memory could not be written: ${error instanceof Error ? error.message : String(error)}`;
  }
}
