import { AsyncLocalStorage } from 'node:async_hooks';
import { format } from 'node:util';
import Mocha, { reporters, type Test } from 'mocha';
import { takeLateRejections } from './rejections';
import { replayCommand, replayOfTest } from './replay';
import { END_OF_OUTPUT, type Failure, type FileReport, type FileOrder, type LateError } from './protocol';
import { mochaSettings } from './settings';

/** Mocha's `spec` without the list of failures, which the test run prints after the last file. */
class FileBlock extends reporters.Spec {
  override epilogue(): void {}
}

/** Formats a failure as mocha prints it. */
function textOf(test: Test): string {
  const { consoleLog } = reporters.Base;
  const lines: string[] = [];
  reporters.Base.consoleLog = (...words: unknown[]) => void lines.push(format(...words));
  try {
    reporters.Base.list([test]);
  } finally {
    reporters.Base.consoleLog = consoleLog;
  }
  return lines.join('\n').trimStart();
}

type Listener = (...args: unknown[]) => void;

function listenersOf(event: string): Listener[] {
  return process.listeners(event as 'exit') as Listener[];
}

function failureOfFile(file: string, what: string): Failure {
  return { text: `1) ${file}:\n     ${what}\n`, replay: replayCommand(file) };
}

/** The file that whatever runs now belongs to. */
const fileOf = new AsyncLocalStorage<{ readonly file: string; hasEnded: boolean }>();

/** Mocha would blame the file that it runs at the moment. */
function takeError(error: Error): void {
  const owner = fileOf.getStore();
  if (owner?.hasEnded === true) {
    const what = `After its end, by something that it left behind: ${error.stack ?? error.message}`;
    process.send!({ late: failureOfFile(owner.file, what) } satisfies LateError);
  } else if (!process.emit('uncaughtException', error)) {
    process.stderr.write(`${error.stack ?? error.message}\n`);
    process.exit(1);
  }
}

process.setUncaughtExceptionCaptureCallback(takeError);
takeLateRejections(takeError);

async function runFile(file: string): Promise<Omit<FileReport, 'durationMs'>> {
  const mocha = new Mocha({ reporter: FileBlock, timeout: mochaSettings.timeout, forbidOnly: true });
  mocha.addFile(file);
  try {
    await mocha.loadFilesAsync();
  } catch (error) {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { passed: 0, skipped: 0, failures: [failureOfFile(file, `The file does not load: ${what}`)] };
  }
  const failures: Failure[] = [];
  const before = {
    uncaughtException: listenersOf('uncaughtException'),
    unhandledRejection: listenersOf('unhandledRejection'),
  };
  const { stats } = await new Promise<Mocha.Runner>((resolve) => {
    const runner = mocha.run(() => resolve(runner));
    runner.on('fail', (test) => {
      // An error outside of all tests has no file.
      const replay = test.file === undefined ? replayCommand(file) : replayOfTest(test);
      failures.push({ text: textOf(test), replay });
    });
  });
  // Mocha leaves its listeners behind, because it expects the process to end.
  for (const [event, kept] of Object.entries(before))
    for (const listener of listenersOf(event)) if (!kept.includes(listener)) process.off(event, listener);
  const { passes = 0, pending = 0, tests = 0 } = stats ?? {};
  if (tests + pending === 0 && failures.length === 0) failures.push(failureOfFile(file, 'No test is in the file'));
  return { passed: passes, skipped: pending, failures };
}

async function carryOut({ file, colors }: FileOrder): Promise<void> {
  reporters.Base.useColors = colors;
  const startedAt = performance.now();
  const owner = { file, hasEnded: false };
  const report = await fileOf.run(owner, () => runFile(file));
  owner.hasEnded = true;
  for (const stream of [process.stdout, process.stderr]) stream.write(END_OF_OUTPUT);
  process.send!({ ...report, durationMs: Math.round(performance.now() - startedAt) } satisfies FileReport);
}

let isFinished = false;

process.on('message', (order: FileOrder | 'end') => {
  if (order !== 'end') return void carryOut(order);
  isFinished = true;
  // Tests of the command line set the exit status too.
  process.exitCode = 0;
  process.disconnect();
});

// The test run has died.
process.on('disconnect', () => {
  if (!isFinished) process.exit(1);
});
