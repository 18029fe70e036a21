import type { ResultClause, VerdictFile } from './result';
import type { ClauseVerdict } from './verdict';

/**
 * Ranks verdicts for the comparison. A skip says nothing about the driver, and a waived failure is accepted for
 * now: both rank between a pass and a failure.
 */
const RANKS: Readonly<Record<ClauseVerdict, number>> = { pass: 0, waived: 1, skip: 1, fail: 2, blocked: 2, error: 2 };

/** A clause whose verdict differs between two results. */
export interface VerdictChange {
  readonly id: string;
  readonly title: string;
  /** Verdict in the older result. Null when that result does not have the clause. */
  readonly old: ClauseVerdict | null;
  /** Verdict in the newer result. Null when that result does not have the clause. */
  readonly new: ClauseVerdict | null;
  /** Detail of the newer verdict, or of the older one when the clause is gone. */
  readonly detail: string;
  /** Command that runs the clause again, from the same result as `detail`. */
  readonly replay: string;
}

export const CHANGE_KINDS = ['worse', 'better', 'changed', 'new', 'gone'] as const;
/** `changed` means a different verdict of the same rank, such as `blocked` instead of `fail`. */
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** Differences between two results of one target, in the order of the suite. */
export type ResultDiff = Readonly<Record<ChangeKind, readonly VerdictChange[]>> & {
  /** Number of clauses whose verdict did not change. */
  readonly same: number;
};

function kindOf(before: ClauseVerdict, after: ClauseVerdict): ChangeKind {
  if (RANKS[after] === RANKS[before]) return 'changed';
  return RANKS[after] > RANKS[before] ? 'worse' : 'better';
}

function changeOf(before: ResultClause | undefined, after: ResultClause | undefined): VerdictChange {
  const { id, title, detail, replay } = (after ?? before)!;
  return { id, title, old: before?.verdict ?? null, new: after?.verdict ?? null, detail, replay };
}

/** Compares two results of one target clause by clause. */
export function diffResults(before: VerdictFile, after: VerdictFile): ResultDiff {
  const found: Record<ChangeKind, VerdictChange[]> = { worse: [], better: [], changed: [], new: [], gone: [] };
  const former = new Map(before.clauses.map((clause) => [clause.id, clause]));
  let same = 0;
  for (const clause of after.clauses) {
    const old = former.get(clause.id);
    former.delete(clause.id);
    if (old === undefined) found.new.push(changeOf(undefined, clause));
    else if (old.verdict === clause.verdict) same++;
    else found[kindOf(old.verdict, clause.verdict)].push(changeOf(old, clause));
  }
  found.gone.push(...[...former.values()].map((clause) => changeOf(clause, undefined)));
  return { ...found, same };
}
