/**
 * Sets one seed for all properties of a test run: `AVP_SEED=N make test` repeats the run that printed N. Mocha loads
 * this file before the tests.
 */
import { randomInt } from 'node:crypto';
import fc from 'fast-check';

/** Ends the process: the file that loads this one can't go on, and a stack would say nothing. */
function refuse(given: string): never {
  process.stderr.write(`AVP_SEED is '${given}': expected a whole number from 0 to 2147483647\n`);
  process.exit(2);
}

function chooseSeed(given: string | undefined): number {
  if (given === undefined || given === '') return randomInt(0x7fff_ffff);
  if (!/^\d{1,10}$/.test(given) || Number(given) > 0x7fff_ffff) return refuse(given);
  return Number(given);
}

export const testSeed = chooseSeed(process.env['AVP_SEED']);

fc.configureGlobal({ seed: testSeed });
