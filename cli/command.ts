import { Command } from 'commander';
import { type CommonOptions, Output } from './output';
import { fileValue, seedValue } from './values';

/** Where no seed is given: the same results every time. */
export const DEFAULT_SEED = 1;

/** Exit status of a command that worked and of one that found something. */
export const STATUS_GOOD = 0;
export const STATUS_FINDINGS = 1;
/** Bad usage or a lacking environment. */
export const STATUS_USAGE = 2;

/** What a command does; it gives the exit status. */
export type Action<Options> = (
  options: Options & CommonOptions,
  output: Output,
  args: readonly string[],
) => Promise<number> | number;

export interface CommandText {
  readonly name: string;
  readonly about: string;
  readonly examples: readonly (readonly [command: string, what: string])[];
  /** Where nothing is random: what `--seed` is for then. It has no default, and is not printed at once. */
  readonly seedAbout?: string;
}

function exampleText(examples: CommandText['examples']): string {
  const width = Math.max(...examples.map(([command]) => command.length));
  return ['', 'Examples:', ...examples.map(([command, what]) => `  ${command.padEnd(width)}  # ${what}`)].join('\n');
}

/** A command with the options that all have; `onStatus` gets what its action gives. */
export function makeCommand<Options>(
  text: CommandText,
  action: Action<Options>,
  onStatus: (status: number) => void,
): Command {
  const { seedAbout = 'seed of everything random, decimal' } = text;
  const command = new Command(text.name)
    .description(text.about)
    .option('--seed <N>', seedAbout, seedValue, text.seedAbout === undefined ? DEFAULT_SEED : undefined)
    .option('--json <FILE>', "write the whole result as JSON; '-' is standard output", fileValue)
    .option('--quiet', 'print nothing but findings')
    .addHelpText('after', exampleText(text.examples));
  command.action(async () => {
    const options = command.opts<Options & CommonOptions>();
    const output = new Output(options);
    if (text.seedAbout === undefined) output.seed(options.seed);
    onStatus(await action(options, output, command.args));
  });
  return command;
}
