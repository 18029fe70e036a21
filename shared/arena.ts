import * as mem from '#mem';
import { hex } from './hex';
import { ErrnoError } from './errors';
import { ARENA_BYTES, bulkFill, bytes8, memory, words32 } from './mem/memory';
import { DRIVER_ONLY, NO_RIGHTS } from './loops/rights';
import { DRIVER_STATICS, DRIVER_STATICS_BYTES } from './loops/statics';

/**
 * The allocator of the arena. Its state is in the arena too, protected by a lock, because any
 * thread may allocate. It is for set-up only: the fast path never allocates.
 *
 * Layout: a null page that nobody may touch, the head (lock, number of extents, high-water mark), the
 * driver's statics on the head's page, the table of extents sorted by address, and the allocations.
 */

const HEAD = 4_096;
const LOCK = HEAD >>> 2;
const COUNT = LOCK + 1;
const HIGH_WATER = LOCK + 2;
const TABLE = 8_192;
const RECORD_BYTES = 64;
const LABEL_BYTES = 44;
const MAX_EXTENTS = 8_192;
const FIRST = TABLE + MAX_EXTENTS * RECORD_BYTES;

/** Gap between two extents. Nobody has rights to it, so the watched build detects an overrun at once. */
const GUARD_BYTES = 64;

/** An allocated range. `rights` are the rights at allocation, which `protect` may have changed since. */
export interface Extent {
  /** Arena address of the first byte. */
  readonly address: number;
  /** Length in bytes. */
  readonly bytes: number;
  /** Rights of both sides, as bits of `shared/loops/rights`. */
  readonly rights: number;
  /** Name in dumps and violations, ASCII, at most 44 characters. */
  readonly label: string;
}

/** Options of an allocation in the arena. */
export interface AllocateOptions {
  /** Alignment in bytes: a power of two, 64 by default. */
  readonly align?: number;
  /** Initial rights of both sides (`shared/loops/rights`). */
  readonly rights: number;
  /** Name in dumps and violations, ASCII. A label of more than 44 characters loses its middle. */
  readonly label: string;
}

function withLock<T>(body: () => T): T {
  while (Atomics.compareExchange(words32, LOCK, 0, 1) !== 0) Atomics.wait(new Int32Array(memory.buffer), LOCK, 1, 1);
  try {
    return body();
  } finally {
    Atomics.store(words32, LOCK, 0);
  }
}

function recordAt(index: number): number {
  return TABLE + index * RECORD_BYTES;
}

function extentOf(index: number): Extent {
  const at = recordAt(index);
  const raw = bytes8.slice(at + 12, at + 12 + LABEL_BYTES);
  const end = raw.indexOf(0);
  return {
    address: words32[at >>> 2]!,
    bytes: words32[(at >>> 2) + 1]!,
    rights: words32[(at >>> 2) + 2]!,
    label: String.fromCharCode(...raw.subarray(0, end < 0 ? LABEL_BYTES : end)),
  };
}

/** Shortens a long label in the middle: the beginning names the owner, the end the purpose. */
function fitting(label: string): string {
  const half = LABEL_BYTES >>> 1;
  return label.length <= LABEL_BYTES ? label : `${label.slice(0, half - 1)}~${label.slice(label.length - half)}`;
}

function writeRecord(index: number, extent: Extent): void {
  const at = recordAt(index);
  words32[at >>> 2] = extent.address;
  words32[(at >>> 2) + 1] = extent.bytes;
  words32[(at >>> 2) + 2] = extent.rights;
  bytes8.fill(0, at + 12, at + RECORD_BYTES);
  const label = fitting(extent.label);
  for (let i = 0; i < label.length; i++) bytes8[at + 12 + i] = label.charCodeAt(i) & 0x7f;
}

/** Finds the first gap that holds `bytes` at `align`. Returns its address and the index to insert at. */
function findGap(bytes: number, align: number): { address: number; index: number } {
  const count = words32[COUNT]!;
  let free = FIRST;
  for (let index = 0; index <= count; index++) {
    const limit = index < count ? words32[recordAt(index) >>> 2]! : ARENA_BYTES;
    const address = Math.ceil((free + GUARD_BYTES) / align) * align;
    if (address + bytes + GUARD_BYTES <= limit) return { address, index };
    if (index < count) free = limit + words32[(recordAt(index) >>> 2) + 1]!;
  }
  throw new ErrnoError('ENOMEM', `the arena has no room for ${bytes} bytes: use fewer or smaller packet-buffer pools`);
}

