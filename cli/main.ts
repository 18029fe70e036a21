import { Command, CommanderError } from 'commander';
import { UsageError } from '../shared/errors';
import { visible } from '../shared/visible';
import { toolVersion } from '../testbench/runtime/package';
import { STATUS_GOOD, STATUS_USAGE } from './command';
import { abiCommand } from './commands/abi';
import { bootCommand } from './commands/boot';
import { conformCommand } from './commands/conform';
import { diffCommand } from './commands/diff';
import { faultsCommand } from './commands/faults';
import { exploreCommand } from './commands/explore';
import { guestCommand } from './commands/guest';
import { inspectCommand } from './commands/inspect';
import { mergeCommand } from './commands/merge';
import { perfCommand } from './commands/perf';
import { runCommand } from './commands/run';
import { serveCommand } from './commands/serve';

/** Folds an error message of commander into one line. */
function oneLine(message: string): string {
  return message
    .replace(/^error: /, '')
    .trim()
    .replace(/\s*\n\s*/g, ' ')
    .replace(/\.$/, '');
}

function makeProgram(onStatus: (status: number) => void): Command {
  const program = new Command('avp')
    .description('Device emulator and driver test bench for AVP, the shared-memory virtual NIC')
    .version(toolVersion())
    .addHelpText(
      'after',
      '\nExamples:\n  avp conform               # run every conformance clause\n  avp run three-nics        # run a scenario\n  avp conform --help        # options and examples of one command',
    )
    .helpCommand(false);
  for (const make of [
    abiCommand,
    conformCommand,
    mergeCommand,
    diffCommand,
    runCommand,
    exploreCommand,
    bootCommand,
    faultsCommand,
    inspectCommand,
    serveCommand,
    guestCommand,
    perfCommand,
  ])
    program.addCommand(make(onStatus));
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
    await makeProgram((given) => (status = given)).parseAsync(args, { from: 'user' });
    return status;
  } catch (error) {
    return report(error);
  }
}
