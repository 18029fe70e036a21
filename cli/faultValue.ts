import { InvalidArgumentError } from 'commander';
import { UsageError } from '../shared/errors';
import type { FaultOrder } from '../testbench/api/faults';
import { parseFault } from '../testbench/faults/orders';

/** Adds a fault, as `NAME[:k=v,...]`, to those of earlier uses of the option. */
export function faultValue(text: string, former: readonly FaultOrder[] = []): FaultOrder[] {
  try {
    return [...former, parseFault(text)];
  } catch (error) {
    if (error instanceof UsageError) throw new InvalidArgumentError(error.message);
    throw error;
  }
}
