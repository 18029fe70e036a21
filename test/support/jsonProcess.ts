import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot, sourceArguments } from '../../testbench/runtime/package';

const TIMEOUT_MS = 60_000;

interface Waiter {
  readonly resolve: (line: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A process that prints lines of JSON, and answers each line of its standard input with one. */
export class JsonProcess {
  private readonly lines: unknown[] = [];
  private readonly waiting: Waiter[] = [];
  private readonly closed: Promise<void>;
  /** Everything that the process wrote to standard error so far. */
  errors = '';
  exit: { readonly status: number | null; readonly signal: string | null } | null = null;

  private constructor(private readonly child: ChildProcess) {
    createInterface({ input: child.stdout! }).on('line', (text) => this.receive(JSON.parse(text)));
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.errors += text));
    this.closed = once(child, 'close').then(([status, signal]) => {
      this.exit = { status: status as number | null, signal: signal as string | null };
      for (const { reject } of this.waiting.splice(0)) reject(this.endedError());
    });
  }

  /**
   * Runs a TypeScript program of the checkout.
   * @param args options of Node, the program and its arguments.
   * @param env overrides variables of this process's environment.
   */
  static start(args: readonly string[], env: Readonly<Record<string, string>> = {}): JsonProcess {
    const command = [...sourceArguments(), ...args];
    return new JsonProcess(spawn(process.execPath, command, { env: { ...process.env, ...env } }));
  }

  /** Runs any program. */
  static run(program: string, args: readonly string[]): JsonProcess {
    return new JsonProcess(spawn(program, args));
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Waits for the next line. @throws Error if the process ends first; it is killed after 60 s. */
  async line(): Promise<unknown> {
    if (this.lines.length > 0) return this.lines.shift();
    if (this.exit !== null) throw this.endedError();
    const timer = setTimeout(() => this.child.kill('SIGKILL'), TIMEOUT_MS);
    try {
      return await new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
    } finally {
      clearTimeout(timer);
    }
  }

  /** Sends a command and returns the answer. */
  ask(command: string): Promise<unknown> {
    this.child.stdin!.write(`${command}\n`);
    return this.line();
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    this.signal(signal);
    await this.closed;
  }

  /** Waits until the process ends by itself. */
  async waitForExit(): Promise<void> {
    await this.closed;
  }

  private receive(line: unknown): void {
    const next = this.waiting.shift();
    if (next === undefined) this.lines.push(line);
    else next.resolve(line);
  }

  private endedError(): Error {
    return new Error(`the process ended (${JSON.stringify(this.exit)}) instead of answering: ${this.errors}`);
  }
}

/** Starts the `avp` command line. @param env overrides variables of this process's environment. */
export function startAvp(args: readonly string[], env: Readonly<Record<string, string>> = {}): JsonProcess {
  return JsonProcess.start([join(packageRoot(), 'cli/avp.ts'), ...args], env);
}
