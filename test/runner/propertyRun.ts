/**
 * Runs the properties of one test file in this thread, for the score of the broken variants
 * (`testbench/mutants/score/engines/property.ts`). Counts cases, and ends at the first failure without shrinking it:
 * nobody reads the counterexamples of four hundred variants.
 */
import fc, { type IAsyncProperty, type IProperty, type Parameters } from 'fast-check';
import Mocha from 'mocha';
import type { PropertyRunner } from '../../testbench/mutants/score/engines/property';
import './rejections';

type AnyProperty = IProperty<unknown> | IAsyncProperty<unknown>;

/** Cases of properties that have run since the count was reset. */
let cases = 0;
let seed = 1;

function checked<T>(details: fc.RunDetails<T>): void {
  cases += details.numRuns;
  if (details.failed)
    throw new Error(details.errorInstance instanceof Error ? details.errorInstance.message : 'failed');
}

/** Checks a property as `fc.assert` does, counts its cases, and stops at the first counterexample. */
function assertCounted(property: AnyProperty, parameters: Parameters<unknown> = {}): void | Promise<void> {
  const outcome: unknown = fc.check(property as IProperty<unknown>, { ...parameters, seed, endOnFailure: true });
  if (outcome instanceof Promise) return outcome.then(checked);
  checked(outcome as fc.RunDetails<unknown>);
}

/** Puts the counting `assert` in the place of the library's, for modules that are loaded from now on. */
function countCases(): void {
  const loaded = require.cache[require.resolve('fast-check')]!;
  const library = loaded.exports as { readonly default: typeof fc };
  loaded.exports = { ...library, default: { ...library.default, assert: assertCounted }, assert: assertCounted };
}

countCases();

function outcomeOf(mocha: Mocha): Promise<string | null> {
  return new Promise((resolve) => {
    let failure: string | null = null;
    const runner = mocha.run(() => resolve(failure));
    runner.on('fail', (test: Mocha.Runnable, error: Error) => (failure ??= `${test.fullTitle()}: ${error.message}`));
    // A test without a property is one case.
    runner.on('test end', () => (cases += cases === before ? 1 : 0));
    runner.on('test', () => (before = cases));
  });
}

/** Cases before the test that runs now. */
let before = 0;

/** Runs the properties of a file until one fails. */
export const runProperties: PropertyRunner['runProperties'] = async (file, withSeed) => {
  cases = 0;
  seed = withSeed;
  // Mocha takes the tests of a file when it is loaded.
  delete require.cache[file];
  const mocha = new Mocha({ bail: true, timeout: 60_000, reporter: class {} as never });
  mocha.addFile(file);
  const failure = await outcomeOf(mocha);
  mocha.dispose();
  return { cases, failure };
};
