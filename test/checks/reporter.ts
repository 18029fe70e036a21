import { reporters, type MochaOptions, type Runner, type Test } from 'mocha';
import { relative } from 'node:path';
import { testSeed } from './seed';

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** The command that runs one test again with the seed of this run. */
function replayOf(test: Test): string {
  // A failed hook stands in for its suite.
  const title = (test.type as string | undefined) === 'hook' ? (test.parent?.fullTitle() ?? '') : test.fullTitle();
  const file = test.file === undefined ? '' : ` --spec ${quoted(relative(process.cwd(), test.file))}`;
  return `AVP_SEED=${testSeed} npx mocha${file} --fgrep ${quoted(title)}`;
}

/** Mocha's `spec`, then how to replay each failure, then one line with the sums. */
class Summary extends reporters.Spec {
  constructor(runner: Runner, options?: MochaOptions) {
    super(runner, options);
    process.stdout.write(`seed ${testSeed} (AVP_SEED=${testSeed} repeats this run)\n`);
  }

  override epilogue(): void {
    super.epilogue();
    for (const test of this.failures) process.stdout.write(`replay: ${replayOf(test)}\n`);
    const { passes, failures, pending } = this.stats;
    const skipped = pending > 0 ? `, ${pending} skipped` : '';
    process.stdout.write(`${passes} passed, ${failures} failed${skipped}\n`);
  }
}

// Mocha takes a reporter as what the module is.
export = Summary;
