import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { avpDriver } from '../../driver';
import { barFile } from '../../emulator/export/bars/barFiles';
import { listTree } from '../../emulator/export/importTree';
import { deviceFolder, parseIdentity } from '../../emulator/export/bars/tree';
import { UsageError } from '../../shared/errors';
import { inspectDevice } from '../evidence/inspect/inspectDevice';
import type { DeviceInspection } from '../evidence/inspect/inspection';

/** Number of readings. Both sides may write during one, so a contradiction counts only if all readings show it. */
const READINGS = 4;
const BETWEEN_MS = 5;

/** The inspection of an exported device's BARs. */
export interface LiveDevice extends DeviceInspection {
  /** BDF, as in `0000:00:03.0`. */
  readonly slot: string;
}

function isAvp(folder: string): boolean {
  return avpDriver.matches(parseIdentity((name) => readFileSync(`${folder}/${name}`, 'utf8')));
}

function contents(folder: string, bar: number): Uint8Array | null {
  try {
    return readFileSync(barFile(folder, bar));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function readOnce(folder: string): DeviceInspection {
  const bar = (number: number): Uint8Array | null => contents(folder, number);
  return inspectDevice({ mmio: bar(0), memory: bar(2), memmap: bar(4), device: bar(5) });
}

async function readSettled(folder: string): Promise<DeviceInspection> {
  let found = readOnce(folder);
  let lasting = found.problems;
  for (let reading = 1; reading < READINGS && lasting.length > 0; reading++) {
    await sleep(BETWEEN_MS);
    found = readOnce(folder);
    lasting = lasting.filter((problem) => found.problems.includes(problem));
  }
  return { ...found, problems: lasting };
}

/**
 * Inspects the AVP devices of a tree of any origin, whether or not anybody serves it. Reads files
 * alone and disturbs nobody: registers that clear on read do so for a guest's read only.
 * @throws UsageError where the folder shows no AVP device.
 */
export async function inspectExport(dir: string): Promise<LiveDevice[]> {
  const found: LiveDevice[] = [];
  for (const bdf of listTree(dir)) {
    const folder = deviceFolder(resolve(dir), bdf);
    try {
      if (isAvp(folder)) found.push({ slot: bdf, ...(await readSettled(folder)) });
    } catch (error) {
      // The device was unplugged meanwhile.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  if (found.length === 0)
    throw new UsageError(`${dir} shows no AVP device: name a folder that avp serve --dir has made`);
  return found;
}
