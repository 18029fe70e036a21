import { Command, CommanderError } from 'commander';
import { UsageError } from '../shared/errors';
import { visible } from '../shared/visible';
import { toolVersion } from '../testbench/runtime/package';
import { STATUS_GOOD, STATUS_USAGE } from './command';
import { type CommandName, COMMANDS } from './commandList';
import type * as abi from './commands/abi';
import type * as boot from './commands/boot';
import type * as conform from './commands/conform';
import type * as diff from './commands/diff';
import type * as explore from './commands/explore';
import type * as faults from './commands/faults';
import type * as guest from './commands/guest';
import type * as hostile from './commands/hostile';
import type * as inspect from './commands/inspect';
import type * as merge from './commands/merge';
import type * as mutants from './commands/mutants';
import type * as perf from './commands/perf';
import type * as run from './commands/run';
import type * as serve from './commands/serve';
import type * as shell from './commands/shell';

/** Folds an error message of commander into one line. */
function oneLine(message: string): string {
  return message
    .replace(/^error: /, '')
    .trim()
    .replace(/\s*\n\s*/g, ' ')
    .replace(/\.$/, '');
}

type MakeCommand = (onStatus: (status: number) => void) => Command;

/** Loads a command, and all that it works with. */
function load(name: CommandName): MakeCommand {
  switch (name) {
    case 'abi':
      return (require('./commands/abi') as typeof abi).abiCommand;
    case 'conform':
      return (require('./commands/conform') as typeof conform).conformCommand;
    case 'merge':
      return (require('./commands/merge') as typeof merge).mergeCommand;
    case 'diff':
      return (require('./commands/diff') as typeof diff).diffCommand;
    case 'run':
      return (require('./commands/run') as typeof run).runCommand;
    case 'explore':
      return (require('./commands/explore') as typeof explore).exploreCommand;
    case 'boot':
      return (require('./commands/boot') as typeof boot).bootCommand;
    case 'faults':
      return (require('./commands/faults') as typeof faults).faultsCommand;
    case 'hostile':
      return (require('./commands/hostile') as typeof hostile).hostileCommand;
    case 'inspect':
      return (require('./commands/inspect') as typeof inspect).inspectCommand;
    case 'shell':
      return (require('./commands/shell') as typeof shell).shellCommand;
    case 'serve':
      return (require('./commands/serve') as typeof serve).serveCommand;
    case 'guest':
      return (require('./commands/guest') as typeof guest).guestCommand;
    case 'mutants':
      return (require('./commands/mutants') as typeof mutants).mutantsCommand;
    case 'perf':
      return (require('./commands/perf') as typeof perf).perfCommand;
  }
}

/** A command that was not asked for, as the list of commands shows it. */
function listed(name: CommandName): Command {
  const command = new Command(name).description(COMMANDS[name].about).option('--json <FILE>');
  for (const argument of COMMANDS[name].args) command.argument(argument);
  return command;
}

/** @param asked the first word that is no option: the name of a command, if there is such a one. */
function makeProgram(asked: string | undefined, onStatus: (status: number) => void): Command {
  const program = new Command('avp')
    .description('Device emulator and driver test bench for AVP, the shared-memory virtual NIC')
    .version(toolVersion())
    .addHelpText(
      'after',
      '\nExamples:\n  avp conform               # run every conformance clause\n  avp run three-nics        # run a scenario\n  avp conform --help        # options and examples of one command',
    )
    .helpCommand(false);
  for (const name of Object.keys(COMMANDS) as CommandName[])
    program.addCommand(name === asked ? load(name)(onStatus) : listed(name));
  for (const command of [program, ...program.commands])
    command.exitOverride().configureOutput({
      outputError: (message, write) => write(`avp: ${visible(oneLine(message))}; see avp --help\n`),
    });
  return program;
}

/** Prints an error and returns the exit status for it. */
export function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? STATUS_GOOD : STATUS_USAGE;
  if (error instanceof UsageError) process.stderr.write(`avp: ${visible(error.message)}\n`);
  else process.stderr.write(`avp: internal error: ${visible(error instanceof Error ? error.stack! : String(error))}\n`);
  return STATUS_USAGE;
}

/**
 * Runs the command line.
 * @param args arguments after the program's name.
 * @returns the exit status: 0 no findings, 1 findings, 2 wrong usage or missing environment.
 */
export async function main(args: readonly string[]): Promise<number> {
  let status = STATUS_GOOD;
  try {
    if (args.length === 0) throw new UsageError('which command? avp --help shows all');
    const asked = args.find((word) => !word.startsWith('-'));
    await makeProgram(asked, (given) => (status = given)).parseAsync(args, { from: 'user' });
    return status;
  } catch (error) {
    return report(error);
  }
}
