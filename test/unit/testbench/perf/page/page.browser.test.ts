import { mkdtempSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import type { BrowserContext, Page } from 'playwright-core';
import { perfPage } from '../../../../../testbench/perf/page/page';
import { findBrowser, HOW_TO_INSTALL, startBrowser } from '../../conformance/reports/browser';
import { TemporaryFolder } from '../../../../support/temporaryFolder';
import { samplePage } from './samplePage';

/** A phone, and a desk. */
const WIDTHS = [360, 1_200];
const SCHEMES = ['light', 'dark'] as const;
const PLOTS = 4;

describe('the page of avp perf in Chromium', () => {
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
      process.stdout.write(`      the page of avp perf in Chromium: skipped, ${HOW_TO_INSTALL}\n`);
      this.skip();
    }
    const file = folder.file('perf.html');
    writeFileSync(file, perfPage(samplePage()));
    url = pathToFileURL(file).href;
  });

  /** Colours that a plot is made of, as `r,g,b`, the most frequent first. */
  async function colorsOf(plot: number): Promise<string[]> {
    return page.evaluate<string[]>(`(() => {
      const canvas = document.querySelectorAll('.plot canvas')[${plot}];
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      const counts = new Map();
      for (let at = 0; at < data.length; at += 4) {
        if (data[at + 3] !== 255) continue;
        const color = data[at] + ',' + data[at + 1] + ',' + data[at + 2];
        counts.set(color, (counts.get(color) ?? 0) + 1);
      }
      return [...counts].sort((a, b) => b[1] - a[1]).map(([color]) => color);
    })()`);
  }

  async function show(width: number, colorScheme: (typeof SCHEMES)[number]): Promise<void> {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    await page.goto(url);
    await page
      .locator('.plot canvas')
      .nth(PLOTS - 1)
      .waitFor();
  }

  describe('with scripts', () => {
    before(() => open(true));
    beforeEach(() => {
      complaints.length = 0;
    });

    for (const scheme of SCHEMES)
      for (const width of WIDTHS)
        it(`draws every plot and fits the screen: ${width} px, ${scheme}`, async () => {
          await show(width, scheme);
          expect(complaints).to.deep.equal([]);
          expect(await page.locator('.plot canvas').count()).to.equal(PLOTS);
          const [scrolls, shown] = await page.evaluate<[number, number]>(
            '[document.documentElement.scrollWidth, innerWidth]',
          );
          expect(scrolls).to.equal(shown);
          const ours = { light: '31,95,191', dark: '134,180,255' }[scheme];
          for (let plot = 0; plot < PLOTS; plot++) {
            const box = (await page.locator('.plot canvas').nth(plot).boundingBox())!;
            expect(box.width, `plot ${plot}`).to.be.within(200, width);
            expect(await colorsOf(plot), `plot ${plot}`).to.include(ours);
          }
        });

    it('follows a change of the colour scheme and of the width', async () => {
      await show(1_200, 'light');
      const before = (await page.locator('.plot canvas').first().boundingBox())!.width;
      await page.emulateMedia({ colorScheme: 'dark' });
      await page.setViewportSize({ width: 360, height: 900 });
      await page.waitForFunction(`document.querySelector('.plot canvas').clientWidth < ${before}`);
      expect(await colorsOf(0))
        .to.include('134,180,255')
        .and.not.to.include('31,95,191');
      expect(await page.locator('.plot canvas').count()).to.equal(PLOTS);
      expect(complaints).to.deep.equal([]);
    });

    it('tells the figures at the pointer', async () => {
      await show(1_200, 'light');
      const canvas = page.locator('.plot .u-over').first();
      await canvas.hover({ position: { x: 2, y: 50 } });
      const legend = await page.locator('.plot').first().locator('.u-value').allInnerTexts();
      expect(legend).to.deep.equal(['64', '46.4', '43.8', '66.4']);
    });
  });

  it('has all figures in its tables without scripts', async () => {
    await open(false);
    await page.goto(url);
    expect(await page.locator('noscript').innerText()).to.include('The plots need scripts');
    const drivers = page.locator('table.figures').first().locator('tbody tr');
    expect(await drivers.count()).to.equal(9);
    expect(await drivers.first().locator('td').allInnerTexts()).to.deep.equal([
      ...['driver, guest', 'scattered', 'rx', '64', '32', '1 x 1', 'wasm'],
      ...['46.4 42..60', '0.10', '43.8 39..57', '1.06', '66.4 60..86', '0.70'],
    ]);
    expect(await page.locator('.reason').allInnerTexts()).to.deep.equal([
      '64 ports of 8 queues: each device has 1024 host buffers and rings of 64 slots',
      'driver, guest, scattered, tx, 64 bytes, burst 32, C loop: the difference does not stand out from its noise: -1.0 to 3.0 ns in 3 runs',
    ]);
    expect(await page.locator('#attach tbody td').allInnerTexts()).to.deep.equal([
      ...['2048', '8', '64', '0.40 0.30..0.50', '0.80 0.60..1.10'],
    ]);
  });
});
