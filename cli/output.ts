import { UsageError } from '../shared/errors';
import { visibleJson } from '../shared/visible';
import { toolVersion } from '../testbench/runtime/package';
import { WholeFile } from '../testbench/runtime/wholeFile';
import { realPlaceOf } from '../testbench/runtime/wholeFolder';
import { useColor, visibleWithColors } from './color';
import { graceLeftMs, withoutSignals, withPlainSignals } from './signals';

/** Options of every command. */
export interface CommonOptions {
  /** Seed of the run. Commands that use no randomness have one only if `--seed` is given. */
  readonly seed: number;
  readonly json?: string;
  readonly quiet?: boolean;
}

/** File name that selects standard output. With `--json -`, everything else goes to standard error. */
export const STANDARD_OUTPUT = '-';

/** Prints a command's results and writes its reports: every file that an option of it names. */
export class Output {
  /** Stream for text: standard output, or standard error if JSON goes to standard output. */
  readonly stream: NodeJS.WriteStream;
  private readonly reports = new Map<string, WholeFile>();
  private readonly failures: string[] = [];
  private hasBegun = false;

  /** @throws UsageError if the file of `--json` cannot be written. */
  constructor(private readonly options: CommonOptions) {
    this.stream = options.json === STANDARD_OUTPUT ? process.stderr : process.stdout;
    if (options.json !== STANDARD_OUTPUT) this.announce(options.json);
  }

  /**
   * Checks that reports can be written, before the work that produces them. Makes nothing, because usage may still
   * turn out to be wrong.
   * @throws UsageError if one cannot, or two options name the same file.
   */
  announce(...paths: readonly (string | undefined)[]): void {
    for (const path of paths) {
      if (path === undefined) continue;
      const file = WholeFile.at(path);
      if ([...this.reports.values()].some((other) => file.replaces(other)))
        throw new UsageError(`two options name the file ${path}: one report would replace the other; name two files`);
      this.reports.set(path, file);
    }
  }

  /**
   * Checks that no announced report replaces a file that the command reads, which would be lost.
   * @throws UsageError if one would.
   */
  requireKept(...inputs: readonly (string | undefined)[]): void {
    for (const input of inputs)
      for (const [path, file] of this.reports)
        if (input !== undefined && file.isAt(input))
          throw new UsageError(
            `a report would replace ${input}, which this command reads: name another file than ${path}`,
          );
  }

  /**
   * Checks that no announced report has the name of a folder that the command makes, and that all folders have
   * different names.
   * @throws UsageError if any have.
   */
  requireApart(...folders: readonly (string | undefined)[]): void {
    const made: string[] = [];
    for (const folder of folders) {
      if (folder === undefined) continue;
      if ([...this.reports.values()].some((file) => file.isAt(folder)))
        throw new UsageError(`${folder} cannot be a folder and the file of a report: give two names`);
      const real = realPlaceOf(folder);
      if (made.includes(real)) throw new UsageError(`two options name the folder ${folder}: name two folders`);
      made.push(real);
    }
  }

  /**
   * Removes the reports of a former run. To be called when nothing is left to be checked: from then on, whatever
   * happens to this run, nobody takes those for its own.
   * @throws UsageError if one cannot be removed.
   */
  begin(): void {
    if (this.hasBegun) return;
    this.hasBegun = true;
    for (const file of this.reports.values()) file.removeFormer();
  }

  /** Writes a report that was announced, whole or not at all. One that fails does not keep the others from it. */
  write(path: string, content: string | Uint8Array): void {
    this.begin();
    const file = this.reports.get(path)!;
    try {
      if (file.isFile) withoutSignals(() => file.write(content));
      else if (file.mayWait) this.writeToReader(file, content);
      else file.write(content);
    } catch (error) {
      this.postpone(error);
    }
  }

  private writeToReader(file: WholeFile, content: string | Uint8Array): void {
    const leftMs = graceLeftMs();
    if (leftMs === null) withPlainSignals(() => file.write(content));
    else file.write(content, leftMs);
  }

  /** Keeps the error of a report that could not be written until all others are. @throws any other error */
  postpone(error: unknown): void {
    if (!(error instanceof UsageError)) throw error;
    this.failures.push(error.message);
  }

  /** @throws UsageError that names every report that could not be written. */
  requireWritten(): void {
    if (this.failures.length > 0) throw new UsageError(this.failures.join('; '));
  }

  /** Tells whether to use colours. */
  get color(): boolean {
    return useColor(this.stream);
  }

  /** Prints the seeds in use to standard error. */
  seed(...seeds: readonly number[]): void {
    process.stderr.write(`seed ${[...new Set(seeds)].join(' and ')}\n`);
  }

  /** Prints the range of seeds in use to standard error. */
  seedRange(from: number, to: number): void {
    process.stderr.write(`seeds ${from}..${to}\n`);
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
    else this.write(json, text);
  }
}
