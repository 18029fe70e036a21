import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { packageRoot, sourceArguments } from '../../testbench/runtime/package';
import { eventually } from './eventually';

/** The words that run the `avp` command line from the source. */
export function avpWords(...args: readonly string[]): string[] {
  return [process.execPath, ...sourceArguments(), join(packageRoot(), 'cli/avp.ts'), ...args];
}

/** A busy machine may take long to load the command and TypeScript. */
const LIMIT_MS = 180_000;

/** End of a process, and its output. */
export interface AvpEnd {
  readonly status: number | null;
  readonly signal: string | null;
  readonly out: string;
  readonly err: string;
}

/** A command line that runs `avp` in a process of its own, for tests that signal it or limit what it may use. */
export class AvpProcess {
  out = '';
  err = '';
  private readonly child: ChildProcess;
  readonly ended: Promise<AvpEnd>;

  /** @param env overrides variables of this process's environment. */
  constructor([program, ...args]: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.child = spawn(program!, args, { cwd: packageRoot(), env: { ...process.env, ...env } });
    // A process that has ended takes no more lines.
    this.child.stdin!.on('error', () => {});
    this.child.stdout!.setEncoding('utf8').on('data', (text: string) => (this.out += text));
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.err += text));
    this.ended = once(this.child, 'close').then(([status, signal]) => ({
      status: status as number | null,
      signal: signal as string | null,
      out: this.out,
      err: this.err,
    }));
  }

  get pid(): number {
    return this.child.pid!;
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Waits for a state that the process brings about. @throws Error if it ends first. */
  async until(what: string, holds: () => boolean): Promise<void> {
    const check = (): boolean => {
      if (holds()) return true;
      if (this.hasEnded) throw new Error(`${what}: the process ended first: ${this.err}`);
      return false;
    };
    await eventually(what, check, LIMIT_MS);
  }

  write(line: string): void {
    this.type(`${line}\n`);
  }

  /** Sends keys as they are, control characters among them. */
  type(keys: string): void {
    this.child.stdin!.write(keys);
  }

  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<AvpEnd> {
    this.child.kill(signal);
    return this.ended;
  }
}
