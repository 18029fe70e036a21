import { expect } from 'chai';
import { findingsPage } from '../../../../../testbench/conformance/findings/page';
import { findingsPageName } from '../../../../../testbench/conformance/findings/pageName';
import { changesSince, unshownFaults, unusable } from '../../../../../testbench/conformance/findings/runChecks';
import { replaysOn, verdictOn } from '../../../../../testbench/conformance/findings/findingReplay';
import {
  FAULT_ROWS,
  type KnownFault,
  knownFaults,
  neverSent,
} from '../../../../../testbench/conformance/findings/knownFaults';
import { findClause } from '../../../../../testbench/conformance/registry';
import type { ResultClause, ResultFile } from '../../../../../testbench/conformance/result';
import type { ClauseVerdict } from '../../../../../testbench/conformance/verdict';
import { clauseEntry, resultFile } from '../../../../support/resultFile';
import { SEGFAULT } from '../sampleCrash';

const CHECK = 'requirement: r\nexpected: receive errors | counted: 1\nactual: 0';

function ended(id: string, verdict: ClauseVerdict, detail = ''): ResultClause {
  const { title, level, basis, section } = findClause(id);
  return clauseEntry(id, verdict, {
    title,
    level,
    basis,
    section,
    detail,
    replay: `npx avp conform ${id} --seed 1 --target dpdk`,
  });
}

function run(...clauses: readonly ResultClause[]): ResultFile {
  return resultFile(clauses, {
    target: 'dpdk',
    versions: { tool: '1.0.0', target: '22.11.11-0+deb12u1' },
    seed: 1,
    startedAt: new Date().toISOString(),
  });
}

const FAULTS: readonly KnownFault[] = [
  { row: 'R2', what: 'it crashes', evidence: { clauses: ['rx/4'] } },
  { row: 'R3', what: 'it believes lengths', evidence: { clauses: ['rx/5'] } },
  { row: 'R7', what: 'one pool', evidence: { reason: 'testpmd has one' } },
];
const RUN = run(
  ended('mac/1', 'pass'),
  ended('rx/5', 'fail', CHECK),
  ended('rx/4', 'fail', SEGFAULT),
  ended('rx/7', 'fail', CHECK),
  ended('rx/9', 'skip', 'lacks x'),
);
const OTHERS = run(
  ended('rx/18', 'fail', CHECK),
  ended('info/7', 'fail', CHECK),
  ended('control/5', 'fail', CHECK),
  ended('pci/3', 'fail', CHECK),
  ended('tx/17', 'fail', CHECK),
  ended('tx/18', 'fail', CHECK),
);

