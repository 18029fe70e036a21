import { relative } from 'node:path';
import type { Test } from 'mocha';
import { testSeed } from './seed';

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** The command that repeats the whole run. */
export const replayOfRun = `AVP_SEED=${testSeed} make test`;

/** The command that runs one test file again with the seed of this run; with a title, only the tests of that title. */
export function replayCommand(file: string | undefined, title?: string): string {
  const spec = file === undefined ? '' : ` --spec ${quoted(relative(process.cwd(), file))}`;
  return `AVP_SEED=${testSeed} npx mocha${spec}${title === undefined ? '' : ` --fgrep ${quoted(title)}`}`;
}

/** The command that runs one failed test again with the seed of this run. */
export function replayOfTest(test: Test): string {
  // A failed hook stands in for its suite.
  const isHook = (test.type as string | undefined) === 'hook';
  return replayCommand(test.file, isHook ? (test.parent?.fullTitle() ?? '') : test.fullTitle());
}

/** The last line of every test run. */
export function sums({ passed, failed, skipped }: { passed: number; failed: number; skipped: number }): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
