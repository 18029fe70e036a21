import type { Clause } from '../clause';
import type { ClauseResult } from '../runner';
import { countVerdicts } from '../verdict';

/** What JSON says of a clause that has not run. */
export function clauseJson(clause: Clause): Record<string, unknown> {
  const { id, title, level, section, faults } = clause;
  return { id, title, level, section, faults };
}

/** The result of one target; of several, `merge` and the comparison put these together. */
export function resultJson(
  target: { readonly name: string; readonly version: string },
  run: { readonly seed: number; readonly startedAt: string; readonly durationMs: number },
  results: readonly ClauseResult[],
): Record<string, unknown> {
  return {
    target: target.name,
    versions: { target: target.version },
    ...run,
    counts: countVerdicts(results),
    clauses: results.map(({ clause, verdict, durationMs, detail, replay }) => ({
      ...clauseJson(clause),
      verdict,
      durationMs,
      detail,
      replay,
    })),
  };
}
