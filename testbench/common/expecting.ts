import { UsageError } from '../../shared/errors';
import type { Expect, Measured } from '../api/expect';
import type { ScenarioContext } from './context';
import { valueText } from './valueText';

type Range = Omit<Measured, 'actual'>;

const MOST_DECIMALS = 3;

function withUnit(value: unknown, unit: string | undefined): string {
  if (typeof value !== 'number') return valueText(value);
  const text = String(Number(value.toFixed(MOST_DECIMALS)));
  return unit === undefined ? text : `${text} ${unit}`;
}

/** Writes a range as messages have it: `at least 5 ms`, `at most 20 ms`, `from 5 to 20 ms`. */
function rangeText({ atLeast, atMost, unit }: Range): string {
  if (atLeast === undefined) return `at most ${withUnit(atMost, unit)}`;
  if (atMost === undefined) return `at least ${withUnit(atLeast, unit)}`;
  return `from ${withUnit(atLeast, undefined)} to ${withUnit(atMost, unit)}`;
}

/** Writes a number that was found, and its range: `12.5 ms, at most 20 ms`. */
export function measuredText(measured: Measured): string {
  const { actual, unit } = measured;
  return `${actual === null ? 'no finite number' : withUnit(actual, unit)}, ${rangeText(measured)}`;
}

function requireRange(what: string, { atLeast = -Infinity, atMost = Infinity }: Range): void {
  if (!(atLeast <= atMost))
    throw new UsageError(
      `expectation '${what}': the bounds are ${atLeast} and ${atMost}: expected numbers, the first not above the second`,
    );
}

/** The `expect` of a bench. */
export function expecting(context: ScenarioContext): Expect {
  const inRange = (what: string, actual: unknown, range: Range): void => {
    requireRange(what, range);
    const { atLeast = -Infinity, atMost = Infinity, unit } = range;
    const ok = typeof actual === 'number' && actual >= atLeast && actual <= atMost;
    const measured = { actual: Number.isFinite(actual) ? (actual as number) : null, ...range };
    const detail = `${what}: expected ${rangeText(range)}, actual ${withUnit(actual, unit)}`;
    context.record({ what, ok, measured }, actual, detail);
  };
  const ofUnit = (unit: string | undefined): Pick<Measured, 'unit'> => (unit === undefined ? {} : { unit });
  return Object.assign(
    (what: string, actual: unknown, ...given: readonly [wanted?: unknown]) => context.expect(what, actual, given),
    {
      atLeast: (what: string, actual: number, atLeast: number, unit?: string) =>
        inRange(what, actual, { atLeast, ...ofUnit(unit) }),
      atMost: (what: string, actual: number, atMost: number, unit?: string) =>
        inRange(what, actual, { atMost, ...ofUnit(unit) }),
      within: (what: string, actual: number, atLeast: number, atMost: number, unit?: string) =>
        inRange(what, actual, { atLeast, atMost, ...ofUnit(unit) }),
    },
  );
}
