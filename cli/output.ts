import { closeSync, openSync, writeFileSync } from 'node:fs';
import { UsageError } from '../shared/errors';
import { visibleJson } from '../shared/visible';
import { toolVersion } from '../testbench/runtime/package';
import { useColor, visibleWithColors } from './color';

/** Options of every command. */
export interface CommonOptions {
  /** Seed of the run. Commands that use no randomness have one only if `--seed` is given. */
  readonly seed: number;
  readonly json?: string;
  readonly quiet?: boolean;
}

/** File name that selects standard output. With `--json -`, everything else goes to standard error. */
export const STANDARD_OUTPUT = '-';

function refuse(path: string, cause: unknown): never {
  const reason = cause instanceof Error ? cause.message.replace(/, open '.*'$/, '') : String(cause);
  throw new UsageError(`cannot write ${path}: ${reason}; name a file in a folder that exists and can be written`, {
    cause,
  });
}

/**
 * Checks that a file can be written, before the work that produces its content.
 * @throws UsageError if it cannot.
 */
export function requireWritable(path: string | undefined): void {
  if (path === undefined || path === STANDARD_OUTPUT) return;
  try {
    closeSync(openSync(path, 'a'));
  } catch (cause) {
    refuse(path, cause);
  }
}

/**
 * Writes a file.
 * @throws UsageError if that is not possible.
 */
export function writeOutput(path: string, content: string | Uint8Array): void {
  try {
    writeFileSync(path, content);
  } catch (cause) {
    refuse(path, cause);
  }
}

/** Prints a command's results. */
export class Output {
  /** Stream for text: standard output, or standard error if JSON goes to standard output. */
  readonly stream: NodeJS.WriteStream;

  constructor(private readonly options: CommonOptions) {
    this.stream = options.json === STANDARD_OUTPUT ? process.stderr : process.stdout;
    requireWritable(options.json);
  }

  /** Tells whether to use colours. */
  get color(): boolean {
    return useColor(this.stream);
  }

  /** Prints the seeds in use to standard error. */
  seed(...seeds: readonly number[]): void {
    process.stderr.write(`seed ${[...new Set(seeds)].join(' and ')}\n`);
  }

  /** Prints text that `--quiet` suppresses. */
  text(text: string): void {
    if (this.options.quiet !== true) this.finding(text);
  }

  /** Prints text even with `--quiet`. Control characters become visible, apart from the colours of reports. */
  finding(text: string): void {
    this.stream.write(`${visibleWithColors(text, this.color)}\n`);
  }

  /** Writes the whole result and the tool's version as JSON, if `--json` was given. */
  json(result: Readonly<Record<string, unknown>>): void {
    const { json } = this.options;
    if (json === undefined) return;
    const versions = { tool: toolVersion(), ...(result['versions'] as object | undefined) };
    const text = `${visibleJson({ ...result, versions }, 2)}\n`;
    if (json === STANDARD_OUTPUT) process.stdout.write(text);
    else writeOutput(json, text);
  }
}
