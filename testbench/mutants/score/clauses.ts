import { allClauses } from '../../conformance/registry';
import { clauseOf } from './engines/conform';
import type { ClauseScore, MutantScore } from './report';

/** For each clause, which of the variants failed it. */
export function clauseScores(mutants: readonly MutantScore[]): ClauseScore[] {
  const failed = new Map<string, string[]>();
  for (const { id, engines } of mutants)
    for (const { engine, tries } of engines)
      for (const { how, caught } of tries) {
        if (engine !== 'conform' || caught === 0) continue;
        const variants = failed.get(clauseOf(how)) ?? [];
        failed.set(clauseOf(how), [...variants, id]);
      }
  return allClauses.map(({ id, level }) => ({ id, level, variants: failed.get(id) ?? [] }));
}
