import { expect } from 'chai';
import { githubAnnotations, githubSummary } from '../../../cli/github';
import { someResult, someRun } from '../testbench/conformance/results';

const CHECK = 'requirement: r\nexpected: 50 % of | a, b: c\nactual: <b>none</b>';

describe('the report to GitHub', () => {
  const run = someRun([
    someResult('pci/1', 'pass'),
    someResult('rx/1', 'fail', CHECK),
    someResult('rx/2', 'waived', `waived until 2026-12-31: known\n${CHECK}`),
    someResult('tx/2', 'blocked', 'probe was refused with EINVAL'),
  ]);

  it('has an annotation for each finding, escaped as a workflow command needs it', () => {
    const lines = githubAnnotations([run], false);
    expect(lines).to.have.length(2);
    expect(lines[0]).to.match(
      /^::error title=[^:,\n]*rx\/1%3A [^:,\n]*::expected 50 %25 of \| a, b: c, actual .*%0Areplay: /,
    );
  });

  it('has no more annotations than GitHub shows', () => {
    const many = someRun(Array.from({ length: 30 }, (_unused, at) => someResult(`rx/${at + 1}`, 'fail', CHECK)));
    expect(githubAnnotations([many], false)).to.have.length(10);
  });

  it('has a summary whose table no text can break', () => {
    const lines = githubSummary([run], false).split('\n');
    const rows = lines.filter((line) => line.startsWith('| rx/1'));
    expect(rows).to.have.length(1);
    expect(rows[0]).to.include('50 % of \\| a').and.include('\\<b\\>none');
    expect(lines.some((line) => line.startsWith('| rx/2'))).to.equal(false);
    expect(lines.some((line) => line.includes('1 waived'))).to.equal(true);
  });

  it('says that a run is incomplete', () => {
    const cut = { ...run, unfinished: { endedBy: 'missing shard 2/3', notRun: [] } };
    expect(githubSummary([cut], false)).to.include('**this run is incomplete: missing shard 2/3');
  });

  it('has a summary of limited length', () => {
    const many = someRun(
      Array.from({ length: 400 }, (_unused, at) =>
        someResult(`rx/${at + 1}`, 'fail', `requirement: r\nexpected: e\nactual: ${'x'.repeat(2_000)}`),
      ),
    );
    const text = githubSummary([many, many, many, many], false);
    expect(text.length).to.be.lessThan(260_000);
    expect(text).to.include('The rest is in the reports.');
  });
});
