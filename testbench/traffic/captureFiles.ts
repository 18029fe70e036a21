import { readdirSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { type Capture, readCaptureFile } from '../../emulator';
import { packageRoot } from '../runtime/package';

const ENDINGS = ['.pcap', '.pcapng'];

/**
 * Reads the captures that come with the package, or a single one: of the package by its name, any
 * other by its path.
 * @throws UsageError where it can't be read.
 */
export function readCaptures(file = ''): Capture[] {
  const folder = join(packageRoot(), 'scenarios', 'captures');
  const names = readdirSync(folder).filter((name) => ENDINGS.includes(extname(name)));
  if (names.includes(file)) return [readCaptureFile(join(folder, file))];
  if (file !== '') return [readCaptureFile(resolve(file))];
  return names.sort().map((name) => readCaptureFile(join(folder, name)));
}
