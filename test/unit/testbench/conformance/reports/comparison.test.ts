import { expect } from 'chai';
import { differenceJson, differencesOf } from '../../../../../testbench/conformance/targetDifferences';
import type { RunReport } from '../../../../../testbench/conformance/report';
import { ComparisonReport } from '../../../../../testbench/conformance/reports/comparison';
import { comparisonJson } from '../../../../../testbench/conformance/reports/json';
import type { JudgedWaiver } from '../../../../../testbench/conformance/waivers';
import { SEGFAULT } from '../sampleCrash';
import { someResult, someRun } from '../results';

const CHECK = 'requirement: r\nexpected: errors: 1\nactual: 0';
const WAIVED = `waived until 2027-01-01: known\n${CHECK}`;

const avp = someRun([
  someResult('rx/1', 'pass'),
  someResult('rx/4', 'pass'),
  someResult('rx/5', 'waived', WAIVED),
  someResult('rx/6', 'fail', CHECK),
  someResult('tx/1', 'pass'),
]);
const dpdk = someRun(
  [
    someResult('rx/1', 'pass'),
    someResult('rx/4', 'fail', SEGFAULT),
    someResult('rx/5', 'fail', CHECK),
    someResult('rx/6', 'fail', CHECK),
    someResult('tx/1', 'skip', 'lacks burst-choice'),
    someResult('tx/2', 'error', 'time limit'),
  ],
  { target: { name: 'dpdk', version: '22.11' } },
);

function waived(
  run: RunReport,
  ...states: readonly (readonly [id: string, target: string, state: JudgedWaiver['state']])[]
): RunReport {
  return {
    ...run,
    waivers: states.map(([id, target, state]) => ({
      id,
      target,
      state,
      reason: 'x',
      expires: '2027-01-01',
      detail: 'd',
    })),
  };
}

describe('differences between targets', () => {
  it('are clauses that every target could run and that ended differently, with the detail of each', () => {
    expect(differencesOf([avp, dpdk]).map(differenceJson)).to.deep.equal([
      {
        id: 'rx/4',
        verdicts: { avp: 'pass', dpdk: 'fail' },
        detail:
          "avp: pass, as required\ndpdk: fail, expected an ordinary end, but the driver's process crashed with SIGSEGV\n  librte_net_avp.so.23(+0x5c0e)\n  dpdk-testpmd(+0x7bc57)",
      },
      {
        id: 'rx/5',
        verdicts: { avp: 'waived', dpdk: 'fail' },
        detail: 'avp: waived until 2027-01-01: known\ndpdk: fail, expected errors: 1, but 0',
      },
    ]);
  });

  it('follow the results of the targets in JSON', () => {
    const selection = { ids: [], exclude: [], basis: [], repeat: 1, shard: null, clauses: 6 };
    const json = JSON.parse(JSON.stringify(comparisonJson([avp, dpdk], selection))) as {
      targets: { target: string; clauses: unknown[] }[];
      differences: { id: string }[];
    };
    expect(Object.keys(json)).to.deep.equal(['targets', 'differences']);
    expect(json.targets.map(({ target, clauses }) => [target, clauses.length])).to.deep.equal([
      ['avp', 5],
      ['dpdk', 6],
    ]);
    expect(json.differences.map(({ id }) => id)).to.deep.equal(['rx/4', 'rx/5']);
  });
});

describe('console report of several targets', () => {
  it('shows a matrix that marks the differences', () => {
    const rows = new ComparisonReport([avp, dpdk], false).matrix().split('\n');
    expect(rows.map((line) => line.split(/\s{2,}/))).to.deep.equal([
      ['clause', 'avp', 'dpdk'],
      ['rx/1', 'pass', 'pass'],
      ['rx/4', 'pass', 'fail', '≠'],
      ['rx/5', 'waived', 'fail', '≠'],
      ['rx/6', 'fail', 'fail'],
      ['tx/1', 'pass', 'skip'],
      ['tx/2', 'not run', 'error'],
    ]);
  });

  it('shows each difference with both sides, the rule and the command, and then all other findings', () => {
    const text = new ComparisonReport([avp, dpdk], false).findings();
    const [, differing, others] = /^\nDifferences:\n([^]*)\n\nOther findings:\n([^]*)$/.exec(text)!;
    expect(differing)
      .to.include('≠ rx/4: title of rx/4 (MUST, protocol, section 10, R2)\n    required: ')
      .and.include('    avp: pass, as required\n    dpdk: fail, ');
    expect(differing).to.include('    replay: npx avp conform rx/4 --seed 5\n≠ rx/5: ').and.not.include('rx/6');
    expect(others!.match(/^\S+ .*$/gm)!.filter((line) => !line.startsWith(' '))).to.deep.equal([
      'avp ✘ rx/6: title of rx/6 (fail; MUST, protocol, section 10, R2)',
      'dpdk ✘ rx/6: title of rx/6 (fail; MUST, protocol, section 10, R2)',
      'dpdk ! tx/2: title of tx/2 (error; MUST, protocol, section 10, R2)',
    ]);
  });

  it('is empty if all targets did as required', () => {
    const good = someRun([someResult('rx/1', 'pass')]);
    expect(new ComparisonReport([good, { ...good, target: dpdk.target }], false).findings()).to.equal('');
  });

  it('counts each target separately', () => {
    expect(new ComparisonReport([avp, dpdk], false).counts().trim().split('\n')).to.deep.equal([
      'avp 1.0.0: 5 clauses: 3 passed, 1 failed, 1 waived, 0 skipped, 0 blocked, 0 errors (3.0 s)',
      'dpdk 22.11: 6 clauses: 1 passed, 3 failed, 0 waived, 1 skipped, 0 blocked, 1 errors (3.0 s)',
      '2 differences',
    ]);
  });

  it('names a stale waiver once, as judged by the run on its target', () => {
    const runs = [
      waived(avp, ['rx/1', 'dpdk', 'unjudged'], ['rx/9', 'avp', 'unknown']),
      waived(dpdk, ['rx/1', 'dpdk', 'unused'], ['rx/9', 'avp', 'unknown']),
    ];
    const text = new ComparisonReport(runs, false).findings();
    expect(text.match(/^waiver .*$/gm)).to.deep.equal([
      'waiver rx/1 for dpdk is unused: d',
      'waiver rx/9 for avp is unknown: d',
    ]);
  });
});
