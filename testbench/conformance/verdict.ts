import { BenchError } from '../../shared/errors';
import type { WireRecord } from '../evidence/wireLog';

/**
 * Outcome of a clause. `waived`: it failed, and a waiver accepts that. `blocked`: its set-up failed, or the machine
 * did. `error`: the clause itself is broken or exceeded its time limit.
 */
export type ClauseVerdict = 'pass' | 'fail' | 'waived' | 'skip' | 'blocked' | 'error';

export const VERDICTS: readonly ClauseVerdict[] = ['pass', 'fail', 'waived', 'skip', 'blocked', 'error'];

/** Outcome of one run of a clause. */
export interface ClauseOutcome {
  readonly verdict: ClauseVerdict;
  /** Explanation of the verdict. Empty for a pass. Of a waived failure the first line is that of the waiver. */
  readonly detail: string;
  readonly durationMs: number;
  /** Recorded frames and events. Missing if recording was off or the worker had to be stopped. */
  readonly wire?: WireRecord;
}

/** Number of clauses for each verdict. */
export type Counts = Readonly<Record<ClauseVerdict, number>>;

export function countVerdicts(outcomes: readonly { readonly verdict: ClauseVerdict }[]): Counts {
  const counts = { pass: 0, fail: 0, waived: 0, skip: 0, blocked: 0, error: 0 };
  for (const { verdict } of outcomes) counts[verdict]++;
  return counts;
}

/** Thrown by a check that does not hold. The clause ends with `fail`. */
export class CheckFailed extends BenchError {
  constructor(
    readonly requirement: string,
    readonly expected: string,
    readonly actual: string,
  ) {
    super('CHECK_FAILED', `requirement: ${requirement}\nexpected: ${expected}\nactual: ${actual}`);
  }
}

/** Thrown if the set-up of a clause fails. The clause ends with `blocked`. */
export class SetUpFailed extends BenchError {
  constructor(message: string) {
    super('SET_UP_FAILED', message);
  }
}
