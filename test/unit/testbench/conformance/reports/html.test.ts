import { expect } from 'chai';
import { htmlReport } from '../../../../../testbench/conformance/reports/html';
import { escapeHtml } from '../../../../../testbench/pages/markup';
import { NASTY, sampleReport } from './sampleReport';
import { someClause } from '../clauses';
import { someResult, someRun } from '../results';

describe('HTML report', () => {
  it('refers to no external address, and contains no text as markup', () => {
    const page = htmlReport([sampleReport()]);
    expect(page).not.to.match(/https?:|\/\/[a-z]|@import|url\(/);
    expect(page.match(/<script>/g)).to.have.length(2);
    expect(page).to.include(escapeHtml(NASTY)).and.not.include('<img');
  });

  it('shows several targets side by side, even if one lacks a clause', () => {
    const other = someRun(
      [someResult('rx/1', 'fail', 'requirement: r\nexpected: e\nactual: a'), someResult('tx/9', 'pass')],
      {
        target: { name: 'dpdk', version: '24' },
      },
    );
    const page = htmlReport([sampleReport(), other]);
    const rx1 = /<section class="clause [^>]*id="rx-1"[^]*?<\/section>/.exec(page)![0];
    expect(rx1).to.include('class="clause fail findings"').and.include('data-verdicts="fail pass"');
    expect(rx1.match(/class="outcome"/g)).to.have.length(2);
    expect(rx1).to.include('</span> avp passed</span>').and.include('</span> dpdk failed</span>');
    const tx9 = /<section class="clause [^>]*id="tx-9"[^]*?<\/section>/.exec(page)![0];
    expect(tx9).to.include('avp: not run');
    expect(page).to.match(/<th scope="colgroup" colspan="6">dpdk<\/th>/);
  });

  it('lists a waiver once, as judged by the run on its target', () => {
    const waiver = { id: 'rx/1', target: 'dpdk', reason: 'x', expires: '2027-01-01' };
    const runs = [
      someRun([someResult('rx/1', 'pass')], {
        waivers: [{ ...waiver, state: 'unjudged', detail: 'this run is about avp' }],
      }),
      someRun([someResult('rx/1', 'pass')], {
        target: { name: 'dpdk', version: '24' },
        waivers: [{ ...waiver, state: 'unused', detail: 'the clause passes' }],
      }),
    ];
    expect(htmlReport(runs)).to.include('the clause passes').and.not.include('this run is about avp');
  });

  it('says what a rule rests on', () => {
    const clause = someClause('rx/1', { basis: 'ethdev', note: 'rte_eth_rx_burst() <says> so' });
    const page = htmlReport([someRun([{ ...someResult('rx/1', 'pass'), clause }, someResult('rx/2', 'pass')])]);
    expect(page)
      .to.include('<span>MUST</span><span>basis ethdev</span>')
      .and.include('<p class="note">rte_eth_rx_burst() &lt;says&gt; so</p>');
    expect(page.match(/class="note"/g)).to.have.length(1);
  });

  it('shows a waived failure as such, with what failed', () => {
    const page = htmlReport([sampleReport()]);
    const rx3 = /<section class="clause [^>]*id="rx-3"[^]*?<\/section>/.exec(page)![0];
    expect(rx3).to.include('class="clause waived"').and.include('data-verdicts="waived"');
    expect(rx3).to.match(/<p class="waiver-note">waived until 2026-12-31: known [^]*<dl class="check waived">/);
    expect(page).to.include('</span> 1 waived</span>').and.include('<span class="badge held">');
  });

  it('says that no packets are on record, and lists an unknown chapter', () => {
    const page = htmlReport([someRun([someResult('other/1', 'pass')])]);
    expect(page).to.include('No packets or events on record').and.include('<h2>other</h2>');
  });
});