/** Clears the part of a range that was allocated before; memory above the high-water mark is zero already. */
function clear(address: number, bytes: number): void {
  const used = words32[HIGH_WATER]!;
  if (address < used) bulkFill(address, 0, Math.min(bytes, used - address));
  words32[HIGH_WATER] = Math.max(used, address + bytes);
}

/**
 * Allocates `bytes` bytes, all zero. Returns the arena address.
 * @throws ErrnoError EINVAL for a size that is no positive integer, ENOMEM if nothing fits; nothing has changed then.
 */
export function allocate(bytes: number, options: AllocateOptions): number {
  if (!Number.isInteger(bytes) || bytes <= 0)
    throw new ErrnoError('EINVAL', `cannot allocate ${bytes} bytes for ${options.label}`);
  return withLock(() => {
    const count = words32[COUNT]!;
    if (count === MAX_EXTENTS) throw new ErrnoError('ENOMEM', `the arena holds ${MAX_EXTENTS} extents already`);
    const { address, index } = findGap(bytes, options.align ?? 64);
    bytes8.copyWithin(recordAt(index + 1), recordAt(index), recordAt(count));
    writeRecord(index, { address, bytes, rights: options.rights, label: options.label });
    words32[COUNT] = count + 1;
    clear(address, bytes);
    mem.protect(address, bytes, options.rights);
    return address;
  });
}

function indexOf(address: number): number {
  const count = words32[COUNT]!;
  for (let index = 0; index < count; index++) if (words32[recordAt(index) >>> 2] === address) return index;
  return -1;
}

/**
 * Frees an allocation. Nobody may touch it from now on.
 * @throws ErrnoError EFAULT if `address` is not the start of an allocation.
 */
export function release(address: number): void {
  withLock(() => {
    const index = indexOf(address);
    if (index < 0) {
      const what = address === 0 ? 'a null pointer (0x0)' : hex(address);
      throw new ErrnoError('EFAULT', `${what} is no allocation: give the address that allocate has returned`);
    }
    mem.protect(address, extentOf(index).bytes, NO_RIGHTS);
    bytes8.copyWithin(recordAt(index), recordAt(index + 1), recordAt(words32[COUNT]!));
    words32[COUNT] = words32[COUNT]! - 1;
  });
}

/** Lists all allocations in the order of their addresses. */
export function extents(): Extent[] {
  return Array.from({ length: words32[COUNT]! }, (_unused, index) => extentOf(index));
}

/** Returns the allocation that contains an address, if any. */
export function extentAt(address: number): Extent | undefined {
  return extents().find((extent) => address >= extent.address && address < extent.address + extent.bytes);
}

/**
 * Keeps the list of allocations, and returns a function that puts it back: what was allocated since is free again, and
 * what was released is not. The bytes and the rights of all allocations are the caller's concern.
 */
export function keepExtents(): () => void {
  const count = words32[COUNT]!;
  const table = bytes8.slice(TABLE, recordAt(count));
  return () => {
    if (words32[COUNT] === count && table.every((byte, i) => bytes8[TABLE + i] === byte)) return;
    for (const extent of extents()) mem.protect(extent.address, extent.bytes, NO_RIGHTS);
    bytes8.set(table, TABLE);
    words32[COUNT] = count;
  };
}

/** Frees all allocations, between test cases. No other thread may be using the arena. */
export function resetArena(): void {
  for (const extent of extents()) mem.protect(extent.address, extent.bytes, NO_RIGHTS);
  words32[COUNT] = 0;
  bulkFill(DRIVER_STATICS, 0, DRIVER_STATICS_BYTES);
  Atomics.store(words32, LOCK, 0);
}

/** Describes an address for messages, as `label+offset`. One in the null page is a null pointer, or a field behind one. */
export function describeAddress(address: number): string {
  if (address >= 0 && address < HEAD) return address === 0 ? 'a null pointer' : `a null pointer+${hex(address)}`;
  const extent = extentAt(address);
  if (extent !== undefined) return `${extent.label}+${hex(address - extent.address)}`;
  const before = extents().findLast((one) => one.address <= address);
  if (before === undefined) return 'before all allocations';
  return `${address - before.address - before.bytes} bytes past the end of ${before.label}`;
}

function describeViolation(address: number): string {
  const what = describeAddress(address);
  // Nobody ever has a right to the null page.
  return address < HEAD ? what : `the actor has no right to ${what} at this moment`;
}

mem.setDescriber(describeViolation);
mem.protect(DRIVER_STATICS, DRIVER_STATICS_BYTES, DRIVER_ONLY);
