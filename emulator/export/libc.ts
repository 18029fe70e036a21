/**
 * System calls that Node lacks and that memory shared by processes needs: mappings at a given
 * address, files that cannot be cut short, and locks that end with their process.
 */
import { openSync } from 'node:fs';
import koffi, { type LibraryHandle } from 'koffi';
import { memory } from '../../shared/mem/memory';
import { UsageError } from '../../shared/errors';

const PROT_READ_WRITE = 0x1 | 0x2;
const MAP_SHARED = 0x01;
const MAP_PRIVATE = 0x02;
const MAP_FIXED = 0x10;
const MAP_ANONYMOUS = 0x20;
const MFD_CLOEXEC = 1;
const MFD_ALLOW_SEALING = 2;
const F_ADD_SEALS = 1033;
/** F_SEAL_SHRINK and F_SEAL_GROW, and F_SEAL_SEAL, by which they last. */
const SEALED_SIZE = 0x2 | 0x4 | 0x1;
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
  readonly memfd_create: (name: string, flags: number) => number;
  readonly posix_fallocate: (file: number, offset: number, bytes: number) => number;
  readonly fcntl: (file: number, command: number, value: number) => number;
  readonly close: (file: number) => number;
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
    memfd_create: library.func('int memfd_create(const char *name, unsigned int flags)'),
    posix_fallocate: library.func('int posix_fallocate(int file, int64_t offset, int64_t bytes)'),
    fcntl: library.func('int fcntl(int file, int command, int value)'),
    close: library.func('int close(int file)'),
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
 * Makes a file in memory, all zero, with its space reserved, that nobody can cut short or make longer:
 * an access to a mapping past a file's end would end the process. It exists as long as a process has
 * it open or mapped.
 * @param name of the file in `/proc/PID/maps`.
 * @returns the open file.
 * @throws UsageError where there is no memory for it.
 */
export function openSealedMemory(name: string, bytes: number): number {
  const { memfd_create, posix_fallocate, fcntl, close } = libc();
  const made = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (made < 0)
    throw new UsageError(`no file can be made in memory (${systemErrnoName()}): expected Linux 3.17 or later`);
  try {
    const errno = posix_fallocate(made, 0, bytes);
    if (errno !== 0) throw new UsageError(`${name}: there is no memory for ${bytes} bytes (${systemErrnoName(errno)})`);
    if (fcntl(made, F_ADD_SEALS, SEALED_SIZE) !== 0) throw new Error(`${name} cannot be sealed (${systemErrnoName()})`);
    // When its thread ends, Node closes only the files that it has opened itself.
    return openSync(openFilePath(made), 'r+');
  } finally {
    close(made);
  }
}

/** The path under which any process of this user can open a file that this process has open. */
export function openFilePath(file: number): string {
  return `/proc/${process.pid}/fd/${file}`;
}

/** Locks an open file until it is closed. Returns false if another process has locked it. */
export function lockFile(file: number): boolean {
  return libc().flock(file, LOCK_EXCLUSIVE | LOCK_NOW) === 0;
}