describe('the page of findings', () => {
  const page = findingsPage(RUN, FAULTS, []);

  it('lists crashes first, then known faults, then new findings', () => {
    expect(page)
      .to.include('DPDK 22.11.11-0+deb12u1')
      .and.include('Of 5 clauses 1 passed, 3 failed, and 1 were skipped')
      .and.include('0 of the failures happen on a correct host, 1 are crashes, hangs, or packets that are never sent.');
    expect(page.match(/^\| \[rx.*$/gm)!.map((row) => row.replace(/\(.*?\)/, ''))).to.deep.equal([
      `| [rx/4] | ${findClause('rx/4').title} | MUST | safety | wrong | SIGSEGV | R2 |`,
      `| [rx/5] | ${findClause('rx/5').title} | SHOULD | reading | wrong |  | R3 |`,
      `| [rx/7] | ${findClause('rx/7').title} | SHOULD | reading | wrong |  |  |`,
    ]);
    expect(page.match(/^##+ .*$/gm)!.map((line) => line.replace(/:.*/, ''))).to.deep.equal([
      '## Known faults',
      '## Crashes, and packets that are never sent',
      '### rx/4',
      '## Known faults, found again',
      '### rx/5',
      '## Found beyond the known faults',
      '### rx/7',
    ]);
  });

  it('sorts findings by host: correct, late, wrong; and by level: MUST before SHOULD', () => {
    const rows = findingsPage(OTHERS, [], []).match(/^\| \[.*$/gm)!;
    expect(
      rows.map((row) => /^\| \[(.*?)\].* \| (\w+) \| (\w+) \| (\w+) \|  \|  \|$/.exec(row)?.slice(1)),
    ).to.deep.equal([
      ['tx/18', 'MUST', 'ethdev', 'correct'],
      ['tx/17', 'SHOULD', 'reading', 'correct'],
      ['control/5', 'SHOULD', 'reading', 'late'],
      ['pci/3', 'MUST', 'safety', 'wrong'],
      ['rx/18', 'SHOULD', 'reading', 'wrong'],
      ['info/7', 'SHOULD', 'reading', 'wrong'],
    ]);
  });

  it('states what should have happened instead of a crash, and notes on the rule', () => {
    expect(page)
      .to.include(`- Expected: ${findClause('rx/4').title}, and the process goes on\n`)
      .and.not.include('an ordinary end');
    const [, crash, wrong] = page.split(/^### /m);
    expect(crash).not.to.include('- Note:');
    expect(wrong).to.match(/^- Observed: 0\n- Note: The host breaks section 7\./m);
    expect(findingsPage(OTHERS, [], [])).to.include('MUST, ethdev, section 11, host correct.');
  });

  it('shows the rule, the observation, the place and one command for each finding', () => {
    const [, crash, wrong] = page.split(/^### /m);
    expect(crash)
      .to.include(`- Required: ${findClause('rx/4').requirement}\n`)
      .and.include("- Observed: the driver's process crashed with SIGSEGV\n");
    expect(crash)
      .to.include('```text\nlibrte_net_avp.so.23(+0x5c0e)\ndpdk-testpmd(+0x7bc57)\n```\n')
      .and.not.include('forwarding cores');
    expect(crash).to.include('```sh\nnpx avp conform rx/4 --seed 1 --target dpdk\n```');
    expect(wrong)
      .to.include('- Expected: receive errors \\| counted: 1\n- Observed: 0\n')
      .and.include('known fault R3.');
  });

  it('says which clauses show each known fault or why none can, with links to existing headings', () => {
    expect(page)
      .to.match(/^\| R2 \| it crashes \| \[rx\/4\]\(#rx4-.*\) \|$/m)
      .and.include('| R7 | one pool | not from outside: testpmd has one |');
    const anchors = page.match(/^### .*$/gm)!.map((line) =>
      line
        .slice(4)
        .toLowerCase()
        .replace(/[^a-z0-9 -]/g, '')
        .replaceAll(' ', '-'),
    );
    expect([...page.matchAll(/\(#([^)]*)\)/g)].map(([, anchor]) => anchor)).to.have.members([
      ...anchors,
      ...anchors.slice(0, 2),
    ]);
  });

  it('lists a lost queue among the crashes', () => {
    const lost = findingsPage(RUN, FAULTS, ['rx/5', 'mac/1']);
    expect(lost)
      .to.match(/^\| \[rx\/5\].* \| never sent \| R3 \|$/m)
      .and.include(' host, 2 are crashes');
    expect(lost.indexOf('### rx/5')).to.be.lessThan(lost.indexOf('## Found beyond'));
    expect(lost).not.to.include('## Known faults, found again');
  });

  it('is the same for two runs with the same verdicts', () => {
    expect(findingsPage(run(...RUN.clauses.map((one) => ({ ...one, durationMs: 77 }))), FAULTS, [])).to.equal(page);
  });

  it('reports a known fault that no clause shows any more', () => {
    const better = run(ended('rx/4', 'pass'), ended('rx/5', 'fail', CHECK));
    expect(findingsPage(better, FAULTS, []))
      .to.include('| it crashes | rx/4 (pass) |')
      .and.include('- known fault R2: clause rx/4 is to show it and ended with pass\n');
  });
});

describe('the check of a run for the page', () => {
  it('refuses clauses whose result says nothing about the driver', () => {
    expect(unusable(RUN)).to.deep.equal([]);
    expect(unusable(run(ended('rx/4', 'error', 'time limit\nx'), ended('rx/5', 'blocked', 'no probe')))).to.deep.equal([
      'rx/4 ended with error: time limit',
      'rx/5 ended with blocked: no probe',
    ]);
  });

  it('names each known fault that was not shown, was not run, or is missing from the list', () => {
    const rest = FAULT_ROWS.filter((row) => !['R2', 'R3', 'R7'].includes(row)).map((row): KnownFault => ({
      row,
      what: '',
      evidence: { reason: '' },
    }));
    expect(unshownFaults(RUN, [...FAULTS, ...rest])).to.deep.equal([]);
    expect(unshownFaults(run(ended('rx/4', 'skip')), [...FAULTS, ...rest.slice(1)])).to.deep.equal([
      'known fault R2: clause rx/4 is to show it and ended with skip',
      'known fault R3: clause rx/5 is to show it and ended with no run',
      `known fault ${rest[0]!.row}: no clause is named that shows it, and no reason why none can`,
    ]);
  });

  it('distinguishes new failures from those that are gone', () => {
    const page = findingsPage(RUN, FAULTS, []);
    expect(changesSince(page, RUN)).to.deep.equal([]);
    const now = run(ended('mac/1', 'fail', CHECK), ended('rx/4', 'fail', CHECK), ended('rx/5', 'pass'));
    expect(changesSince(page, now)).to.deep.equal([
      'mac/1 failed, which the page did not have',
      'rx/5 was on the page, and ended with pass',
      'rx/7 was on the page, and ended with no run',
    ]);
  });

  it('lists every row once, with existing clauses', () => {
    expect(knownFaults.map(({ row }) => row)).to.deep.equal(FAULT_ROWS);
    const named = knownFaults.flatMap(({ evidence }) => ('clauses' in evidence ? evidence.clauses : []));
    for (const id of [...named, ...neverSent]) findClause(id);
    expect(named).to.include.members([...neverSent]);
  });
});

describe('the name of the page', () => {
  it('is that of the release, for each version of it', () => {
    expect(['22.11', '22.11.11-0+deb12u1', '24.11.8-0+deb13u1', '25.11'].map(findingsPageName)).to.deep.equal([
      ...['net_avp-findings.md', 'net_avp-findings.md'],
      ...['net_avp-findings-24.11.md', 'net_avp-findings-25.11.md'],
    ]);
    expect(() => findingsPageName('25.1')).to.throw('DPDK 25.1 is of none of 22.11, 24.11, 25.11');
  });
});

describe('the replay of the page', () => {
  const [crash, wrong] = replaysOn(findingsPage(RUN, FAULTS, []));

  it('reads every finding with its command and its end', () => {
    expect(crash).to.deep.equal({
      id: 'rx/4',
      command: 'npx avp conform rx/4 --seed 1 --target dpdk',
      signal: 'SIGSEGV',
    });
    expect(wrong).to.deep.include({ id: 'rx/5', signal: null });
  });

  it('confirms a finding only if the clause fails in the same way', () => {
    expect(verdictOn(wrong!, 1, '✘ rx/5: t (fail)')).to.equal('reproduced');
    expect(verdictOn(crash!, 1, '✘ rx/4: t (fail)\n the peer crashed: SIGSEGV\n')).to.equal('reproduced');
    expect(verdictOn(crash!, 1, '✘ rx/4: t (fail)')).to.equal('fails otherwise: no crash instead of SIGSEGV');
    expect(verdictOn(wrong!, 0, '✔ rx/5: t')).to.equal('not reproduced, exit status 0');
    expect(verdictOn(wrong!, 1, '! rx/5: t (error)')).to.equal('not reproduced, the clause did not fail');
    expect(verdictOn({ ...wrong!, command: '' }, 1, '')).to.equal('the page gives no command');
  });
});
