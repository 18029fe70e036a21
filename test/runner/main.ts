/**
 * `make test`: runs the test files on all CPUs. Its arguments are patterns that select files.
 * The exit status is 1 if a test fails, and 2 if a pattern matches no file.
 */
import { availableParallelism } from 'node:os';
import { UsageError } from '../../shared/errors';
import { Durations, schedule } from './schedule';
import { testEngine } from './engine';
import { replayOfRun } from './replay';
import { testSeed } from './seed';
import { patternsOf, selectFiles, testFiles } from './selectFiles';
import { ROOT } from './settings';
import { TestRun } from './testRun';

async function main(words: readonly string[]): Promise<number> {
  // All test processes inherit this seed.
  process.env['AVP_SEED'] = String(testSeed);
  const durations = new Durations(ROOT);
  const { together, alone } = schedule(ROOT, selectFiles(testFiles(ROOT), patternsOf(words)), durations);
  process.stdout.write(`seed ${testSeed}, engine ${testEngine} (${replayOfRun} repeats this run)\n\n`);
  const run = new TestRun({
    processes: availableParallelism(),
    colors: process.stdout.isTTY,
    print: (text) => void process.stdout.write(text),
    finished: (file, durationMs) => durations.note(file, durationMs),
  });
  await run.run(together);
  await run.run(alone, 1);
  durations.save();
  return run.finish();
}

main(process.argv.slice(2)).then(
  (status) => (process.exitCode = status),
  (error: unknown) => {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
  },
);
