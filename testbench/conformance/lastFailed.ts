import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolders, writableCache } from '../runtime/cacheFolder';
import { packageRoot } from '../runtime/package';

const CACHE = 'last-failed';

/** Key under which a driver's failures are remembered: the target with its path, and the build of a C driver. */
export interface Remembered {
  /** Name of a target of the package, or the absolute path of a script. */
  readonly target: string;
  /** Absolute path of a dpdk-testpmd of the user's own. */
  readonly testpmd?: string | undefined;
}

/** A clause that ran, and whether it counts against the driver. */
export interface RanClause {
  readonly id: string;
  readonly failed: boolean;
}

function fileName({ target, testpmd = '' }: Remembered): string {
  const hash = createHash('sha256').update([packageRoot(), target, testpmd].join('\0')).digest('hex');
  return `${hash}.json`;
}

function idsIn(text: string): string[] {
  const { failed } = JSON.parse(text) as { readonly failed?: unknown };
  return Array.isArray(failed) ? failed.filter((id) => typeof id === 'string') : [];
}

/** Ids of the clauses that failed when they last ran on a driver. Empty where none did, or nothing is remembered. */
export function lastFailed(driver: Remembered): ReadonlySet<string> {
  for (const folder of cacheFolders(CACHE))
    try {
      return new Set(idsIn(readFileSync(join(folder, fileName(driver)), 'utf8')));
    } catch {
      // The file may be in the next folder, or damaged.
    }
  return new Set();
}

/** Remembers what failed. What is known of clauses that have not run stays. Nothing is kept where no cache is writable. */
export function rememberFailed(driver: Remembered, ran: readonly RanClause[]): void {
  const failed = new Set(lastFailed(driver));
  for (const one of ran) {
    if (one.failed) failed.add(one.id);
    else failed.delete(one.id);
  }
  try {
    const file = join(writableCache(CACHE), fileName(driver));
    // Another run may write it now.
    writeFileSync(`${file}.${process.pid}`, JSON.stringify({ target: driver.target, failed: [...failed].sort() }));
    renameSync(`${file}.${process.pid}`, file);
  } catch {
    // The next --last-failed then knows no more than before.
  }
}
