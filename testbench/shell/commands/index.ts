import { FAULT_COMMAND, type NumberedFault, runFaultCommand } from '../../faults/lineCommand';
import { faultText } from '../../faults/orders';
import { helpOf, helpText } from '../../runtime/lineCommands';
import type { Outcome, ShellCommands, ShellContext } from '../command';
import { CONTROL_COMMANDS } from './control';
import { LOOK_COMMANDS } from './look';
import { MEMORY_COMMANDS } from './memory';
import { TIME_COMMANDS } from './time';
import { TRAFFIC_COMMANDS } from './traffic';

function faultLine({ fault, name, parameters, seen, fired, lost, inPlace }: NumberedFault): string {
  const state = inPlace ? 'in place' : 'taken away';
  return `${fault}  ${faultText({ name, parameters })}  ${state}: struck ${fired} of ${seen} operations, lost ${lost} frames`;
}

function fault({ bench }: ShellContext, words: readonly string[]): Outcome {
  const faults = runFaultCommand(bench.faults, words);
  return { text: faults.map(faultLine).join('\n') || 'no fault was put', result: { faults } };
}

function help(_shell: ShellContext, [name]: readonly string[]): Outcome {
  const commands = helpOf(SHELL_COMMANDS, name);
  return { text: helpText(commands), result: { commands } };
}

/** The command that ends a session. It is no operation of the nodes. */
export const QUIT = 'quit';

/** Every command of the prompt, in the order of `help`. */
export const SHELL_COMMANDS: ShellCommands = {
  help: {
    usage: 'help [COMMAND]',
    about: 'lists the commands, or explains one',
    least: 0,
    most: 1,
    takes: ['command'],
    run: help,
  },
  ...TIME_COMMANDS,
  ...LOOK_COMMANDS,
  ...MEMORY_COMMANDS,
  ...TRAFFIC_COMMANDS,
  ...CONTROL_COMMANDS,
  fault: { ...FAULT_COMMAND, takes: ['faultVerb', 'fault', 'any'], run: fault },
  [QUIT]: {
    usage: QUIT,
    about: 'ends the shell',
    least: 0,
    most: 0,
    takes: [],
    run: () => ({ text: '', result: {} }),
  },
};
