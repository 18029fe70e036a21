import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { sourceArguments } from '../../../../testbench/runtime/package';

/** A program of this folder in a process of its own, which answers each line with one line of JSON. */
export class Process {
  private readonly waiting: ((line: string) => void)[] = [];
  private readonly lines: string[] = [];
  readonly ended: Promise<void>;

  private constructor(private readonly child: ChildProcess) {
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const next = this.waiting.shift();
      if (next === undefined) this.lines.push(line);
      else next(line);
    });
    this.ended = new Promise((resolve) => child.once('close', () => resolve()));
  }

  static start(program: string, args: readonly string[]): Process {
    const conditions = ['--conditions=watched', ...sourceArguments()];
    const child = spawn(process.execPath, [...conditions, join(__dirname, program), ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    return new Process(child);
  }

  get pid(): number {
    return this.child.pid!;
  }

  async answer(): Promise<unknown> {
    const line = this.lines.shift() ?? (await new Promise<string>((resolve) => this.waiting.push(resolve)));
    return JSON.parse(line);
  }

  ask(command: string): Promise<unknown> {
    this.child.stdin!.write(`${command}\n`);
    return this.answer();
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}
