import { Command } from 'commander';
import { UsageError } from '../shared/errors';
import { type CommandName, COMMANDS } from './commandList';
import { type CommonOptions, Output } from './output';
import type { SeedRange } from '../testbench/run/seeds';
import { fileValue, seedValue } from './values';
import type * as watching from './watch/watch';

/** Seed of a command without `--seed`. It is fixed, so that the result repeats. */
const DEFAULT_SEED = 1;

/** Exit status: no findings. */
export const STATUS_GOOD = 0;
/** Exit status: the command worked and found something. */
export const STATUS_FINDINGS = 1;
/** Exit status: wrong usage, or something that the command needs is missing. */
export const STATUS_USAGE = 2;

/** @throws UsageError if a file was made with another seed than `--seed` asks for. */
export function requireSeed(path: string, found: number, wanted: number | undefined): void {
  if (wanted !== undefined && found !== wanted)
    throw new UsageError(`${path} was made with seed ${found}, not ${wanted}`);
}

/** Runs a command and returns its exit status. */
export type Action<Options> = (
  options: Options & CommonOptions,
  output: Output,
  args: readonly string[],
) => Promise<number> | number;

export interface CommandText<Options = object> {
  readonly name: CommandName;
  readonly examples: readonly (readonly [command: string, what: string])[];
  /**
   * Meaning of `--seed` for a command that uses no randomness. Such a command has no default seed and does not
   * print one at the start.
   */
  readonly seedAbout?: string;
  /**
   * Absolute paths of the files of the user that the command reads. A command that has this takes `--watch`.
   * @throws UsageError where one is missing.
   */
  readonly inputs?: (options: Options, args: readonly string[]) => readonly string[];
}

function exampleText(examples: CommandText['examples']): string {
  const width = Math.max(...examples.map(([command]) => command.length));
  return ['', 'Examples:', ...examples.map(([command, what]) => `  ${command.padEnd(width)}  # ${what}`)].join('\n');
}

/** Runs an action. Removes a former run's reports if it fails, unless it has refused to begin. */
async function carryOut(action: () => Promise<number> | number, output: Output): Promise<number> {
  try {
    const status = await action();
    output.requireWritten();
    return status;
  } catch (error) {
    if (!(error instanceof UsageError)) output.begin();
    throw error;
  }
}

/** Builds a command with the options that all commands share. Calls `onStatus` with the exit status of the action. */
export function makeCommand<Options>(
  text: CommandText<Options>,
  action: Action<Options>,
  onStatus: (status: number) => void,
): Command {
  const { seedAbout = 'seed of everything random, decimal' } = text;
  const command = new Command(text.name)
    .description(COMMANDS[text.name].about)
    .option('--seed <N>', seedAbout, seedValue, text.seedAbout === undefined ? DEFAULT_SEED : undefined)
    .option('--json <FILE>', "write the whole result as JSON; '-' is standard output", fileValue)
    .option('--quiet', 'print nothing but findings')
    .addHelpText('after', exampleText(text.examples));
  const { inputs } = text;
  if (inputs !== undefined)
    command.option('--watch', 'run again whenever a script or the source changes; Enter runs again, q ends');
  command.action(async () => {
    const options = command.opts<Options & CommonOptions & { readonly watch?: boolean }>();
    if (inputs !== undefined && options.watch === true) {
      const { watchCommand } = require('./watch/watch') as typeof watching;
      return onStatus(await watchCommand(inputs(options, command.args)));
    }
    const output = new Output(options);
    const { seeds } = options as { readonly seeds?: SeedRange };
    if (seeds !== undefined) {
      if (command.getOptionValueSource('seed') === 'cli') throw new UsageError('--seed and --seeds: give one of them');
      output.seedRange(seeds.from, seeds.to);
    } else if (text.seedAbout === undefined) output.seed(options.seed);
    onStatus(await carryOut(() => action(options, output, command.args), output));
  });
  return command;
}
