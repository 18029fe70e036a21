import { mkdtempSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import type { BrowserContext, Locator, Page } from 'playwright-core';
import { htmlReport } from '../../../../../testbench/conformance/reports/html';
import { findBrowser, HOW_TO_INSTALL, startBrowser } from './browser';
import { TemporaryFolder } from '../../../../support/temporaryFolder';
import { sampleReport } from './sampleReport';

const VERDICTS = ['pass', 'fail', 'waived', 'skip', 'blocked', 'error'];
const CLAUSES = ['pci-1', 'rx-1', 'rx-2', 'rx-3', 'tx-1', 'tx-2', 'tx-3'];

describe('HTML report in Chromium', () => {
  const folder = new TemporaryFolder();
  let url: string;
  let browser: BrowserContext | null = null;
  let page: Page;
  const complaints: string[] = [];

  async function open(scripts: boolean): Promise<void> {
    await browser?.close();
    browser = await startBrowser(findBrowser()!, mkdtempSync(folder.file('profile-')), { scripts });
    page = await browser.newPage();
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on(
      'request',
      (request) => /^(file|data):/.test(request.url()) || complaints.push(`request of ${request.url()}`),
    );
  }

  after(() => browser?.close());
  folder.perSuite();

  before(async function () {
    if (findBrowser() === null) {
      process.stdout.write(`      HTML report in Chromium: skipped, ${HOW_TO_INSTALL}\n`);
      this.skip();
    }
    const file = folder.file('report.html');
    writeFileSync(file, htmlReport([sampleReport()]));
    url = pathToFileURL(file).href;
    await open(true);
  });

  beforeEach(async () => {
    complaints.length = 0;
    await page.emulateMedia({ media: 'screen', colorScheme: 'light' });
    await page.setViewportSize({ width: 1_200, height: 900 });
    await page.goto('about:blank');
    await page.goto(url);
  });

  /** The ids of the sections that are visible. */
  async function visibleSections(): Promise<string[]> {
    const visible: string[] = [];
    for (const id of CLAUSES) if (await page.locator(`#${id}`).isVisible()) visible.push(id);
    return visible;
  }

  function section(id: string): Locator {
    return page.locator(`#${id}`);
  }

  it('opens without an error or a request, and shows text as text', async () => {
    expect(complaints).to.deep.equal([]);
    expect(await page.title()).to.equal('AVP conformance: avp');
    expect(await page.locator('img').count()).to.equal(0);
    expect(await page.locator('#rx-2 .required').innerText()).to.include('<img src=x onerror="document.title=1">');
  });

  it('shows the matrix of chapters and verdicts', async () => {
    const rows = page.locator('#matrix tr.counts');
    expect(await rows.locator('th').allInnerTexts()).to.deep.equal([
      'pci PCI identity, BARs and registers',
      'rx Receive path',
      'tx Transmit path',
    ]);
    expect(await rows.nth(1).locator('td').allInnerTexts()).to.deep.equal(['1', '1', '1', '0', '0', '0']);
    expect(await page.locator('#matrix .cell').count()).to.equal(7);
    expect(await page.locator('#waivers tbody tr').count()).to.equal(3);
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
    await page.locator('#filter input[value=pass]').uncheck();
    expect(await visibleSections()).to.deep.equal(['rx-2', 'rx-3', 'tx-1', 'tx-2', 'tx-3']);
    expect(await page.locator('#shown').innerText()).to.equal('5 of 7 shown');
    expect(await page.getByRole('heading', { name: 'pci:' }).isVisible()).to.equal(false);
    await page.locator('#filter input[value=pass]').check();
    expect(await visibleSections()).to.deep.equal(CLAUSES);
  });

  it('filters with the keyboard alone', async () => {
    await page.locator('#filter input[value=pass]').focus();
    for (const verdict of VERDICTS) {
      expect(await page.evaluate('document.activeElement.value')).to.equal(verdict);
      if (verdict !== 'fail') await page.keyboard.press('Space');
      await page.keyboard.press('Tab');
    }
    expect(await visibleSections()).to.deep.equal(['rx-2']);
  });

  it('shows the target of a link in the matrix, even if the filter hides it', async () => {
    await page.locator('#filter input[value=pass]').uncheck();
    await page.locator('#matrix .cell[href="#rx-1"]').click();
    await section('rx-1').locator('.requirement').waitFor({ state: 'visible' });
    expect(await page.locator('#filter input[value=pass]').isChecked()).to.equal(true);
  });

  it('has no horizontal scroll on a phone', async () => {
    for (const width of [320, 390]) {
      await page.setViewportSize({ width, height: 800 });
      await page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))");
      expect(await page.evaluate('document.documentElement.scrollWidth'), `at ${width} pixels`).to.be.at.most(width);
    }
  });

  it('prints every clause in full, whatever the filter hides', async () => {
    for (const verdict of VERDICTS) await page.locator(`#filter input[value=${verdict}]`).uncheck();
    expect(await visibleSections()).to.deep.equal([]);
    await page.emulateMedia({ media: 'print' });
    expect(await visibleSections()).to.deep.equal(CLAUSES);
    for (const id of CLAUSES) expect(await section(id).locator('.requirement').first().isVisible(), id).to.equal(true);
    expect(await section('rx-2').locator('pre.hex').first().isVisible()).to.equal(true);
    expect(await page.locator('#filter').isVisible()).to.equal(false);
  });

  it('is dark if the reader prefers it', async () => {
    const background = 'getComputedStyle(document.body).backgroundColor';
    const light = await page.evaluate(background);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect([light, await page.evaluate(background)]).to.deep.equal(['rgb(255, 255, 255)', 'rgb(20, 23, 29)']);
  });

  it('shows everything without scripts, and no dead filter', async () => {
    await open(false);
    await page.goto(url);
    expect(await visibleSections()).to.deep.equal(CLAUSES);
    expect(await page.locator('#filter').isVisible()).to.equal(false);
    await section('rx-1').locator('summary').first().click();
    expect(await section('rx-1').locator('.requirement').isVisible()).to.equal(true);
  });
});
