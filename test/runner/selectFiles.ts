import { readdirSync } from 'node:fs';
import { join, posix, sep } from 'node:path';
import { UsageError } from '../../shared/errors';
import { testEngine } from './engine';

/** Folders of `make test`. The soak tests have a command of their own. */
const FOLDERS = ['test/unit', 'test/property'];
/** Folders of `make test ENGINE=wasm`: driver and host run in the test's own thread there. */
const COMPILED_FOLDERS = ['test/unit/driver', 'test/unit/emulator', 'test/unit/shared', 'test/property'];

/** Lists all test files by path relative to `root`, in alphabetical order. */
export function testFiles(
  root: string,
  folders: readonly string[] = testEngine === 'wasm' ? COMPILED_FOLDERS : FOLDERS,
): string[] {
  return folders
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.test.ts'))
        .map((name) => posix.join(folder, ...name.split(sep))),
    )
    .sort();
}

/** Tells whether a pattern names the file or a folder above it, such as `driver` or `testbench/threads`. */
function names(file: string, pattern: string): boolean {
  return `/${file}/`.includes(`/${pattern}/`) || file.endsWith(`/${pattern}.test.ts`);
}

/**
 * Selects the files that match at least one pattern, or all if there is no pattern. A pattern that names neither a
 * folder nor a file matches any part of a path.
 * @throws UsageError if a pattern matches no file.
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

/** Splits the value of `T=` into patterns at commas and spaces. */
export function patternsOf(words: readonly string[]): string[] {
  return words.flatMap((word) => word.split(/[\s,]+/)).filter((pattern) => pattern !== '');
}
