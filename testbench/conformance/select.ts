import { UsageError } from '../../shared/errors';
import { didYouMean } from '../../shared/nearest';
import { type Basis, chapterOf, type Clause } from './clause';

/** Shard `index` of `count`. The index starts at 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

export interface Selection {
  /** Clauses and chapters to run. Empty selects all. */
  readonly ids: readonly string[];
  readonly exclude: readonly string[];
  /** Bases to run. Empty selects all. */
  readonly basis: readonly Basis[];
  /**
   * Leaves out clauses in which a guest of the bench takes the driver's place, because they say nothing about a driver
   * that cannot make room for it. A clause or chapter that `ids` names stays.
   */
  readonly driverOnly?: boolean;
  readonly shard?: Shard | undefined;
}

/** Tells whether `id` names the clause or its chapter. */
function matches(id: string, clause: Clause): boolean {
  return id === clause.id || id === chapterOf(clause.id);
}

/** Tells whether the subject of the clause is a guest of the bench. */
function isOnOwnGuest({ needs }: Clause): boolean {
  return needs.includes('guest-in-arena');
}

function requireKnown(ids: readonly string[], clauses: readonly Clause[]): void {
  const unknown = ids.find((id) => !clauses.some((clause) => matches(id, clause)));
  if (unknown === undefined) return;
  const chapters = [...new Set(clauses.map((clause) => chapterOf(clause.id)))];
  const expected = `expected a chapter (${chapters.join(' ')}) or one of its clauses such as ${clauses[0]?.id}; avp conform --list shows all`;
  const names = [...chapters, ...clauses.map(({ id }) => id)];
  throw new UsageError(`unknown clause '${unknown}': ${didYouMean(unknown, names, expected)}`);
}

/**
 * Selects clauses from the sorted list. A shard takes every `count`-th of the selected clauses, so all shards
 * together are one run.
 * @throws UsageError if an id is unknown, or exclusions and bases leave nothing to run.
 */
export function selectClauses(clauses: readonly Clause[], selection: Selection): Clause[] {
  const { ids, exclude, basis, driverOnly = false, shard } = selection;
  requireKnown([...ids, ...exclude], clauses);
  const picked = clauses.filter(
    (clause) =>
      (ids.length === 0 ? !(driverOnly && isOnOwnGuest(clause)) : ids.some((id) => matches(id, clause))) &&
      (basis.length === 0 || basis.includes(clause.basis)) &&
      !exclude.some((id) => matches(id, clause)),
  );
  if (picked.length === 0)
    throw new UsageError('nothing is left to run: --exclude and --basis take out all that was asked for');
  return shard === undefined ? picked : picked.filter((_clause, index) => index % shard.count === shard.index - 1);
}
