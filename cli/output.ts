import { closeSync, openSync, writeFileSync } from 'node:fs';
import { UsageError } from '../shared/errors';
import { toolVersion } from '../testbench/runtime/package';

/** The options of every command. */
export interface CommonOptions {
  /** A command that draws nothing has none unless it is given. */
  readonly seed: number;
  readonly json?: string;
  readonly quiet?: boolean;
}

/** `--json -`: the result takes standard output, all else goes to standard error. */
export const STANDARD_OUTPUT = '-';

function refuse(path: string, cause: unknown): never {
  const reason = cause instanceof Error ? cause.message.replace(/, open '.*'$/, '') : String(cause);
  throw new UsageError(`cannot write ${path}: ${reason}; name a file in a folder that exists and can be written`, {
    cause,
  });
}

/** Tries a file before the work that would fill it. @throws UsageError */
export function requireWritable(path: string | undefined): void {
  if (path === undefined || path === STANDARD_OUTPUT) return;
  try {
    closeSync(openSync(path, 'a'));
  } catch (cause) {
    refuse(path, cause);
  }
}

/** Writes a whole file. @throws UsageError */
export function writeOutput(path: string, content: string | Uint8Array): void {
  try {
    writeFileSync(path, content);
  } catch (cause) {
    refuse(path, cause);
  }
}

/** Where a command's results go. */
export class Output {
  /** Standard output, or standard error where the JSON takes standard output. */
  readonly stream: NodeJS.WriteStream;

  constructor(private readonly options: CommonOptions) {
    this.stream = options.json === STANDARD_OUTPUT ? process.stderr : process.stdout;
    requireWritable(options.json);
  }

  /** Colours go to a terminal only, and not where NO_COLOR asks for none; the field is missing on a pipe. */
  get color(): boolean {
    return Boolean(this.stream.isTTY) && !process.env['NO_COLOR'];
  }

  /** The seed in use, which every command tells. */
  seed(...seeds: readonly number[]): void {
    process.stderr.write(`seed ${[...new Set(seeds)].join(' and ')}\n`);
  }

  /** Text that `--quiet` drops. */
  text(text: string): void {
    if (this.options.quiet !== true) this.finding(text);
  }

  /** Text that is always shown: what went wrong. */
  finding(text: string): void {
    this.stream.write(`${text}\n`);
  }

  /** The whole result as JSON, with the tool's version, where it was asked for. */
  json(result: Readonly<Record<string, unknown>>): void {
    const { json } = this.options;
    if (json === undefined) return;
    const versions = { tool: toolVersion(), ...(result['versions'] as object | undefined) };
    const text = `${JSON.stringify({ ...result, versions }, null, 2)}\n`;
    if (json === STANDARD_OUTPUT) process.stdout.write(text);
    else writeOutput(json, text);
  }
}
