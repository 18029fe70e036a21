import { expect } from 'chai';
import { perfPage } from '../../../../../testbench/perf/page/page';
import { itSuitsEveryReader, PageInBrowser, type Scheme, SCHEMES, WIDTHS } from '../../../../support/pageInBrowser';
import { samplePage } from './samplePage';

const PLOTS = 4;

describe('the page of avp perf in Chromium', () => {
  const opened = new PageInBrowser('the page of avp perf in Chromium', () => perfPage(samplePage()));
  const { complaints } = opened;

  itSuitsEveryReader(opened);

  /** Colours that a plot is made of, as `r,g,b`, the most frequent first. */
  async function colorsOf(plot: number): Promise<string[]> {
    return opened.page.evaluate<string[]>(`(() => {
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

  async function show(width: number, scheme: Scheme): Promise<void> {
    await opened.open(width, scheme);
    await opened.page
      .locator('.plot canvas')
      .nth(PLOTS - 1)
      .waitFor();
  }

  describe('with scripts', () => {
    before(() => opened.start(true));

    for (const scheme of SCHEMES)
      for (const width of WIDTHS)
        it(`draws every plot: ${width} px, ${scheme}`, async () => {
          await show(width, scheme);
          expect(complaints).to.deep.equal([]);
          expect(await opened.page.locator('.plot canvas').count()).to.equal(PLOTS);
          const ours = { light: '31,95,191', dark: '134,180,255' }[scheme];
          for (let plot = 0; plot < PLOTS; plot++) {
            const box = (await opened.page.locator('.plot canvas').nth(plot).boundingBox())!;
            expect(box.width, `plot ${plot}`).to.be.within(200, width);
            expect(await colorsOf(plot), `plot ${plot}`).to.include(ours);
          }
        });

    it('follows a change of the colour scheme and of the width', async () => {
      await show(1_280, 'light');
      const before = (await opened.page.locator('.plot canvas').first().boundingBox())!.width;
      await opened.page.emulateMedia({ colorScheme: 'dark' });
      await opened.page.setViewportSize({ width: 500, height: 900 });
      await opened.page.waitForFunction(`document.querySelector('.plot canvas').clientWidth < ${before}`);
      expect(await colorsOf(0))
        .to.include('134,180,255')
        .and.not.to.include('31,95,191');
      expect(await opened.page.locator('.plot canvas').count()).to.equal(PLOTS);
      expect(complaints).to.deep.equal([]);
    });

    it('tells the figures at the pointer', async () => {
      await show(1_280, 'light');
      const canvas = opened.page.locator('.plot .u-over').first();
      await canvas.hover({ position: { x: 2, y: 50 } });
      const legend = await opened.page.locator('.plot').first().locator('.u-value').allInnerTexts();
      expect(legend).to.deep.equal(['64', '46.4', '43.8', '66.4']);
    });
  });

  it('has all figures in its tables without scripts', async () => {
    await opened.start(false);
    await opened.open(1_280);
    expect(await opened.page.locator('noscript').innerText()).to.include('The plots need scripts');
    const drivers = opened.page.locator('#drivers table').first().locator('tbody tr');
    expect(await drivers.count()).to.equal(9);
    expect(await drivers.first().locator('th, td').allInnerTexts()).to.deep.equal([
      ...['driver, guest', 'scattered', 'rx', '64', '32', '1 x 1', 'wasm'],
      ...['46.4 42..60', '0.10', '43.8 39..57', '1.06', '66.4 60..86', '0.70'],
    ]);
    expect(await opened.page.locator('.reason').allInnerTexts()).to.deep.equal([
      '64 ports of 8 queues: each device has 1024 host buffers and rings of 64 slots',
      'driver, guest, scattered, tx, 64 bytes, burst 32, C loop: the difference does not stand out from its noise: -1.0 to 3.0 ns in 3 runs',
    ]);
    expect(await opened.page.locator('#attach tbody tr > *').allInnerTexts()).to.deep.equal([
      ...['2048', '8', '64', '0.40 0.30..0.50', '0.80 0.60..1.10'],
    ]);
  });
});
