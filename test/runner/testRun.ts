import type { Failure } from './protocol';
import { replayOfRun, sums } from './replay';
import { type FileOutcome, TestProcess } from './testProcess';

export interface RunSettings {
  readonly processes: number;
  readonly colors: boolean;
  readonly print: (text: string) => void;
  /** Called at the end of each file. */
  readonly finished: (file: string, durationMs: number) => void;
}

/** Runs test files in several processes and prints each file's results as a block. */
export class TestRun {
  private passed = 0;
  private skipped = 0;
  private readonly failures: Failure[] = [];

  constructor(private readonly settings: RunSettings) {}

  /** Runs the files in up to `processes` processes, which start them in this order. */
  async run(files: readonly string[], processes = this.settings.processes): Promise<void> {
    const queue = [...files];
    const count = Math.min(processes, queue.length);
    await Promise.all(Array.from({ length: count }, () => this.workThrough(queue)));
  }

  private async workThrough(queue: string[]): Promise<void> {
    let one: TestProcess | null = null;
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      if (one?.isAlive !== true) one = new TestProcess((late) => this.failures.push(late));
      this.take(file, await one.run({ file, colors: this.settings.colors }));
    }
    const fault = (await one?.close()) ?? null;
    if (fault !== null) this.failures.push({ text: `1) ${fault}\n`, replay: replayOfRun });
  }

  private take(file: string, { passed, skipped, failures, durationMs, output }: FileOutcome): void {
    this.passed += passed;
    this.skipped += skipped;
    this.failures.push(...failures);
    this.settings.finished(file, durationMs);
    this.settings.print(`${file} (${(durationMs / 1000).toFixed(1)} s)\n${output.replace(/^\n+/, '').trimEnd()}\n\n`);
  }

  /** Prints the failures, their replay commands and the sums. Returns the exit status. */
  finish(): number {
    const { print } = this.settings;
    this.failures.forEach(({ text }, index) => print(`${text.replace('1)', `  ${index + 1})`)}\n`));
    for (const { replay } of this.failures) print(`replay: ${replay}\n`);
    print(`${sums({ passed: this.passed, failed: this.failures.length, skipped: this.skipped })}\n`);
    return this.failures.length === 0 && this.passed + this.skipped > 0 ? 0 : 1;
  }
}
