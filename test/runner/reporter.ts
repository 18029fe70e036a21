import { reporters, type MochaOptions, type Runner } from 'mocha';
import { replayOfTest, sums } from './replay';
import { testSeed } from './seed';

/** Mocha's `spec`, then how to replay each failure, then one line with the sums: for `npx mocha` by hand. */
class Summary extends reporters.Spec {
  constructor(runner: Runner, options?: MochaOptions) {
    super(runner, options);
    process.stdout.write(`seed ${testSeed} (AVP_SEED=${testSeed} repeats this run)\n`);
  }

  override epilogue(): void {
    super.epilogue();
    for (const test of this.failures) process.stdout.write(`replay: ${replayOfTest(test)}\n`);
    const { passes, failures, pending } = this.stats;
    process.stdout.write(`${sums({ passed: passes, failed: failures, skipped: pending })}\n`);
  }
}

// Mocha takes a reporter as what the module is.
export = Summary;
