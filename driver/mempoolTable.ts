/** Enters mempools in the table by which the loops recognise mbufs, and removes them from it. */
import { compareExchange32, load32, storeRelease32 } from '#mem';
import { ErrnoError } from '../shared/errors';
import { DRIVER_STATICS } from '../shared/loops/statics';
import {
  loadMempoolFirst,
  loadMempoolSize,
  loadMempoolStride,
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
 * Enters a mempool, whose record is complete.
 * @throws ErrnoError ENOMEM if the table is full.
 */
export function enterMempool(pool: number): void {
  const index = replace(0, pool);
  if (index < 0)
    throw new ErrnoError('ENOMEM', `mempool: there are ${MEMPOOL_ENTRIES} already: release one, or share one`);
  const entry = entryAt(index);
  storeMempoolEntryFirst(entry, loadMempoolFirst(pool));
  storeMempoolEntryStride(entry, loadMempoolStride(pool));
  storeRelease32(entry + MEMPOOL_ENTRY_LENGTH, loadMempoolSize(pool) * loadMempoolStride(pool));
  raiseUsed(index + 1);
}

/** Index of a mempool's entry, -1 if there is no such mempool. */
function indexOf(pool: number): number {
  const used = load32(USED);
  for (let index = 0; index < used; index++)
    if (pool !== 0 && load32(entryAt(index) + MEMPOOL_ENTRY_MEMPOOL) === pool) return index;
  return -1;
}

/** True for the address of a mempool that was created and not released. */
export function isMempool(pool: number): boolean {
  return indexOf(pool) >= 0;
}

/** Removes a mempool, whose memory will be released. */
export function removeMempool(pool: number): void {
  const index = indexOf(pool);
  if (index < 0) return;
  storeRelease32(entryAt(index) + MEMPOOL_ENTRY_LENGTH, 0);
  storeRelease32(entryAt(index) + MEMPOOL_ENTRY_MEMPOOL, 0);
}

export function refusedFrees(): number {
  return loadMempoolTableRefusedFrees(DRIVER_STATICS);
}
