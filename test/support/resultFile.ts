import type { ResultClause, ResultFile } from '../../testbench/conformance/result';
import type { ClauseVerdict } from '../../testbench/conformance/verdict';

/** The entry of a clause in a result file of `avp conform --json`. */
export function clauseEntry(
  id: string,
  verdict: ClauseVerdict = 'pass',
  over: Partial<ResultClause> = {},
): ResultClause {
  return {
    id,
    title: `title of ${id}`,
    level: 'MUST',
    section: '10',
    basis: 'protocol',
    faults: [],
    verdict,
    durationMs: 5,
    detail: verdict === 'pass' ? '' : 'requirement: r\nexpected: e\nactual: a',
    replay: `npx avp conform ${id}`,
    ...over,
  };
}

/** The result file of a run on one target. */
export function resultFile(clauses: readonly ResultClause[], over: Partial<ResultFile> = {}): ResultFile {
  return {
    target: 'avp',
    versions: { tool: '1.0.0', target: '1.0.0' },
    seed: 3,
    engine: 'ts',
    startedAt: '2026-01-01T00:00:00.000Z',
    durationMs: 10,
    selection: { ids: [], exclude: [], basis: [], repeat: 1, shard: null, clauses: clauses.length },
    clauses: [...clauses],
    ...over,
  };
}
