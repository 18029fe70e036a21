import { expect } from 'chai';
import type { Locator } from 'playwright-core';
import { htmlReport } from '../../../../../testbench/conformance/reports/html';
import { itSuitsEveryReader, PageInBrowser } from '../../../../support/pageInBrowser';
import { someResult } from '../results';
import { SEGFAULT } from '../sampleCrash';
import { sampleReport } from './sampleReport';

const VERDICTS = ['pass', 'fail', 'waived', 'skip', 'blocked', 'error'];
const CLAUSES = ['pci-1', 'rx-1', 'rx-2', 'rx-3', 'tx-1', 'tx-2', 'tx-3', 'tx-4', 'tx-5'];

/** Every verdict, several bases and levels, and two clauses in which the peer crashed at the same place. */
function samplePage(): string {
  const report = sampleReport();
  const crashes = ['tx/4', 'tx/5'].map((id) => someResult(id, 'fail', SEGFAULT));
  const results = report.results.map((one) => {
    const { clause } = one;
    if (clause.id === 'pci/1') return { ...one, clause: { ...clause, basis: 'ethdev' as const } };
    return clause.id === 'rx/1' ? { ...one, clause: { ...clause, level: 'SHOULD' as const } } : one;
  });
  return htmlReport([{ ...report, results: [...results, ...crashes] }]);
}

