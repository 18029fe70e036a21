import { join } from 'node:path';
import { JsonProcess } from '../../../support/jsonProcess';

/** Starts a program of this folder, on the watched build, in a process of its own. */
export function startProgram(program: string, ...args: readonly string[]): JsonProcess {
  return JsonProcess.start(['--conditions=watched', join(__dirname, program), ...args]);
}
