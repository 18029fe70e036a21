import { appendFileSync, chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../shared/errors';
import { writableCache } from '../testbench/runtime/cacheFolder';

const CACHE = 'shell';
const FILE = 'history';
/** Lines that a file keeps. */
const MAX_LINES = 1_000;
/** The user only: lines may hold names of files. */
const PRIVATE_MODE = 0o600;

function linesOf(file: string): string[] {
  try {
    const lines = readFileSync(file, 'utf8').split('\n');
    return lines.filter((line) => line !== '').slice(-MAX_LINES);
  } catch {
    return [];
  }
}

/** The lines of earlier sessions, in a cache of the user. Without a place for it a session has its own lines only. */
export class ShellHistory {
  /** Newest first, as readline wants them. */
  readonly lines: readonly string[];
  private readonly isKept: boolean;

  /** @param file null for none. */
  constructor(private readonly file: string | null) {
    const lines = file === null ? [] : linesOf(file);
    this.lines = [...lines].reverse();
    this.isKept =
      file !== null &&
      this.attempt(() => {
        // Anew, without the oldest lines.
        writeFileSync(file, lines.map((line) => `${line}\n`).join(''), { mode: PRIVATE_MODE });
        chmodSync(file, PRIVATE_MODE);
      });
  }

  /** The file of this user; null where no cache can be written. */
  static place(): string | null {
    try {
      return join(writableCache(CACHE), FILE);
    } catch (error) {
      if (error instanceof UsageError) return null;
      throw error;
    }
  }

  /** Keeps a line at once, so that it outlives a session that is killed. */
  add(line: string): void {
    if (this.isKept && line.trim() !== '')
      this.attempt(() => appendFileSync(this.file!, `${line.replace(/[\r\n]/g, ' ')}\n`));
  }

  /** Returns false where the file system refuses: that must not end a session. */
  private attempt(work: () => void): boolean {
    try {
      work();
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      return false;
    }
  }
}
