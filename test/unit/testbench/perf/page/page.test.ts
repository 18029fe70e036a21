import { expect } from 'chai';
import { perfPage } from '../../../../../testbench/perf/page/page';
import { plotGroups } from '../../../../../testbench/perf/page/plots';
import { samplePage } from './samplePage';

describe('the plots of avp perf', () => {
  it('show time over size, cost over ports and queues, rounds over burst, and hosts', () => {
    const groups = plotGroups(samplePage().results);
    expect(groups.map(({ plots }) => plots.map(({ title }) => title))).to.deep.equal([
      ['scattered, rx, burst 32'],
      ['scattered, rx, 64 bytes, burst 32'],
      ['scattered, 64 bytes'],
      ['64 bytes'],
    ]);
    const [size, lanes, burst, hosts] = groups.map(({ plots }) => plots[0]!);
    expect(size!.x).to.deep.equal([64, 512, 9_216]);
    expect(size!.curves.map(({ name }) => name)).to.deep.equal(['ours', 'C loop', 'net_avp']);
    expect(size!.curves[0]).to.deep.include({ values: [46.4, 91.2, 961.6], leasts: [41.76, 82.08, 865.44] });
    expect(lanes!.labels).to.deep.equal(['1 x 1', '1 x 8', '64 x 8']);
    expect(burst!.x).to.deep.equal([1, 8, 64]);
    // 260 ns a packet, so 3.85 million rounds a second.
    expect(burst!.curves[0]!.values[0]).to.be.closeTo(3.85, 0.01);
    expect(hosts!.labels).to.deep.equal(['io', 'rxonly', 'txonly']);
    expect(hosts!.curves.map(({ name }) => name)).to.deep.equal(['ours', 'C host']);
  });

  it('leave out what was measured at one place only, and say what to run', () => {
    const groups = plotGroups(samplePage().results.slice(0, 1));
    expect(groups.flatMap(({ plots }) => plots)).to.deep.equal([]);
    const text = perfPage({ ...samplePage(), results: [] });
    for (const { command } of groups) expect(text).to.include(`<code>${command}</code>`);
  });
});

describe('the page of avp perf', () => {
  it('is one file: it names no other, and text in it is no markup', () => {
    const text = perfPage(samplePage());
    expect(text).not.to.match(/<(link|script|img)[^>]*(href|src)="(?!data:)/);
    expect(text.match(/<script/g)).to.have.length(4);
    expect(text).not.to.include('<img src=x>');
    expect(text).to.include('driver guest &lt;b&gt;scattered&lt;/b&gt; rx');
  });
});
