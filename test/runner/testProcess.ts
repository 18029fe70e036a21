import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { END_OF_OUTPUT, type Failure, type FileReport, type FileOrder, type LateError } from './protocol';
import { replayCommand } from './replay';
import { ROOT, mochaSettings } from './settings';

/** Time limit for a file. No file takes a minute. One that takes this long blocks the process, and mocha with it. */
const FILE_LIMIT_MS = 600_000;
/** Time limit for a process to end after its last file. */
const END_LIMIT_MS = 10_000;
/** Time limit for the output of a process that has ended. A process that a test left behind can keep it open. */
const OUTPUT_LIMIT_MS = 2_000;

/** Result of a file, and everything that it printed. */
export interface FileOutcome extends FileReport {
  readonly output: string;
}

/** Collects the output of a process until both streams have marked the end of the file. */
class Output {
  private text = '';
  private endsToCome = 2;

  constructor({ stdout, stderr }: ChildProcess, changed: () => void) {
    for (const stream of [stdout!, stderr!]) {
      /** Start of a marker that the next chunk completes. */
      let begun = '';
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        const parts = (begun + chunk).split(END_OF_OUTPUT);
        const last = parts.pop()!;
        const at = last.lastIndexOf(END_OF_OUTPUT[0]!);
        begun = at >= 0 && END_OF_OUTPUT.startsWith(last.slice(at)) ? last.slice(at) : '';
        this.endsToCome -= parts.length;
        this.text += parts.join('') + last.slice(0, last.length - begun.length);
        changed();
      });
    }
  }

  get isWhole(): boolean {
    return this.endsToCome === 0;
  }

  take(): string {
    const { text } = this;
    this.text = '';
    this.endsToCome = 2;
    return text;
  }
}

/** A process that runs test files one after another, with the modules that it has loaded. */
export class TestProcess {
  isAlive = true;
  private readonly child: ChildProcess;
  private readonly output: Output;
  /** Resolves when the process has ended, and says how. */
  private readonly end: Promise<string>;
  private hasLeftProcess = false;
  private report: FileReport | null = null;
  private changed: () => void = () => undefined;

  /** @param onLate called with an error of a file that has been reported already. */
  constructor(onLate: (failure: Failure) => void) {
    this.child = fork(join(__dirname, 'worker.cjs'), [], {
      cwd: ROOT,
      execArgv: mochaSettings['node-option'].map((option) => `--${option}`),
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.output = new Output(this.child, () => this.changed());
    this.child.on('message', (report: FileReport | LateError) => {
      if ('late' in report) return onLate(report.late);
      this.report = report;
      this.changed();
    });
    this.end = new Promise((resolve) => {
      const died = (how: string): void => {
        this.isAlive = false;
        resolve(how);
      };
      this.child.on('exit', () => {
        const timer = setTimeout(() => {
          this.hasLeftProcess = true;
          this.child.stdout!.destroy();
          this.child.stderr!.destroy();
        }, OUTPUT_LIMIT_MS);
        this.child.on('close', () => clearTimeout(timer));
      });
      this.child.on('close', (status, signal) =>
        died(signal === null ? `ended with status ${status}` : `was ended by ${signal}`),
      );
      this.child.on('error', ({ message }) => died(`cannot be reached: ${message}`));
    });
  }

  /** Runs a file. If the process dies meanwhile, the file has failed. */
  async run(order: FileOrder): Promise<FileOutcome> {
    const startedAt = performance.now();
    this.report = null;
    const reported = new Promise<FileReport>((resolve) => {
      this.changed = () => {
        if (this.report !== null && this.output.isWhole) resolve(this.report);
      };
    });
    const timer = setTimeout(() => this.child.kill('SIGKILL'), FILE_LIMIT_MS);
    this.child.send(order);
    const outcome = await Promise.race([reported, this.end]);
    clearTimeout(timer);
    const output = this.output.take();
    if (typeof outcome !== 'string') return { ...outcome, output };
    const text = `1) ${order.file}:\n     The test process ${outcome} while it ran this file\n`;
    const failures = [{ text, replay: replayCommand(order.file) }];
    return { passed: 0, skipped: 0, failures, durationMs: Math.round(performance.now() - startedAt), output };
  }

  /** Lets the process end. Returns what is wrong with its end, or null. */
  async close(): Promise<string | null> {
    if (!this.isAlive) return null;
    this.child.send('end');
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.child.kill('SIGKILL');
    }, END_LIMIT_MS);
    const end = await this.end;
    clearTimeout(timer);
    if (isLate || this.hasLeftProcess)
      return 'A test process did not end by itself: some test left a timer, thread, process or socket behind';
    return end === 'ended with status 0' ? null : `A test process ${end} behind its last file\n${this.output.take()}`;
  }
}
