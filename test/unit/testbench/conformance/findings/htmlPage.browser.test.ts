import { expect } from 'chai';
import { findingsHtml } from '../../../../../testbench/conformance/findings/htmlPage';
import { findingsPage } from '../../../../../testbench/conformance/findings/page';
import { knownFaults, neverSent } from '../../../../../testbench/conformance/findings/knownFaults';
import { findClause } from '../../../../../testbench/conformance/registry';
import type { ResultClause, ResultFile } from '../../../../../testbench/conformance/result';
import type { ClauseVerdict } from '../../../../../testbench/conformance/verdict';
import { itSuitsEveryReader, PageInBrowser } from '../../../../support/pageInBrowser';
import { clauseEntry, resultFile } from '../../../../support/resultFile';
import { SEGFAULT } from '../sampleCrash';

const CHECK = 'requirement: r\nexpected: errors <b>counted</b>: 1\nactual: 0';

function ended(id: string, verdict: ClauseVerdict, detail = ''): ResultClause {
  const { title, level, basis, section } = findClause(id);
  return clauseEntry(id, verdict, {
    ...{ title, level, basis, section, detail, replay: `npx avp conform ${id} --seed 1 --target dpdk` },
  });
}

function sampleRun(): ResultFile {
  const clauses = [
    ended('rx/3', 'fail', SEGFAULT),
    ended('rx/5', 'fail', CHECK),
    ended('info/13', 'fail', CHECK),
    ended('tx/19', 'fail', CHECK),
    ended('rx/1', 'pass'),
    ended('rx/2', 'skip', 'lacks x'),
  ];
  return resultFile(clauses, {
    ...{ target: 'dpdk', versions: { tool: '1.0.0', target: '22.11.11-0+deb12u1' }, seed: 1 },
    startedAt: '2026-01-02T03:04:05.678Z',
  });
}

describe('the page of findings in Chromium', () => {
  const opened = new PageInBrowser('the page of findings in Chromium', () =>
    findingsHtml(sampleRun(), knownFaults, neverSent),
  );

  itSuitsEveryReader(opened);

  describe('with scripts', () => {
    before(() => opened.start(true));
    beforeEach(() => opened.open(1_280));

    it('has the findings of the page in markdown, in its order', async () => {
      const markdown = findingsPage(sampleRun(), knownFaults, neverSent);
      const ids = [...markdown.matchAll(/^### ([a-z]+\/\d+): /gm)].map(([, id]) => id);
      expect(ids).to.have.length(4);
      const { page } = opened;
      expect(await page.locator('#findings tbody th').allInnerTexts()).to.deep.equal(ids);
      expect(await page.locator('.fold .id').allInnerTexts()).to.deep.equal(ids);
      expect(await page.locator('header').innerText()).to.include(
        'Of 6 clauses 1 passed, 4 failed, and 1 were skipped',
      );
      expect(await page.locator('#faults tbody tr').count()).to.equal(knownFaults.length);
    });

    it('opens the first of each kind, and the finding to which a link leads', async () => {
      const { page } = opened;
      expect(await page.locator('#rx-3').innerText())
        .to.include("the driver's process crashed with SIGSEGV")
        .and.include('librte_net_avp.so.23(+0x5c0e)');
      expect(await page.locator('#tx-19').getAttribute('open')).to.equal(null);
      await page.locator('#findings').getByRole('link', { name: 'tx/19' }).click();
      expect(await page.locator('#tx-19').innerText()).to.include('errors <b>counted</b>: 1');
    });

    it('copies the command that shows a finding again', async () => {
      const { page } = opened;
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      await page.locator('#rx-3').getByRole('button', { name: 'Copy the command' }).press('Enter');
      await page.locator('#rx-3').getByText('Copied').waitFor();
      expect(await page.evaluate('navigator.clipboard.readText()')).to.equal(
        'npx avp conform rx/3 --seed 1 --target dpdk',
      );
    });
  });
});
