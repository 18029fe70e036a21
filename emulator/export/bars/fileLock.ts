import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readFileSync,
  readSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { UsageError } from '../../../shared/errors';
import { lockFile } from '../libc';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_RDWR } = constants;
const PRIVATE_FILE = 0o600;
const MAX_TRIES = 100;
/** Larger than any record. */
const MAX_BYTES = 4_096;
/** Index of `starttime` among the fields of `/proc/PID/stat` that follow the process's name. */
const START_TICKS = 19;
const FORMAT = 'avp-testbench lock 1';

/** Contents of a lock's file: the present or last owner. They prove that this tool has written the file. */
export interface LockRecord {
  readonly pid: number;
  /** When that process was started, in clock ticks of the kernel since its boot. Tells processes with one id apart. */
  readonly startTicks: number;
  /** Facts of the lock's user. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/**
 * Decides about a lock that has just been taken, before anything is written.
 * @param former who had it and ended without releasing it; null where the file is new or empty.
 * @returns the facts of the new record.
 * @throws to give the lock back; the file stays as it was found.
 */
type Claim = (former: LockRecord | null) => LockRecord['facts'];

/**
 * A lock on a file, which shows that its owner is running. The kernel ends the lock with the
 * process, however that ends, so that a later process with the same id is not mistaken for it.
 */
export class FileLock {
  private constructor(
    readonly path: string,
    private readonly file: number,
    readonly facts: LockRecord['facts'],
  ) {}

  /**
   * Takes the lock. Returns null if another process, or other code of this one, has it.
   * @throws UsageError where the path names anything that a lock has not written, a symbolic link above all; it is
   *   neither followed nor changed.
   */
  static tryTake(path: string, claim: Claim = () => ({})): FileLock | null {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const { file, isNew } = openLock(path);
      let taken = false;
      try {
        if (!lockFile(file)) return null;
        // The former holder may have removed the file just now. Then the lock is on a file without a name.
        if (inodeAt(path) !== fstatSync(file).ino) continue;
        const facts = claimed(path, file, isNew, claim);
        taken = true;
        return new FileLock(path, file, facts);
      } finally {
        if (!taken) closeSync(file);
      }
    }
    return null;
  }

  /** The process that has, or had, the lock; null where the file does not say. */
  static holder(path: string): number | null {
    try {
      const file = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
      try {
        return readRecord(path, file)?.pid ?? null;
      } finally {
        closeSync(file);
      }
    } catch {
      return null;
    }
  }

  /** Releases the lock. Removes the file first, so that nobody locks a file that is about to vanish. */
  release(): void {
    try {
      if (inodeAt(this.path) === fstatSync(this.file).ino) unlinkSync(this.path);
    } finally {
      closeSync(this.file);
    }
  }
}

/** Opens the file without following a link, or makes it. Waits for nobody, even where it is a pipe. */
function openLock(path: string): { readonly file: number; readonly isNew: boolean } {
  for (let tries = 0; ; tries++)
    for (const [flags, isNew, passed] of [
      [O_RDWR | O_CREAT | O_EXCL, true, 'EEXIST'],
      [O_RDWR, false, 'ENOENT'],
    ] as const)
      try {
        return { file: openSync(path, flags | O_NOFOLLOW | O_NONBLOCK, PRIVATE_FILE), isNew };
      } catch (error) {
        const { code = '', message } = error as NodeJS.ErrnoException;
        // ENOENT for both means that the folder has gone.
        if (code === passed && tries < MAX_TRIES) continue;
        if (code === 'ENOENT') throw error;
        if (['ELOOP', 'EISDIR', 'ENXIO'].includes(code)) throw foreign(path);
        throw new UsageError(`${path} cannot be opened: ${message}`, { cause: error });
      }
}

/** Lets the claim decide, and writes the record. A file that was made for nothing is removed again. */
function claimed(path: string, file: number, isNew: boolean, claim: Claim): LockRecord['facts'] {
  try {
    const facts = claim(readRecord(path, file));
    const text = `${JSON.stringify({ format: FORMAT, pid: process.pid, startTicks: startTicks(), facts })}\n`;
    ftruncateSync(file);
    writeSync(file, text, 0);
    return facts;
  } catch (error) {
    if (isNew) unlinkSync(path);
    throw error;
  }
}

/** Reads who had the lock; null for an empty file. @throws UsageError for a file that no lock has written. */
function readRecord(path: string, file: number): LockRecord | null {
  const found = fstatSync(file);
  if (!found.isFile() || found.uid !== process.getuid?.() || found.size > MAX_BYTES) throw foreign(path);
  if (found.size === 0) return null;
  const text = Buffer.alloc(found.size);
  const bytes = readSync(file, text, 0, text.length, 0);
  const record = parsed(text.toString('utf8', 0, bytes));
  if (record === null) throw foreign(path);
  return record;
}

function parsed(text: string): LockRecord | null {
  try {
    const found = JSON.parse(text) as Partial<LockRecord & { format: string }> | null;
    const { format, pid, startTicks, facts } = found ?? {};
    const isOurs = format === FORMAT && Number.isInteger(pid) && Number.isInteger(startTicks);
    return isOurs ? { pid: pid!, startTicks: startTicks!, facts: facts ?? {} } : null;
  } catch {
    return null;
  }
}

/** Reads the start of this process. The name before it may hold anything, so that it is found from the last bracket. */
function startTicks(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[START_TICKS]);
}

function foreign(path: string): UsageError {
  return new UsageError(
    `${path} was not written by this tool, nothing is changed: move it away, or give another folder`,
  );
}

function inodeAt(path: string): number | null {
  return lstatSync(path, { throwIfNoEntry: false })?.ino ?? null;
}
