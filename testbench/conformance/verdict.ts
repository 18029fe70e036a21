import type { WireRecord } from '../evidence/wireLog';

/** How a clause ended. */
export type Verdict = 'pass' | 'fail' | 'skip' | 'blocked' | 'error';

export const VERDICTS: readonly Verdict[] = ['pass', 'fail', 'skip', 'blocked', 'error'];

/** What one run of a clause gave. `detail` is empty where it passed of itself. */
export interface Outcome {
  readonly verdict: Verdict;
  readonly detail: string;
  readonly durationMs: number;
  /** Where the run was to record it and the clause came to its end. */
  readonly wire?: WireRecord;
}

/** How many clauses ended how. */
export type Counts = Readonly<Record<Verdict, number>>;

export function countVerdicts(outcomes: readonly { readonly verdict: Verdict }[]): Counts {
  const counts = { pass: 0, fail: 0, skip: 0, blocked: 0, error: 0 };
  for (const { verdict } of outcomes) counts[verdict]++;
  return counts;
}

/** A check that did not hold: ends the clause with `fail`. */
export class CheckFailed extends Error {
  constructor(
    readonly requirement: string,
    readonly expected: string,
    readonly actual: string,
  ) {
    super(`requirement: ${requirement}\nexpected: ${expected}\nactual: ${actual}`);
  }
}

/** The set-up that a clause starts from could not be reached: ends it with `blocked`. */
export class SetUpFailed extends Error {}
