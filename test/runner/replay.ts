import { relative } from 'node:path';
import type { Test } from 'mocha';
import { testEngine } from './engine';
import { testSeed } from './seed';

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Command that repeats the whole run. */
export const replayOfRun = `AVP_SEED=${testSeed} make test${testEngine === 'ts' ? '' : ` ENGINE=${testEngine}`}`;

/** Returns the command that repeats a test file with the seed of this run. A title selects tests that contain it. */
export function replayCommand(file: string | undefined, title?: string): string {
  const spec = file === undefined ? '' : ` --spec ${quoted(relative(process.cwd(), file))}`;
  const engine = testEngine === 'ts' ? '' : ` AVP_ENGINE=${testEngine}`;
  return `AVP_SEED=${testSeed}${engine} npx mocha${spec}${title === undefined ? '' : ` --fgrep ${quoted(title)}`}`;
}

/** Returns the command that repeats a failed test with the seed of this run. */
export function replayOfTest(test: Test): string {
  // Mocha cannot select a hook, so a failed one is repeated with its suite.
  const isHook = (test.type as string | undefined) === 'hook';
  return replayCommand(test.file, isHook ? (test.parent?.fullTitle() ?? '') : test.fullTitle());
}

/** Returns the last line of every test run. */
export function sums({ passed, failed, skipped }: { passed: number; failed: number; skipped: number }): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
