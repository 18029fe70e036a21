import type { Reported } from '../report';
import { failureParts, oneLine } from './failure';
import { shortFailure } from './shortFailure';

/** Removes what differs between two failures of one cause: numbers, addresses, bytes. */
function masked(text: string): string {
  return text
    .replace(/\b0x[0-9a-f]+\b/gi, 'N')
    .replace(/\b[0-9a-f]{8,}\b(?:\.\.\.)?/gi, 'N')
    .replace(/\d+(?:[.,]\d+)*/g, 'N');
}

/** A frame without its address in memory, which differs between runs. */
function placeOf(frame: string): string {
  return frame
    .replace(/^#\d+\s+/, '')
    .replace(/\b0x[0-9a-f]{6,}\b/gi, '')
    .trim();
}

/**
 * Says in one line why a clause failed. Failures of one cause give one text: crashes at one place of the driver, calls
 * that get no answer, checks that differ in numbers only.
 */
export function causeOf({ verdict, detail }: Pick<Reported, 'verdict' | 'detail'>): string {
  const { expected, observed, where, end } = shortFailure(detail);
  const first = where[0];
  if (end === 'no answer') return `no answer: ${masked(observed.replace(/: no answer within .*$/, ''))}`;
  if (end !== null) return `${end}${first === undefined ? '' : ` at ${placeOf(first)}`}`;
  if (failureParts(detail) !== null) return oneLine(`expected ${masked(expected ?? '')}, but ${masked(observed)}`);
  return oneLine(`${verdict}: ${masked(observed)}`);
}

/** Failures of one cause. */
export interface CauseGroup<T> {
  readonly cause: string;
  readonly failures: readonly T[];
}

/** Groups failures by cause: the cause of most failures first, and among equals that of the first failure. */
export function groupByCause<T>(failures: readonly T[], causeOfOne: (failure: T) => string): CauseGroup<T>[] {
  const groups = new Map<string, T[]>();
  for (const one of failures) {
    const cause = causeOfOne(one);
    groups.set(cause, [...(groups.get(cause) ?? []), one]);
  }
  return [...groups]
    .map(([cause, own]) => ({ cause, failures: own }))
    .sort((one, other) => other.failures.length - one.failures.length);
}
