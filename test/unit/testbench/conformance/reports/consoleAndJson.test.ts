import { expect } from 'chai';
import { ConsoleReport } from '../../../../../testbench/conformance/reports/console';
import { resultJson } from '../../../../../testbench/conformance/reports/json';
import { someClause } from '../clauses';
import { someResult as result, someRun } from '../results';

const FAILED = result('rx/2', 'fail', 'requirement: a < b\nexpected: 1\nactual: 2 \u0007');
const RESULTS = [
  result('rx/1', 'pass'),
  FAILED,
  result('tx/1', 'skip', 'lacks x'),
  result('tx/2', 'error', 'time limit'),
];

describe('console and JSON reports', () => {
  it('print chapters, a line for each clause, findings in full and the counts', () => {
    const report = new ConsoleReport(false);
    const lines = RESULTS.map((one) => report.line(one)).join('\n');
    expect(lines).to.include('\nrx: Receive path\n  ✔ rx/1: title of rx/1\n  ✘ rx/2: title of rx/2 (fail)\n');
    expect(lines).to.include('\ntx: Transmit path\n  - tx/1: title of tx/1 (skip)\n      lacks x\n');
    const summary = report.summary(RESULTS, 2_000);
    expect(summary).to.include(
      '    requirement: a < b\n    expected: 1\n    actual: 2 \\x07\n    replay: npx avp conform rx/2 --seed 5',
    );
    expect(summary).to.include('✘ rx/2: title of rx/2 (fail; MUST, protocol, section 10, R2)\n');
    expect(summary).to.include('4 clauses: 1 passed, 1 failed, 0 waived, 1 skipped, 0 blocked, 1 errors (2.0 s)');
  });

  it('print the note of a clause with its finding', () => {
    const clause = someClause('rx/2', { note: 'net_avp does otherwise.' });
    expect(new ConsoleReport(false).finding({ ...FAILED, clause })).to.include(
      '    note: net_avp does otherwise.\n    replay: ',
    );
  });

  it('print the effect of a waiver, and waivers that are findings', () => {
    const report = new ConsoleReport(false);
    const waived = result('rx/3', 'waived', 'waived until 2026-12-31: known\nrequirement: r');
    expect(report.line(waived)).to.equal(
      '\nrx: Receive path\n  ~ rx/3: title of rx/3 (waived)\n      waived until 2026-12-31: known',
    );
    const counts = '1 clauses: 0 passed, 0 failed, 1 waived, 0 skipped, 0 blocked, 0 errors (2.0 s)';
    expect(report.summary([waived], 2_000)).to.equal(`\n${counts}`);
    const waiver = { id: 'rx/9', target: 'avp', reason: 'r', expires: '2026-12-31' };
    const summary = report.summary([result('rx/1', 'pass')], 2_000, [
      { ...waiver, state: 'unused', detail: 'the clause passes' },
      { ...waiver, id: 'rx/8', state: 'used', detail: 'the clause fails' },
    ]);
    expect(summary).to.include('Findings:\n✘ waiver rx/9 for avp is unused: the clause passes').and.not.include('rx/8');
  });

  it('write JSON of the documented form', () => {
    const selection = { ids: ['rx/2'], exclude: [], basis: [], repeat: 1, shard: null, clauses: 1 };
    const json = resultJson(someRun([FAILED]), selection);
    expect(json).to.deep.include({
      target: 'avp',
      seed: 5,
      selection,
      counts: { pass: 0, fail: 1, waived: 0, skip: 0, blocked: 0, error: 0 },
    });
    expect((json['clauses'] as unknown[])[0]).to.deep.equal({
      id: 'rx/2',
      title: 'title of rx/2',
      level: 'MUST',
      section: '10',
      basis: 'protocol',
      faults: ['R2'],
      verdict: 'fail',
      durationMs: 1_500,
      detail: FAILED.detail,
      replay: FAILED.replay,
    });
  });
});
