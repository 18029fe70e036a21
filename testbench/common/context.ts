import { isDeepStrictEqual } from 'node:util';
import { UsageError } from '../../shared/errors';
import { didYouMean } from '../../shared/nearest';
import { Random } from '../../shared/random';
import type { Expectation } from '../api/result';
import { ScenarioError } from './scenarioError';
import { valueText } from './valueText';

const MAX_FLOW_ID = 0xffff;

/** Called for each expectation, with the value that was found. */
export type ExpectationListener = (expectation: Expectation, actual: unknown) => void;

/** Seed, settings, flow numbers and expectations of one run. The benches of all modes share them. */
export class ScenarioContext {
  readonly random: Random;
  readonly expectations: Expectation[] = [];
  /** For each expectation that failed: the expected value and the one that was found. */
  readonly details: string[] = [];
  private flowCount = 0;

  /** @param settings of the scenario, with defaults filled in. */
  constructor(
    readonly seed: number,
    private readonly settings: ReadonlyMap<string, string>,
    private readonly onExpectation: ExpectationListener = () => {},
  ) {
    this.random = new Random(seed);
  }

  /** @throws Error where the scenario declares no such setting. */
  setting(key: string): string {
    const value = this.settings.get(key);
    if (value === undefined) {
      const names = [...this.settings.keys()];
      const expected = `it declares ${names.join(', ') || 'none'}`;
      throw new Error(`the scenario declares no setting '${key}': ${didYouMean(key, names, expected)}`);
    }
    return value;
  }

  /** Records whether `actual` equals `given[0]`, or is true if `given` is empty. */
  expect(what: string, actual: unknown, given: readonly unknown[]): void {
    const wanted = given.length === 0 ? true : given[0];
    const ok = isDeepStrictEqual(actual, wanted);
    this.record({ what, ok }, actual, `${what}: expected ${valueText(wanted)}, actual ${valueText(actual)}`);
  }

  /** @param detail what is said of an expectation that failed. */
  record(expectation: Expectation, actual: unknown, detail: string): void {
    this.expectations.push(expectation);
    this.onExpectation(expectation, actual);
    if (!expectation.ok) this.details.push(detail);
  }

  /** To be called after the scenario's body. @throws ScenarioError if the body has expected nothing. */
  requireExpectation(): void {
    if (this.expectations.length === 0)
      throw new ScenarioError(
        'the scenario expects nothing, so it shows nothing: call bench.expect(what, actual, wanted)',
      );
  }

  /** True if an expectation failed. */
  get failed(): boolean {
    return this.expectations.some(({ ok }) => !ok);
  }

  /** Returns a flow number that the run has not used yet. @throws UsageError after 65,536 of them. */
  nextFlow(): number {
    if (this.flowCount > MAX_FLOW_ID) throw new UsageError(`more than ${MAX_FLOW_ID + 1} flows in one run: use fewer`);
    return this.flowCount++;
  }
}
