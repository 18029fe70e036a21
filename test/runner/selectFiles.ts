import { readdirSync } from 'node:fs';
import { join, posix, sep } from 'node:path';
import { UsageError } from '../../shared/errors';

/** The folders of `make test`; the soak tests run on their own. */
const FOLDERS = ['test/unit', 'test/property'];

/** Paths of all test files, relative to `root`, in alphabetical order. */
export function testFiles(root: string, folders: readonly string[] = FOLDERS): string[] {
  return folders
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.test.ts'))
        .map((name) => posix.join(folder, ...name.split(sep))),
    )
    .sort();
}

/** A room (`driver`, `testbench/threads`) or a file, with or without its extension: whole parts of the path. */
function names(file: string, pattern: string): boolean {
  return `/${file}/`.includes(`/${pattern}/`) || file.endsWith(`/${pattern}.test.ts`);
}

/**
 * The files that one of the patterns fits, or all without a pattern. A pattern that names no room and no file
 * is taken as any part of a path.
 * @throws UsageError where a pattern fits no file
 */
export function selectFiles(files: readonly string[], patterns: readonly string[]): string[] {
  if (patterns.length === 0) return [...files];
  const fits = patterns.map((pattern) => {
    const room = files.filter((file) => names(file, pattern.replace(/\/$/, '')));
    const found = room.length > 0 ? room : files.filter((file) => file.includes(pattern));
    if (found.length === 0)
      throw new UsageError(`no test file fits '${pattern}': expected a room like driver or testbench/threads, \
or a part of a test file's path`);
    return found;
  });
  const selected = new Set(fits.flat());
  return files.filter((file) => selected.has(file));
}

/** The patterns in what was typed after `T=`: separated by commas or spaces. */
export function patternsOf(words: readonly string[]): string[] {
  return words.flatMap((word) => word.split(/[\s,]+/)).filter((pattern) => pattern !== '');
}
