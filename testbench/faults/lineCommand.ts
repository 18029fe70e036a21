/** The command `fault` of the prompts that put faults: `avp serve` and `avp shell`. */
import { UsageError } from '../../shared/errors';
import type { FaultReport } from '../api/faults';
import type { LineCommand } from '../runtime/lineCommands';
import { wholeNumber } from '../runtime/lineCommands';
import type { Faults } from './faults';
import { parametersOf } from './orders';

/** Words of the longest `fault add`. */
const MAX_WORDS = 32;
const MAX_NUMBER = 0xffff_ffff;

export const FAULT_COMMAND: LineCommand = {
  usage: 'fault add NAME [KEY=VALUE ...] | fault list | fault remove NUMBER',
  about: 'puts a fault (avp faults lists them), shows all that were put, or takes one away',
  least: 1,
  most: MAX_WORDS,
};

/** A fault that was put, with the number by which it is removed. */
export type NumberedFault = FaultReport & { readonly fault: number };

/** Puts, lists or removes a fault. @returns the faults that it is about. @throws UsageError */
export function runFaultCommand(faults: Faults, [what, ...words]: readonly string[]): NumberedFault[] {
  const all = (): NumberedFault[] => faults.reports.map((report, fault) => ({ fault, ...report }));
  const [name = '', ...parameters] = words;
  if (what === 'add' && name !== '') {
    const number = faults.reports.length;
    faults.addGiven(name, parametersOf(parameters));
    return [all()[number]!];
  }
  if (what === 'list' && words.length === 0) return all();
  if (what === 'remove' && words.length === 1) {
    const number = wholeNumber('fault', name, 0, MAX_NUMBER);
    faults.removeAt(number);
    return [all()[number]!];
  }
  throw new UsageError(`expected ${FAULT_COMMAND.usage}`);
}
