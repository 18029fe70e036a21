import { join } from 'node:path';
import { BenchError } from '../../shared/errors';
import { packageRoot } from '../runtime/package';

/** Begins of the names of the file that calls the body of every scenario: as it is loaded, and as stacks name its source. */
const BODY_CALLERS = [join(__dirname, 'supervise.'), join(packageRoot(), 'testbench/common/supervise.')];

/** A mistake of a script. Its stack holds lines of the script only, because the bench's own explain nothing. */
export class ScenarioError extends BenchError {
  /** @param places lines of the script's stack. */
  constructor(message: string, places = '', options?: ErrorOptions) {
    super('SCENARIO', message, options);
    this.stack = places === '' ? message : `${message}\n${places}`;
  }
}

/** Leaves out the lines of a stack from the one on that has called the scenario's body. */
export function scriptStack(stack: string): string {
  const lines = stack.split('\n');
  const end = lines.findIndex((line) => BODY_CALLERS.some((caller) => line.includes(caller)));
  return (end <= 0 ? lines : lines.slice(0, end)).join('\n');
}

/** A place in a script. Its text is made when it is needed, because that takes far longer than to note the place. */
export class CallPlace {
  declare readonly stack: string;

  /** @param callee the function that the script has called. */
  constructor(callee: (...args: never[]) => unknown) {
    Error.captureStackTrace(this, callee);
  }

  /** All lines of the stack. */
  get lines(): string {
    return scriptStack(this.stack.slice(this.stack.indexOf('\n') + 1));
  }

  /** The line that holds the call: `at FUNCTION (FILE:LINE:COLUMN)`. */
  get line(): string {
    return this.lines.split('\n')[0]!.trim();
  }
}
