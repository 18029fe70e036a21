/**
 * Finds generated files that are committed but out of date. As a program it prints their paths and ends with status 1.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { driverFiles } from '../../driver/abi/generate';
import { emulatorFiles } from '../../emulator/abi/generate';
import { exportFiles } from '../../emulator/export/abi/generate';
import { sharedFiles } from '../../shared/abi/generate';
import { capabilityFiles } from '../../testbench/conformance/capabilityPage';
import { faultFiles } from '../../testbench/faults/generate';
import { apiPages } from './pages/api';
import { referencePages } from './pages/generate';

const ROOT = resolve(__dirname, '../..');

/** Returns the text of every generated file, by path relative to the package's folder. */
export function generatedFiles(): Map<string, string> {
  const rooms = Object.entries({
    shared: sharedFiles(),
    emulator: { ...emulatorFiles(), ...exportFiles() },
    driver: driverFiles(),
    docs: { ...capabilityFiles(), ...faultFiles(), ...referencePages() },
  });
  return new Map(
    rooms.flatMap(([room, files]) => Object.entries(files).map(([name, text]) => [`${room}/${name}`, text] as const)),
  );
}

/** Lists the files that are missing under `root` or have another text there. */
export function staleFiles(files: ReadonlyMap<string, string>, root = ROOT): string[] {
  const isStale = (path: string, text: string): boolean =>
    !existsSync(join(root, path)) || readFileSync(join(root, path), 'utf8') !== text;
  return [...files].filter(([path, text]) => isStale(path, text)).map(([path]) => path);
}

/** Returns the text of the pages in `docs/api`, which take longer. */
async function slowFiles(): Promise<Map<string, string>> {
  return new Map(Object.entries(await apiPages()).map(([name, text]) => [`docs/${name}`, text]));
}

async function main(): Promise<void> {
  const stale = [...staleFiles(generatedFiles()), ...staleFiles(await slowFiles())];
  for (const path of stale) process.stderr.write(`${path} is not what its generator writes: run make generate\n`);
  if (stale.length > 0) process.exitCode = 1;
}

if (require.main === module) void main();
