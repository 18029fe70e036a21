import { closeSync, fstatSync, openSync, readFileSync, statSync, unlinkSync, writeSync, ftruncateSync } from 'node:fs';
import { lockFile } from '../libc';

const PRIVATE_FILE = 0o600;
const MAX_TRIES = 100;

/**
 * A lock on a file, which shows that its owner is running. The kernel ends the lock with the
 * process, however that ends, so that a later process with the same id is not mistaken for it.
 */
export class FileLock {
  private constructor(
    readonly path: string,
    private readonly file: number,
  ) {}

  /** Takes the lock. Returns null if another process, or other code of this one, has it. */
  static tryTake(path: string): FileLock | null {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const file = openSync(path, 'a+', PRIVATE_FILE);
      if (!lockFile(file)) {
        closeSync(file);
        return null;
      }
      // The former holder may have removed the file just now. Then the lock is on a file without a name.
      if (inodeAt(path) === fstatSync(file).ino) {
        ftruncateSync(file);
        writeSync(file, `${process.pid}\n`);
        return new FileLock(path, file);
      }
      closeSync(file);
    }
    return null;
  }

  /** The process that has, or had, the lock; null where the file does not say. */
  static holder(path: string): number | null {
    try {
      return Number.parseInt(readFileSync(path, 'utf8'), 10) || null;
    } catch {
      return null;
    }
  }

  /** Releases the lock. Removes the file first, so that nobody locks a file that is about to vanish. */
  release(): void {
    unlinkSync(this.path);
    closeSync(this.file);
  }
}

function inodeAt(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.ino ?? null;
}
