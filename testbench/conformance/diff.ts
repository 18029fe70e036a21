import type { ResultClause, VerdictFile } from './result';
import type { Verdict } from './verdict';

/** How good a verdict is: one that says nothing of the driver stands between pass and failure. */
const RANKS: Readonly<Record<Verdict, number>> = { pass: 0, skip: 1, fail: 2, blocked: 2, error: 2 };

/** One clause whose verdict differs; null where the result has no such clause. */
export interface Change {
  readonly id: string;
  readonly title: string;
  readonly old: Verdict | null;
  readonly new: Verdict | null;
  /** Of the new result, or of the old one where the clause is gone. */
  readonly detail: string;
  readonly replay: string;
}

export const CHANGE_KINDS = ['worse', 'better', 'changed', 'new', 'gone'] as const;
/** `changed`: another verdict that is neither better nor worse, such as fail and blocked. */
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** What differs between two results of one target, in the order of the suite. */
export type Difference = Readonly<Record<ChangeKind, readonly Change[]>> & {
  /** Clauses whose verdict is what it was. */
  readonly same: number;
};

function kindOf(before: Verdict, after: Verdict): ChangeKind {
  if (RANKS[after] === RANKS[before]) return 'changed';
  return RANKS[after] > RANKS[before] ? 'worse' : 'better';
}

function changeOf(before: ResultClause | undefined, after: ResultClause | undefined): Change {
  const { id, title, detail, replay } = (after ?? before)!;
  return { id, title, old: before?.verdict ?? null, new: after?.verdict ?? null, detail, replay };
}

/** Compares two results clause by clause. */
export function diffResults(before: VerdictFile, after: VerdictFile): Difference {
  const found: Record<ChangeKind, Change[]> = { worse: [], better: [], changed: [], new: [], gone: [] };
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
