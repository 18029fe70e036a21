import { spawn } from 'node:child_process';

export interface CommandResult {
  /** Exit status; null where a signal ended the command or it could not be started. */
  readonly status: number | null;
  /** Standard output and standard error, interleaved as they came. */
  readonly output: string;
}

interface CommandOptions {
  readonly cwd?: string;
  /** Not a type of Node: projects that lack those read this declaration too. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 300_000;

/** Runs a command to its end. Never rejects: the output of a command that cannot be started is the reason. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const { timeoutMs = DEFAULT_TIMEOUT_MS, ...rest } = options;
    const child = spawn(command, args, { ...rest, stdio: ['ignore', 'pipe', 'pipe'] });
    // spawn's own timeout keeps running, and the process alive, where a command cannot be started.
    const limit = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    const end = (result: CommandResult): void => {
      clearTimeout(limit);
      resolve(result);
    };
    let output = '';
    const keep = (chunk: Buffer): void => void (output += chunk.toString());
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => end({ status: null, output: `${command}: ${error.message}` }));
    child.on('close', (status, signal) =>
      end({ status, output: signal === null ? output : `${output}\n${command}: ended by ${signal}` }),
    );
  });
}
