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
  const command = new Command(text.name)
    .description(text.about)
    .option('--seed <N>', 'seed of everything random, decimal', seedValue, DEFAULT_SEED)
    .option('--json <FILE>', "write the whole result as JSON; '-' is standard output", fileValue)
    .option('--quiet', 'print nothing but findings')
    .addHelpText('after', exampleText(text.examples));
  command.action(async () => {
    const options = command.opts<Options & CommonOptions>();
    onStatus(await action(options, new Output(options), command.args));
  });
  return command;
}
