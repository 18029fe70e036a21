import { expect } from 'chai';
import type { Locator } from 'playwright-core';
import { htmlReport } from '../../../../../testbench/conformance/reports/html';
import { itSuitsEveryReader, PageInBrowser } from '../../../../support/pageInBrowser';
import { sampleReport } from './sampleReport';

const VERDICTS = ['pass', 'fail', 'waived', 'skip', 'blocked', 'error'];
const CLAUSES = ['pci-1', 'rx-1', 'rx-2', 'rx-3', 'tx-1', 'tx-2', 'tx-3'];

describe('HTML report in Chromium', () => {
  const opened = new PageInBrowser('HTML report in Chromium', () => htmlReport([sampleReport()]));
  const { complaints } = opened;

  itSuitsEveryReader(opened);

  before(() => opened.start(true));
  beforeEach(() => opened.open(1_280));

  /** The ids of the sections that are visible. */
  async function visibleSections(): Promise<string[]> {
    const visible: string[] = [];
    for (const id of CLAUSES) if (await opened.page.locator(`#${id}`).isVisible()) visible.push(id);
    return visible;
  }

  function section(id: string): Locator {
    return opened.page.locator(`#${id}`);
  }

  it('opens without an error or a request, and shows text as text', async () => {
    expect(complaints).to.deep.equal([]);
    expect(await opened.page.title()).to.equal('AVP conformance: avp');
    expect(await opened.page.locator('img').count()).to.equal(0);
    expect(await opened.page.locator('#rx-2 .required').innerText()).to.include(
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
    expect(await opened.page.locator('#matrix .cell').count()).to.equal(7);
    expect(await opened.page.locator('#waivers tbody tr').count()).to.equal(3);
  });

  it('expands a failing clause, with requirement, expected, actual and replay', async () => {
    for (const part of ['.requirement', '.required', '.expected', '.actual', '.replay', '.timeline'])
      expect(await section('rx-2').locator(part).first().isVisible(), part).to.equal(true);
    expect(await section('rx-2').locator('.expected').innerText()).to.equal('number of packets: 0');
    expect(await section('rx-2').locator('.actual').innerText()).to.match(/^1\n/);
    expect(await section('rx-1').locator('.requirement').isVisible()).to.equal(false);
  });

  it('describes packets in words and in hex, and says how many were left out', async () => {
    const frame = section('rx-2').locator('.frame').first();
    expect(await frame.innerText()).to.include('UDP: port 1045 to port 5003');
    expect(await frame.locator('pre').isVisible()).to.equal(false);
    await frame.locator('summary').click();
    expect(await frame.locator('pre').innerText()).to.match(/^0000 {2}52 54 00 01 02 03/);
    expect(await section('rx-2').locator('.gap').innerText()).to.include('18 packets left out');
  });

  it('filters by verdict with the mouse', async () => {
    expect(await visibleSections()).to.deep.equal(CLAUSES);
    await opened.page.locator('#filter input[value=pass]').uncheck();
    expect(await visibleSections()).to.deep.equal(['rx-2', 'rx-3', 'tx-1', 'tx-2', 'tx-3']);
    expect(await opened.page.locator('#shown').innerText()).to.equal('5 of 7 shown');
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
    expect(await visibleSections()).to.deep.equal(['rx-2']);
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
