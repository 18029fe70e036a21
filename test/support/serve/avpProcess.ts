import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot, sourceArguments } from '../../../testbench/runtime/package';

const LIMIT_MS = 60_000;

export type Line = Readonly<Record<string, unknown>>;

/** `avp` in a process of its own, which speaks in lines of JSON. */
export class Avp {
  private readonly lines: Line[] = [];
  private readonly waiting: ((line: Line | null) => void)[] = [];
  private readonly ended: Promise<unknown>;
  /** What it wrote to standard error. */
  errors = '';
  exit: { readonly status: number | null; readonly signal: string | null } | null = null;

  private constructor(private readonly child: ChildProcess) {
    createInterface({ input: child.stdout! }).on('line', (text) => this.hear(JSON.parse(text) as Line));
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.errors += text));
    this.ended = once(child, 'close').then(([status, signal]) => {
      this.exit = { status: status as number | null, signal: signal as string | null };
      for (const give of this.waiting.splice(0)) give(null);
    });
  }

  /** @param env goes before this process's environment. */
  static startIn(env: Readonly<Record<string, string>>, ...args: string[]): Avp {
    const command = [...sourceArguments(), join(packageRoot(), 'cli/avp.ts'), ...args];
    return new Avp(
      spawn(process.execPath, command, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } }),
    );
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** The next line that it prints. */
  async line(): Promise<Line> {
    const late = setTimeout(() => this.child.kill('SIGKILL'), LIMIT_MS);
    const line =
      this.lines.shift() ??
      (this.exit === null ? await new Promise<Line | null>((give) => this.waiting.push(give)) : null);
    clearTimeout(late);
    if (line === null) throw new Error(`it ended (${JSON.stringify(this.exit)}) instead of answering: ${this.errors}`);
    return line;
  }

  /** Sends a command and gives the answer. */
  ask(command: string): Promise<Line> {
    this.child.stdin!.write(`${command}\n`);
    return this.line();
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    this.signal(signal);
    await this.ended;
  }

  /** Its end, when it comes by itself. */
  async close(): Promise<void> {
    await this.ended;
  }

  private hear(line: Line): void {
    const next = this.waiting.shift();
    if (next === undefined) this.lines.push(line);
    else next(line);
  }
}
