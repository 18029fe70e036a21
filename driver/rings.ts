import { load32 } from '#mem';
import { hex64 } from '../shared/hex';
import { fifoBytes } from '../shared/loops/fifo';
import {
  FIFO_ALIGN_BYTES,
  FIFO_BYTES,
  FIFO_ELEM_BYTES,
  FIFO_ELEM_SIZE,
  FIFO_LEN,
  FIFO_MIN_LEN,
  FIFO_READ,
  FIFO_WRITE,
} from '../shared/loops/layout';
import type { RingRun } from './deviceInfo';
import type { MemoryMap } from './memmap';
import { needInteger, refusal } from './refuse';

/** A FIFO whose header has been checked; both indices as they were then. */
export interface Ring {
  readonly base: number;
  readonly len: number;
  readonly write: number;
  readonly read: number;
}

/** The longest FIFO whose size 32 bits express; far more than BAR 2 can hold. */
const MAX_LEN = 1 << 28;

/**
 * Finds one FIFO and checks its header (section 6). `name` is what messages call it, `field`
 * the field that gives its address.
 * @throws ErrnoError EINVAL for a bad header, EFAULT where the FIFO is not wholly in the map.
 */
export function findRing(map: MemoryMap, name: string, field: string, phys: bigint): Ring {
  const { address: base } = map.place(field, phys, FIFO_BYTES);
  if (base % FIFO_ALIGN_BYTES !== 0) throw refusal('EINVAL', field, hex64(phys), `a multiple of ${FIFO_ALIGN_BYTES}`);
  const len = load32(base + FIFO_LEN);
  if (len < FIFO_MIN_LEN || len > MAX_LEN || (len & (len - 1)) !== 0)
    throw refusal('EINVAL', `${name}: len`, len, `a power of two, at least ${FIFO_MIN_LEN}`);
  const elemSize = load32(base + FIFO_ELEM_SIZE);
  if (elemSize !== FIFO_ELEM_BYTES) throw refusal('EINVAL', `${name}: elem_size`, elemSize, `${FIFO_ELEM_BYTES}`);
  map.place(`${field} (${name} of ${len} slots)`, phys, fifoBytes(len));
  return { base, len, write: readIndex(name, base, FIFO_WRITE, len), read: readIndex(name, base, FIFO_READ, len) };
}

/**
 * Fetches an index from a FIFO's header.
 * @throws ErrnoError EINVAL where it lies outside the ring.
 */
export function readIndex(name: string, base: number, which: number, len: number): number {
  const index = load32(base + which);
  needInteger(`${name}: ${which === FIFO_WRITE ? 'write' : 'read'}`, index, 0, len - 1);
  return index;
}

function checkStride(kind: string, run: RingRun, ring: Ring): void {
  const least = fifoBytes(ring.len);
  if (run.stride < least || run.stride % FIFO_ALIGN_BYTES !== 0) {
    const expected = `a multiple of ${FIFO_ALIGN_BYTES}, at least ${least} for FIFOs of ${ring.len} slots`;
    throw refusal('EINVAL', `device_info.${kind}_size`, run.stride, expected);
  }
}

/** Finds and checks the first `count` FIFOs of a kind. */
export function findRings(map: MemoryMap, kind: string, run: RingRun, count: number): Ring[] {
  const rings: Ring[] = [];
  for (let index = 0; index < count; index++) {
    const step = index === 0 ? '' : ` + ${index} * ${kind}_size`;
    const phys = run.phys + BigInt(index) * BigInt(run.stride);
    const ring = findRing(map, `${kind} FIFO ${index}`, `device_info.${kind}_phys${step}`, phys);
    if (count > 1) checkStride(kind, run, ring);
    rings.push(ring);
  }
  return rings;
}
