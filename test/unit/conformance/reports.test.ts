import { expect } from 'chai';
import { ConsoleReport } from '../../conformance/reports/console';
import { resultJson } from '../../conformance/reports/json';
import { junitXml } from '../../conformance/reports/junit';
import type { ClauseResult } from '../../conformance/runner';
import type { Verdict } from '../../conformance/verdict';
import { someClause } from './clauses';

function result(id: string, verdict: Verdict, detail = ''): ClauseResult {
  const clause = someClause(id, { faults: ['R2'] });
  return { clause, verdict, detail, durationMs: 1_500, replay: `npx avp conform ${id} --seed 5` };
}

const FAILED = result('rx/2', 'fail', 'requirement: a < b\nexpected: 1\nactual: 2 \u0007');
const RESULTS = [result('rx/1', 'pass'), FAILED, result('tx/1', 'skip', 'lacks x'), result('tx/2', 'error', 'time limit')];

describe('reports', () => {
  it('print chapters, a line for each clause, findings in full and the counts', () => {
    const report = new ConsoleReport(false);
    const lines = RESULTS.map((one) => report.line(one)).join('\n');
    expect(lines).to.include('\nrx: Receive path\n  ✔ rx/1: title of rx/1\n  ✘ rx/2: title of rx/2 (fail)\n');
    expect(lines).to.include('\ntx: Transmit path\n  - tx/1: title of tx/1 (skip)\n      lacks x\n');
    const summary = report.summary(RESULTS, 2_000);
    expect(summary).to.include('    requirement: a < b\n    expected: 1\n    actual: 2 \u0007\n    replay: npx avp conform rx/2 --seed 5');
    expect(summary).to.include('4 clauses: 1 passed, 1 failed, 1 skipped, 0 blocked, 1 errors (2.0 s)');
  });

  it('give JSON of the agreed form', () => {
    const json = resultJson({ name: 'avp', version: '1.0' }, { seed: 5, startedAt: 'now', durationMs: 3 }, [FAILED]);
    expect(json).to.deep.include({ target: 'avp', seed: 5, counts: { pass: 0, fail: 1, skip: 0, blocked: 0, error: 0 } });
    expect((json['clauses'] as unknown[])[0]).to.deep.equal({
      id: 'rx/2',
      title: 'title of rx/2',
      level: 'MUST',
      section: '10',
      faults: ['R2'],
      verdict: 'fail',
      durationMs: 1_500,
      detail: FAILED.detail,
      replay: FAILED.replay,
    });
  });

  it('give JUnit XML with what XML can hold', () => {
    const xml = junitXml('avp', RESULTS);
    expect(xml).to.include('<testsuites tests="4" failures="1" errors="1" skipped="1">');
    expect(xml).to.include('classname="avp.conform.avp.rx" name="rx/2: title of rx/2" time="1.5"');
    expect(xml).to.include('a &lt; b').and.not.include('\u0007');
    expect(xml).to.include('replay: npx avp conform rx/2 --seed 5');
  });
});
