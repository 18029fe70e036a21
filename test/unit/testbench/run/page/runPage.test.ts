import { expect } from 'chai';
import { runPage } from '../../../../../testbench/run/page/runPage';
import { sampleRun } from './sampleRun';

describe('the page of avp run', function () {
  this.timeout(300_000);

  it('refers to no address, is the same for the same seed, and stays small', async () => {
    const [one, other] = [await sampleRun('three-nics'), await sampleRun('three-nics')];
    const text = runPage(one);
    expect(text).to.equal(runPage(other));
    expect(text).not.to.match(/<(link|script|img)[^>]*(href|src)="(?!#|data:)/);
    expect(text.length).to.be.lessThan(1_000_000);
  });

  it('of mode threads shows the FIFOs, the losses and the requests at the host too', async () => {
    const run = await sampleRun('migrate-under-load', { migrations: '2' }, 'threads');
    expect(run.result.verdict).to.equal('pass');
    const text = runPage(run);
    expect(text).to.include('Packets and events of a run in mode threads are not on record');
    expect(text).not.to.include('The FIFOs of a run in mode threads');
    const plots = JSON.parse(/<script type="application\/json" id="plots">(.*?)<\/script>/.exec(text)![1]!) as {
      title: string;
      curves: { values: (number | null)[] }[];
    }[];
    const rx = plots.find(({ title }) => title.startsWith('rx:'))!;
    expect(Math.max(...rx.curves.flatMap(({ values }) => values.map((value) => value ?? 0)))).to.be.above(0);
    expect(text)
      .to.match(/host compute-0: request 4/)
      .and.match(/host compute-1: request 3/);
  });

  it('begins with what was missed, and shows text of a script as text', async () => {
    const run = await sampleRun('three-nics');
    const result = {
      ...run.result,
      verdict: 'fail' as const,
      expectations: [{ what: '<b>all</b>', ok: false }, ...run.result.expectations],
    };
    const text = runPage({ ...run, result, details: ['<b>all</b>: expected 1, actual 2'] });
    expect(text).to.include('missed</span> &lt;b&gt;all&lt;/b&gt;').and.not.include('<b>all</b>');
    expect(text.indexOf('&lt;b&gt;all&lt;/b&gt;: expected 1')).to.be.greaterThan(text.indexOf('id="expectations"'));
  });

  it('says that a run was interrupted, and shows what there is', async () => {
    const { result, replay } = await sampleRun('three-nics');
    const lost = { ...result, verdict: 'error' as const, expectations: [], ports: [], migrations: [] };
    const text = runPage({ result: lost, replay, details: ['SIGINT ended the run'], trace: null, endedBy: 'SIGINT' });
    expect(text).to.include('<div class="incomplete" role="alert"><p>this run is incomplete: SIGINT ended it.</p>');
    expect(text).to.match(/<\/html>\n$/);
  });

  it('shows a migration that did not end, and one that was refused', async () => {
    const run = await sampleRun('migrate-refused');
    const text = runPage(run);
    for (const { outcome } of run.result.migrations) expect(text).to.include(`</span> ${outcome}</span>`);
    expect(run.result.migrations.some(({ outcome }) => outcome !== 'completed')).to.equal(true);
    const cut = runPage({ ...run, result: { ...run.result, migrations: [] } });
    expect(cut).to.include('</span> did not end</span>');
  });
});