describe('HTML report in Chromium', () => {
  const opened = new PageInBrowser('HTML report in Chromium', samplePage);
  const { complaints } = opened;

  itSuitsEveryReader(opened);

  before(() => opened.start(true));
  beforeEach(() => opened.open(1_280));

  /** The ids of the clauses that no filter hides. Their group may be closed. */
  async function visibleSections(): Promise<string[]> {
    const ids = await opened.page.evaluate<string[]>(
      "[...document.querySelectorAll('.clause')].filter((one) => getComputedStyle(one).display !== 'none').map(({ id }) => id)",
    );
    return ids.sort();
  }

  function section(id: string): Locator {
    return opened.page.locator(`#${id}`);
  }

  it('opens without an error or a request, and shows text as text', async () => {
    expect(complaints).to.deep.equal([]);
    expect(await opened.page.title()).to.equal('AVP conformance: avp');
    expect(await opened.page.locator('img').count()).to.equal(0);
    expect(await opened.page.locator('#rx-2 .required').textContent()).to.include(
      '<img src=x onerror="document.title=1">',
    );
  });

  it('shows the matrix of chapters and verdicts', async () => {
    const rows = opened.page.locator('#matrix tr.counts');
    expect(await rows.locator('th').allInnerTexts()).to.deep.equal([
      'pci PCI identity, BARs and registers',
      'rx Receive path',
      'tx Transmit path',
    ]);
    expect(await rows.nth(1).locator('td').allInnerTexts()).to.deep.equal(['1', '1', '1', '0', '0', '0']);
    expect(await opened.page.locator('#matrix .cell').count()).to.equal(9);
    expect(await opened.page.locator('#waivers tbody tr').count()).to.equal(3);
  });

  it('groups failures by cause, and opens the first clause of the first group only', async () => {
    const { page } = opened;
    const causes = await page.locator('.cause > summary').allInnerTexts();
    expect(causes).to.have.length(4);
    expect(causes[0]).to.include('SIGSEGV at librte_net_avp.so.23(+0x5c0e)').and.include('2 clauses');
    expect(await page.locator('.cause[open]').count()).to.equal(1);
    expect(await page.locator('.clause > details[open]').count()).to.equal(1);
    expect(await section('tx-4').locator('.requirement').isVisible()).to.equal(true);
    expect(await section('tx-5').locator('.requirement').isVisible()).to.equal(false);
  });

  it("shortens a peer's output, and has it once", async () => {
    const { page } = opened;
    const actual = section('tx-4').locator('.actual');
    expect(await actual.innerText())
      .to.include("the driver's process crashed with SIGSEGV")
      .and.include('librte_net_avp.so.23(+0x5c0e)')
      .and.not.include('nb forwarding cores');
    await actual.getByText('the peer’s last output').click();
    expect(await actual.innerText()).to.include('nb forwarding cores');
    for (let press = 0; press < 2; press++) await page.keyboard.press('n');
    await section('tx-5').getByRole('link', { name: 'that of tx/4' }).click();
    expect(await page.locator('#output-tx-4').getAttribute('open')).to.equal('');
    expect(await section('tx-4').locator('.requirement').isVisible()).to.equal(true);
  });

  it('goes from failure to failure with buttons and with keys', async () => {
    const { page } = opened;
    const shown = (): Promise<string> => page.evaluate<string>("document.activeElement.closest('.clause').id");
    await page.getByRole('button', { name: 'next failure' }).click();
    expect([await shown(), await page.locator('#shown').innerText()]).to.deep.equal(['tx-4', 'failure 1 of 5']);
    const seen: string[] = [];
    for (let press = 0; press < 5; press++) {
      await page.keyboard.press('n');
      seen.push(await shown());
    }
    expect(seen).to.deep.equal(['tx-5', 'rx-2', 'tx-2', 'tx-3', 'tx-4']);
    await page.keyboard.press('p');
    expect(await shown()).to.equal('tx-3');
    expect(await section('tx-3').locator('.requirement').isVisible()).to.equal(true);
    await page.getByRole('button', { name: 'previous failure' }).click();
    expect(await shown()).to.equal('tx-2');
    // In the search field they are letters.
    await page.locator('#search').fill('rx/2');
    await page.locator('#search').press('n');
    expect(await page.locator('#search').inputValue()).to.equal('rx/2n');
  });

  it('searches, and filters by basis and level', async () => {
    const { page } = opened;
    await page.locator('#search').fill('tx/5 sigsegv');
    expect(await visibleSections()).to.deep.equal(['tx-5']);
    expect(await page.locator('.cause:visible').count()).to.equal(1);
    await page.locator('#search').fill('');
    await page.locator('#basis').selectOption('ethdev');
    expect(await visibleSections()).to.deep.equal(['pci-1']);
    await page.locator('#basis').selectOption('');
    await page.locator('#level').selectOption('SHOULD');
    expect(await visibleSections()).to.deep.equal(['rx-1']);
    await page.locator('#matrix .cell[href="#tx-2"]').click();
    await section('tx-2').locator('.requirement').waitFor({ state: 'visible' });
    expect(await visibleSections()).to.deep.equal(CLAUSES);
  });

  it('copies a replay command', async () => {
    const { page } = opened;
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await section('tx-4').getByRole('button', { name: 'Copy the replay command' }).press('Enter');
    await section('tx-4').getByText('Copied').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).to.equal('npx avp conform tx/4 --seed 5');
  });

  it('expands a failing clause, with requirement, expected, actual and replay', async () => {
    await opened.open(1_280, 'light', 'rx-2');
    for (const part of ['.requirement', '.required', '.expected', '.actual', '.replay', '.timeline'])
      expect(await section('rx-2').locator(part).first().isVisible(), part).to.equal(true);
    expect(await section('rx-2').locator('.expected').innerText()).to.equal('number of packets: 0');
    expect(await section('rx-2').locator('.actual').innerText()).to.match(/^1\n/);
    expect(await section('rx-1').locator('.requirement').isVisible()).to.equal(false);
  });

  it('describes packets in words and in hex, and says how many were left out', async () => {
    await opened.open(1_280, 'light', 'rx-2');
    const frame = section('rx-2').locator('.frame').first();
    expect(await frame.innerText()).to.include('UDP: port 1045 to port 5003');
    expect(await frame.locator('pre').isVisible()).to.equal(false);
    await frame.locator('summary').click();
    expect(await frame.locator('pre').innerText()).to.match(/^0000 {2}52 54 00 01 02 03/);
    expect(await section('rx-2').locator('.gap').innerText()).to.include('18 packets left out');
  });

  it('keeps fewer packets of a clause without a finding', async () => {
    expect(await section('rx-2').locator('.frame').count()).to.equal(64);
    expect(await section('rx-1').locator('.frame').count()).to.equal(16);
    expect(await section('rx-1').locator('.gap').first().textContent()).to.include('66 packets left out');
  });

  it('filters by verdict with the mouse', async () => {
    expect(await visibleSections()).to.deep.equal(CLAUSES);
    await opened.page.locator('#filter input[value=pass]').uncheck();
    expect(await visibleSections()).to.deep.equal(CLAUSES.slice(2));
    expect(await opened.page.locator('#shown').innerText()).to.equal('7 of 9 shown');
    expect(await opened.page.getByRole('heading', { name: 'pci:' }).isVisible()).to.equal(false);
    await opened.page.locator('#filter input[value=pass]').check();
    expect(await visibleSections()).to.deep.equal(CLAUSES);
  });

  it('filters with the keyboard alone', async () => {
    await opened.page.locator('#filter input[value=pass]').focus();
    for (const verdict of VERDICTS) {
      expect(await opened.page.evaluate('document.activeElement.value')).to.equal(verdict);
      if (verdict !== 'fail') await opened.page.keyboard.press('Space');
      await opened.page.keyboard.press('Tab');
    }
    expect(await visibleSections()).to.deep.equal(['rx-2', 'tx-4', 'tx-5']);
  });

  it('shows the target of a link in the matrix, even if the filter hides it', async () => {
    await opened.page.locator('#filter input[value=pass]').uncheck();
    await opened.page.locator('#matrix .cell[href="#rx-1"]').click();
    await section('rx-1').locator('.requirement').waitFor({ state: 'visible' });
    expect(await opened.page.locator('#filter input[value=pass]').isChecked()).to.equal(true);
  });

  it('has no horizontal scroll on a phone', async () => {
    for (const width of [320, 390]) {
      await opened.open(width);
      await opened.unfold();
      expect(await opened.overhang(), `at ${width} pixels`).to.equal(0);
    }
  });

  it('prints every clause in full, whatever the filter hides', async () => {
    for (const verdict of VERDICTS) await opened.page.locator(`#filter input[value=${verdict}]`).uncheck();
    expect(await visibleSections()).to.deep.equal([]);
    await opened.page.emulateMedia({ media: 'print' });
    expect(await visibleSections()).to.deep.equal(CLAUSES);
    for (const id of CLAUSES) expect(await section(id).locator('.requirement').first().isVisible(), id).to.equal(true);
    expect(await section('rx-2').locator('pre.hex').first().isVisible()).to.equal(true);
    expect(await opened.page.locator('#filter').isVisible()).to.equal(false);
  });

  it('shows everything without scripts, and no dead filter', async () => {
    await opened.start(false);
    await opened.open(1_280);
    expect(await visibleSections()).to.deep.equal(CLAUSES);
    expect(await opened.page.locator('#filter').isVisible()).to.equal(false);
    await section('rx-1').locator('summary').first().click();
    expect(await section('rx-1').locator('.requirement').isVisible()).to.equal(true);
  });
});
