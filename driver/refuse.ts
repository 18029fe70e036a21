import type { ErrnoName } from '../shared/errno';
import { ErrnoError } from '../shared/errors';

/** A refusal that names the field, the value and what was expected. */
export function refusal(code: ErrnoName, field: string, value: string | number | bigint, expected: string): ErrnoError {
  return new ErrnoError(code, `${field} is ${value}: expected ${expected}`);
}

/** @throws ErrnoError EINVAL unless `value` is an integer from `low` to `high`. */
export function needInteger(field: string, value: number, low: number, high: number, why = ''): void {
  if (!Number.isInteger(value) || value < low || value > high)
    throw refusal('EINVAL', field, value, `an integer from ${low} to ${high}${why}`);
}
