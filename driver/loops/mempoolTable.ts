/**
 * Tells mbufs from other addresses. The table lists where the mbufs of each mempool lie, so that a
 * wild handle is recognised before any byte behind it is touched. Loop dialect.
 *
 * Entries are claimed and given up by threads that create and release mempools, while others look
 * mbufs up: `length` is written last and cleared first.
 */
import { add32, load32 } from '#mem';
import { DRIVER_STATICS } from '../../shared/loops/statics';
import {
  MBUF_POOL,
  MBUF_REFCNT,
  MEMPOOL_ENTRY_BYTES,
  MEMPOOL_ENTRY_FIRST,
  MEMPOOL_ENTRY_LENGTH,
  MEMPOOL_ENTRY_MEMPOOL,
  MEMPOOL_ENTRY_STRIDE,
  MEMPOOL_TABLE_ENTRY,
  MEMPOOL_TABLE_REFUSED_FREES,
  MEMPOOL_TABLE_USED,
} from './records';

function isMbufOf(entry: u32, mbuf: u32): bool {
  const offset: u32 = (mbuf - load32(entry + MEMPOOL_ENTRY_FIRST)) >>> 0;
  if (offset >= load32(entry + MEMPOOL_ENTRY_LENGTH)) return false;
  return (offset % load32(entry + MEMPOOL_ENTRY_STRIDE)) >>> 0 === 0;
}

/**
 * Returns the address of the table entry of the mempool to which the mbuf at this address belongs, or
 * 0 if no mbuf starts there. Touches nothing but the table.
 */
function mempoolEntryOf(mbuf: u32): u32 {
  const used: u32 = load32(DRIVER_STATICS + MEMPOOL_TABLE_USED);
  let entry: u32 = (DRIVER_STATICS + MEMPOOL_TABLE_ENTRY) >>> 0;
  for (let i: u32 = 0; i < used; i++) {
    if (isMbufOf(entry, mbuf)) return entry;
    entry = (entry + MEMPOOL_ENTRY_BYTES) >>> 0;
  }
  return 0;
}

/** Returns the address of the table entry of the pool of an mbuf in use, or 0 if none starts at this address. */
export function mbufEntryOf(mbuf: u32): u32 {
  const entry: u32 = mempoolEntryOf(mbuf);
  if (entry === 0 || load32(mbuf + MBUF_REFCNT) === 0) return 0;
  // An overrun may have reached the head.
  return load32(mbuf + MBUF_POOL) === load32(entry + MEMPOOL_ENTRY_MEMPOOL) ? entry : 0;
}

/**
 * Returns true if an mbuf in use of this mempool starts at this address. The other parameters are the pool's, which a
 * burst reads once.
 *
 * A stride is an odd number, shifted. Times the inverse of that number, and rotated back by the shift, each offset
 * becomes another number: n times the stride becomes n, so what is below `size` is the number of an mbuf.
 */
export function isMbufInUse(
  mbuf: u32,
  mempool: u32,
  first: u32,
  size: u32,
  shift: u32,
  inverseLo: u32,
  inverseHi: u32,
): bool {
  const offset: u32 = (mbuf - first) >>> 0;
  const product: u32 = (((offset * inverseLo) >>> 0) + ((((offset * inverseHi) >>> 0) << 16) >>> 0)) >>> 0;
  const number: u32 = ((product >>> shift) | (product << (32 - shift))) >>> 0;
  if (number >= size) return false;
  return load32(mbuf + MBUF_REFCNT) !== 0 && load32(mbuf + MBUF_POOL) === mempool;
}

/**
 * Returns the address of the table entry of a buffer that mbufs may be attached to, an mbuf in use or an external
 * buffer; 0 if none starts at this address.
 */
export function bufferEntryOf(buffer: u32): u32 {
  const entry: u32 = mempoolEntryOf(buffer);
  if (entry === 0 || load32(buffer + MBUF_REFCNT) === 0) return 0;
  const mempool: u32 = load32(entry + MEMPOOL_ENTRY_MEMPOOL);
  return mempool === buffer || load32(buffer + MBUF_POOL) === mempool ? entry : 0;
}

/** Counts a handle that was to be freed and is no mbuf in use. */
export function countRefusedFree(): void {
  add32(DRIVER_STATICS + MEMPOOL_TABLE_REFUSED_FREES, 1);
}
