/** Enters mempools and external buffers in the table by which the loops recognise mbufs, and removes them from it. */
import { compareExchange32, load32, storeRelease32 } from '#mem';
import { ErrnoError } from '../shared/errors';
import { DRIVER_STATICS } from '../shared/loops/statics';
import {
  loadMempoolEntryFirst,
  loadMempoolTableRefusedFrees,
  MEMPOOL_ENTRIES,
  MEMPOOL_ENTRY_BYTES,
  MEMPOOL_ENTRY_LENGTH,
  MEMPOOL_ENTRY_MEMPOOL,
  MEMPOOL_TABLE_ENTRY,
  MEMPOOL_TABLE_USED,
  storeMempoolEntryFirst,
  storeMempoolEntryStride,
} from './loops/records';

const USED = DRIVER_STATICS + MEMPOOL_TABLE_USED;

function entryAt(index: number): number {
  return DRIVER_STATICS + MEMPOOL_TABLE_ENTRY + index * MEMPOOL_ENTRY_BYTES;
}

/** Finds the entry whose `mempool` is `before`, and changes that to `after`. Returns its index, -1 if there is none. */
function replace(before: number, after: number): number {
  for (let index = 0; index < MEMPOOL_ENTRIES; index++)
    if (compareExchange32(entryAt(index) + MEMPOOL_ENTRY_MEMPOOL, before, after) === before) return index;
  return -1;
}

function raiseUsed(to: number): void {
  for (let used = load32(USED); used < to;) {
    const found = compareExchange32(USED, used, to);
    if (found === used) return;
    used = found;
  }
}

/**
 * Enters the buffers of a mempool, or an external buffer, whose records are complete.
 * @param owner address of the mempool, or of the external buffer itself.
 * @param length bytes of all heads and what lies between them, `stride` bytes from one to the next.
 * @throws ErrnoError ENOMEM if the table is full.
 */
export function enterBuffers(owner: number, first: number, stride: number, length: number): void {
  const index = replace(0, owner);
  if (index < 0)
    throw new ErrnoError(
      'ENOMEM',
      `there are ${MEMPOOL_ENTRIES} mempools and external buffers already: release one, or share one`,
    );
  const entry = entryAt(index);
  storeMempoolEntryFirst(entry, first);
  storeMempoolEntryStride(entry, stride);
  storeRelease32(entry + MEMPOOL_ENTRY_LENGTH, length);
  raiseUsed(index + 1);
}

/** Index of an owner's entry, -1 if it has none. */
function indexOf(owner: number): number {
  const used = load32(USED);
  for (let index = 0; index < used; index++)
    if (owner !== 0 && load32(entryAt(index) + MEMPOOL_ENTRY_MEMPOOL) === owner) return index;
  return -1;
}

/** True for the address of a mempool that was created and not released. An external buffer owns itself alone. */
export function isMempool(pool: number): boolean {
  const index = indexOf(pool);
  return index >= 0 && loadMempoolEntryFirst(entryAt(index)) !== pool;
}

/** Removes the entry of an owner whose memory will be released. */
export function removeBuffers(owner: number): void {
  const index = indexOf(owner);
  if (index < 0) return;
  storeRelease32(entryAt(index) + MEMPOOL_ENTRY_LENGTH, 0);
  storeRelease32(entryAt(index) + MEMPOOL_ENTRY_MEMPOOL, 0);
}

/** Returns the number of refused frees in all mempools of the process, modulo 2^32. */
export function refusedFrees(): number {
  return loadMempoolTableRefusedFrees(DRIVER_STATICS);
}
