import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { UsageError } from '../../../shared/errors';
import { ARENA_BYTES } from '../../../shared/mem/memory';
import { AddressSpace, type KnownRange } from '../inspect/addressSpace';
import { ARENA_FILE, dumpIndex, type DumpExtent, type DumpIndex, INDEX_FILE, layoutFingerprint } from './dumpIndex';

/** A dump that has been read. */
export interface Dump {
  readonly index: DumpIndex;
  readonly space: AddressSpace;
  /** False where another build wrote the private records: then only the BARs can be read. */
  readonly privateRecords: boolean;
}

function refuse(folder: string, reason: string, cause?: unknown): never {
  const line = reason.replace(/\s*\n\s*/g, '; ');
  throw new UsageError(`cannot read a dump from ${folder}: ${line}; name a folder that avp run --dump has filled`, {
    cause,
  });
}

function readIndex(folder: string): DumpIndex {
  let text: string;
  try {
    text = readFileSync(join(folder, INDEX_FILE), 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    return refuse(folder, `no ${INDEX_FILE} there (${code})`, cause);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    return refuse(folder, `${INDEX_FILE} is no JSON`, cause);
  }
  const checked = dumpIndex.safeParse(value);
  return checked.success
    ? checked.data
    : refuse(folder, `${INDEX_FILE}: ${z.prettifyError(checked.error)}`, checked.error);
}

function checkExtents(folder: string, extents: readonly DumpExtent[]): void {
  let end = 0;
  for (const { address, bytes, label } of extents) {
    if (address < end || bytes > ARENA_BYTES - address)
      refuse(folder, `${INDEX_FILE}: extent '${label}' overlaps another or leaves the arena`);
    end = address + bytes;
  }
}

/** Reads the bytes of one extent. */
function readExtent(folder: string, file: number, { bytes, label, at, stored }: DumpExtent): Uint8Array {
  if (at > fstatSync(file).size - stored)
    refuse(folder, `${ARENA_FILE} ends before extent '${label}' does: it was cut off`);
  const packed = new Uint8Array(stored);
  for (let done = 0, read = 1; done < stored && read > 0; done += read)
    read = readSync(file, packed, done, stored - done, at + done);
  try {
    const content = gunzipSync(packed, { maxOutputLength: Math.max(1, bytes) });
    if (content.length === bytes) return content;
  } catch (cause) {
    refuse(
      folder,
      `${ARENA_FILE}: extent '${label}' can't be unpacked (${(cause as NodeJS.ErrnoException).code ?? String(cause)})`,
      cause,
    );
  }
  return refuse(folder, `${ARENA_FILE}: extent '${label}' has not the ${bytes} bytes that ${INDEX_FILE} says`);
}

/**
 * Reads a dump.
 * @throws UsageError where the folder has no dump, or files that contradict each other.
 */
export function readDump(folder: string): Dump {
  const index = readIndex(folder);
  checkExtents(folder, index.extents);
  let file: number;
  try {
    file = openSync(join(folder, ARENA_FILE), 'r');
  } catch (cause) {
    return refuse(folder, `no ${ARENA_FILE} there (${(cause as NodeJS.ErrnoException).code ?? String(cause)})`, cause);
  }
  try {
    const ranges = index.extents.map((extent): KnownRange => ({
      address: extent.address,
      bytes: readExtent(folder, file, extent),
    }));
    return { index, space: new AddressSpace(ranges), privateRecords: index.layout === layoutFingerprint() };
  } finally {
    closeSync(file);
  }
}
