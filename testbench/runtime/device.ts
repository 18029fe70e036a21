import * as fs from 'node:fs';
import { errnoOf } from './fileErrors';

const FULL_PIPE_PAUSE_MS = 5;

/**
 * Writes to a pipe, a terminal or another device.
 * @param limitMs time that the reader may take, in ms; a limit requires that the reader is there. Null: no limit.
 * @throws Error where that is not enough, and errors of the file system.
 */
export function writeDevice(path: string, content: string | Uint8Array, limitMs: number | null): void {
  const device = limitMs === null ? fs.openSync(path, fs.constants.O_WRONLY) : openWithReader(path);
  try {
    if (limitMs === null) fs.writeFileSync(device, content);
    else writeWithin(device, Buffer.from(content), limitMs);
  } finally {
    fs.closeSync(device);
  }
}

function writeWithin(device: number, bytes: Uint8Array, limitMs: number): void {
  const endMs = performance.now() + limitMs;
  for (let written = 0; written < bytes.length;) {
    const count = writeSome(device, bytes.subarray(written));
    written += count;
    if (count > 0) continue;
    if (performance.now() >= endMs) throw new Error(`its reader took ${written} of ${bytes.length} bytes`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_PIPE_PAUSE_MS);
  }
}

function openWithReader(path: string): number {
  try {
    return fs.openSync(path, fs.constants.O_WRONLY | fs.constants.O_NONBLOCK);
  } catch (cause) {
    throw errnoOf(cause) === 'ENXIO' ? new Error('nobody reads the pipe', { cause }) : cause;
  }
}

/** Returns how many bytes a file took that does not wait. */
function writeSome(file: number, bytes: Uint8Array): number {
  try {
    return fs.writeSync(file, bytes);
  } catch (error) {
    if (errnoOf(error) !== 'EAGAIN') throw error;
    return 0;
  }
}
