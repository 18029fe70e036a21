/**
 * System calls that Node lacks and that memory shared by processes needs: mappings at a given
 * address, space for a file, and locks that end with their process.
 */
import koffi, { type LibraryHandle } from 'koffi';
import { memory } from '../../shared/mem/memory';
import { UsageError } from '../../shared/errors';

const PROT_READ_WRITE = 0x1 | 0x2;
const MAP_SHARED = 0x01;
const MAP_PRIVATE = 0x02;
const MAP_FIXED = 0x10;
const MAP_ANONYMOUS = 0x20;
const LOCK_EXCLUSIVE = 2;
const LOCK_NOW = 4;
const NO_FILE = -1;

interface Libc {
  readonly mmap: (
    address: number,
    bytes: number,
    protection: number,
    flags: number,
    file: number,
    offset: number,
  ) => number | bigint;
  readonly flock: (file: number, operation: number) => number;
  readonly fallocate: (file: number, offset: number, bytes: number) => number;
}

let loaded: Libc | null = null;

/** Loads the C library that Node itself is linked with. @throws UsageError on another system than Linux. */
export function linuxLibrary(): LibraryHandle {
  if (process.platform !== 'linux')
    throw new UsageError(`memory is shared between processes on Linux only, not on ${process.platform}`);
  return koffi.load(null);
}

function libc(): Libc {
  if (loaded !== null) return loaded;
  const library = linuxLibrary();
  loaded = {
    mmap: library.func(
      'uintptr_t mmap(uintptr_t address, size_t bytes, int protection, int flags, int file, int64_t offset)',
    ),
    flock: library.func('int flock(int file, int operation)'),
    fallocate: library.func('int posix_fallocate(int file, int64_t offset, int64_t bytes)'),
  };
  return loaded;
}

/** Name of an errno value as this system's `<errno.h>` has it, by default that of the last call that failed. */
export function systemErrnoName(errno = koffi.errno()): string {
  return Object.entries(koffi.os.errno).find(([, value]) => value === errno)?.[0] ?? `errno ${errno}`;
}

function mapAt(address: number, bytes: number, flags: number, file: number): void {
  const at = Number(koffi.address(new Uint8Array(memory.buffer))) + address;
  const got = libc().mmap(at, bytes, PROT_READ_WRITE, flags | MAP_FIXED, file, 0);
  if (Number(got) !== at) throw new Error(`mmap of ${bytes} bytes failed: ${systemErrnoName()}`);
}

/**
 * Maps an open file over a page-aligned range of the arena, for all threads of the process. The
 * former contents of the range are lost.
 */
export function mapFile(address: number, bytes: number, file: number): void {
  mapAt(address, bytes, MAP_SHARED, file);
}

/** Maps private memory, all zero, over a page-aligned range of the arena. */
export function mapNothing(address: number, bytes: number): void {
  mapAt(address, bytes, MAP_PRIVATE | MAP_ANONYMOUS, NO_FILE);
}

/**
 * Gives a file its size and reserves the space. Without space, an access to the mapping would end
 * the process.
 * @throws UsageError where the file system has no room.
 */
export function reserveSpace(file: number, bytes: number, path: string): void {
  const errno = libc().fallocate(file, 0, bytes);
  if (errno !== 0)
    throw new UsageError(`${path}: the file system has no room for ${bytes} bytes (${systemErrnoName(errno)})`);
}

/** Locks an open file until it is closed. Returns false if somebody else has locked it. */
export function lockFile(file: number): boolean {
  return libc().flock(file, LOCK_EXCLUSIVE | LOCK_NOW) === 0;
}
