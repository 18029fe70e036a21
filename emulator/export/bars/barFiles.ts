import { closeSync, fchmodSync, fstatSync, openSync, symlinkSync, writeSync } from 'node:fs';
import { basename, join } from 'node:path';
import { UsageError } from '../../../shared/errors';
import { hex } from '../../../shared/hex';
import { bytes8 } from '../../../shared/mem/memory';
import type { PciFunction } from '../../../shared/pci';
import { mapFile, mapNothing, openFilePath, openSealedMemory } from '../libc';
import { BARS, type Resource } from './tree';

const PAGE_BYTES = 4_096;
const PRIVATE_FILE = 0o600;

/** A BAR, and the range of the arena over which its file is mapped. */
export interface BarRange {
  readonly bar: number;
  readonly address: number;
  readonly bytes: number;
}

/** Lists the BARs that a function has. */
export function barsOf(device: PciFunction): BarRange[] {
  const all = BARS.map((bar) => ({ bar, address: device.barAddress(bar), bytes: device.barBytes(bar) }));
  return all.filter(({ bytes }) => bytes > 0);
}

/** Returns the path of a BAR's file in its function's folder. */
export function barFile(folder: string, bar: number): string {
  return join(folder, `resource${bar}`);
}

/** Returns a view of a range. It bypasses the rights, as the mapping itself does. */
function bytesOf({ address, bytes }: BarRange): Uint8Array {
  return bytes8.subarray(address, address + bytes);
}

function checkPages({ bar, address, bytes }: BarRange): void {
  if (address % PAGE_BYTES !== 0 || bytes % PAGE_BYTES !== 0)
    throw new UsageError(`BAR ${bar} is ${bytes} bytes at ${hex(address)}: expected whole pages of ${PAGE_BYTES}`);
}

/** A BAR that other processes can map. */
export interface ExportedBar extends BarRange {
  /** Its file, which is open as long as the BAR is exported. */
  readonly file: number;
}

/**
 * Makes a file with the contents of a BAR, maps it over the BAR's range, and puts a link to it into the
 * folder. The file is sealed memory, because whoever cuts a plain one short ends this process. Nobody
 * may write to the range meanwhile.
 * @throws UsageError where there is no memory for it; nothing has changed then.
 */
export function exportBar(folder: string, range: BarRange): ExportedBar {
  checkPages(range);
  const path = barFile(folder, range.bar);
  const file = openSealedMemory(basename(path), range.bytes);
  try {
    fchmodSync(file, PRIVATE_FILE);
    symlinkSync(openFilePath(file), path);
    writeSync(file, bytesOf(range), 0, range.bytes, 0);
    mapFile(range.address, range.bytes, file);
    return { ...range, file };
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

/** Replaces the mapping of a BAR by private memory with the same contents. Nobody may write to the range meanwhile. */
export function unexportBar({ file, ...range }: ExportedBar): void {
  const held = bytesOf(range).slice();
  mapNothing(range.address, range.bytes);
  bytesOf(range).set(held);
  closeSync(file);
}

/**
 * Opens the file of a BAR that another process exports.
 * @throws UsageError if it is smaller than the tree says. An access past its end would end the process.
 */
export function openBar(folder: string, bar: number, { bytes }: Resource): number {
  const path = barFile(folder, bar);
  const file = openSync(path, 'r+');
  const found = fstatSync(file).size;
  if (found >= bytes && bytes % PAGE_BYTES === 0) return file;
  closeSync(file);
  throw new UsageError(`${path} has ${found} bytes: expected ${bytes}, whole pages`);
}

/** Maps an open file over a range of the arena; the file may be closed then. */
export function importBar({ address, bytes }: BarRange, file: number): void {
  mapFile(address, bytes, file);
}
