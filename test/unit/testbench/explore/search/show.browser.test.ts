import { expect } from 'chai';
import { Exploration } from '../../../../../testbench/explore/search/exploration';
import { lanesHtml } from '../../../../../testbench/explore/show/html';
import { recordToken } from '../../../../../testbench/explore/show/recording';
import { itSuitsEveryReader, PageInBrowser } from '../../../../support/pageInBrowser';
import { dekker } from './racyWorlds';

function samplePage(): string {
  const world = dekker('tso', false);
  const exploration = new Exploration(world, {
    ...{ scheduler: 'dfs', preemptions: 2, depth: 3, seed: 1, reduce: true },
  });
  for (;;) {
    const found = exploration.advance();
    if (found === null) continue;
    const recording = recordToken(world, found.token);
    // One access that nobody else sees.
    const steps = recording.steps.map((one, index) => (index === 1 ? { ...one, isShared: false } : one));
    return lanesHtml({ ...recording, steps }, `avp explore x --replay ${found.token}`);
  }
}

describe('the page of avp explore in Chromium', () => {
  const opened = new PageInBrowser('the page of avp explore in Chromium', samplePage);

  itSuitsEveryReader(opened);

  describe('with scripts', () => {
    before(() => opened.start(true));
    beforeEach(() => opened.open(1_280));

    it('has a lane for each actor, and hides what no other actor sees until it is asked for', async () => {
      const { page } = opened;
      expect(await page.locator('#lanes thead th').allInnerTexts()).to.deep.equal(['step', 'left', 'right']);
      const rows = page.locator('#lanes tbody tr');
      const [all, hidden] = [await rows.count(), page.locator('#lanes tbody tr.private')];
      expect(await hidden.count()).to.equal(1);
      expect(await hidden.isVisible()).to.equal(false);
      await page.getByLabel('show accesses that no other actor sees').press('Space');
      expect(await hidden.isVisible()).to.equal(true);
      expect(await page.locator('#lanes tbody tr:visible').count()).to.equal(all);
    });

    it('copies the command and the schedule, with the keyboard too', async () => {
      const { page } = opened;
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      const command = (await page.locator('.replay').first().textContent())!;
      await page.getByRole('button', { name: 'Copy the command' }).press('Enter');
      await page.getByRole('status').filter({ hasText: 'Copied' }).waitFor({ state: 'attached' });
      expect(await page.evaluate('navigator.clipboard.readText()')).to.equal(command);
      await page.getByRole('button', { name: 'Copy the schedule' }).click();
      await page.waitForFunction(`document.querySelectorAll('[data-copy]')[1].textContent === 'Copied'`);
      expect(await page.evaluate('navigator.clipboard.readText()')).to.match(/^E1\./);
    });
  });

  it('shows every step without scripts, and no dead button', async () => {
    await opened.start(false);
    await opened.open(1_280);
    expect(await opened.page.locator('#lanes tbody tr.private').isVisible()).to.equal(true);
    expect(await opened.page.locator('button:visible').count()).to.equal(0);
    expect(await opened.page.locator('label:visible').count()).to.equal(0);
  });
});
