import type { Reported, RunReport } from '../../../../testbench/conformance/report';
import type { ClauseVerdict } from '../../../../testbench/conformance/verdict';
import { someClause } from './clauses';

/** The result of a clause, for tests of reports. */
export function someResult(id: string, verdict: ClauseVerdict, detail = ''): Reported {
  const clause = someClause(id, { faults: ['R2'] });
  return { clause, verdict, detail, durationMs: 1_500, replay: `npx avp conform ${id} --seed 5` };
}

/** A run with these results. */
export function someRun(results: readonly Reported[], over: Partial<RunReport> = {}): RunReport {
  return {
    target: { name: 'avp', version: '1.0.0' },
    toolVersion: '1.0.0',
    seed: 5,
    engine: 'ts',
    startedAt: '2026-01-02T03:04:05.678Z',
    durationMs: 3_000,
    results,
    waivers: null,
    ...over,
  };
}
