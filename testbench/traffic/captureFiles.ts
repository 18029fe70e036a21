import { readdirSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { readCaptureFile } from '../../emulator';
import { packageRoot } from '../runtime/package';
import type { FitCapture, FitOptions } from '../api/capture';
import { fitFrames } from './fitFrames';

const ENDINGS = ['.pcap', '.pcapng'];

/**
 * Reads the captures that come with the package, or a single one: of the package by its name, any
 * other by its path.
 * @throws UsageError where a file can't be read, holds no frames, or holds a frame that `options` refuse.
 */
export function readCaptures(file = '', options: FitOptions = {}): FitCapture[] {
  return pathsOf(file).map((path) => fitFrames(path, readCaptureFile(path), options));
}

function pathsOf(file: string): string[] {
  const folder = join(packageRoot(), 'scenarios', 'captures');
  const names = readdirSync(folder).filter((name) => ENDINGS.includes(extname(name)));
  if (file === '') return names.sort().map((name) => join(folder, name));
  return [names.includes(file) ? join(folder, file) : resolve(file)];
}
