import { reporters, type MochaOptions, type Runner } from 'mocha';
import { replayOfTest, sums } from './replay';
import { testSeed } from './seed';

/** Reporter of `npx mocha`: prints mocha's `spec`, then the replay commands, then the sums on the last line. */
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

// Mocha expects the module itself to be the reporter.
export = Summary;
