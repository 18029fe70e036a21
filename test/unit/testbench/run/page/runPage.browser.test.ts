import { expect } from 'chai';
import { runPage } from '../../../../../testbench/run/page/runPage';
import { itSuitsEveryReader, PageInBrowser } from '../../../../support/pageInBrowser';
import { sampleRun } from './sampleRun';

describe('the page of avp run in Chromium', () => {
  const opened = new PageInBrowser('the page of avp run in Chromium', async () =>
    runPage(await sampleRun('migrate-under-load', { migrations: '3' })),
  );

  itSuitsEveryReader(opened);

  describe('with scripts', () => {
    before(() => opened.start(true));
    beforeEach(() => opened.open(1_280));

    it('has a line and a timeline for each migration', async () => {
      const { page } = opened;
      const rows = page.locator('#migrations > table tbody tr');
      expect(await rows.count()).to.equal(3);
      expect(await rows.first().innerText()).to.match(/compute-0 → compute-1\s+✔ completed\s+\d+ ms\s+\d+ \(/);
      expect(await page.locator('#migration-vm-1').getAttribute('open')).to.equal('');
      expect(await page.locator('#migration-vm-2').getAttribute('open')).to.equal(null);
      const parts = await page.locator('#migration-vm-1 .spans tbody th').allInnerTexts();
      expect(parts.slice(0, 2)).to.deep.equal(['vm: migration', 'vm/lan: detach']);
      expect(parts).to.include('vm: moving').and.include('vm/lan: attach').and.include('vm/lan: detached');
      // The migration fills its row, and the detach begins with it.
      const [whole, detach] = [page.locator('.spans .lane > span').nth(0), page.locator('.spans .lane > span').nth(1)];
      const [outer, inner] = [(await whole.boundingBox())!, (await detach.boundingBox())!];
      expect(inner.x).to.be.closeTo(outer.x, 1);
      expect(inner.width).to.be.lessThan(outer.width);
      await rows.nth(1).getByRole('link').click();
      expect(await page.locator('#migration-vm-2').getAttribute('open')).to.equal('');
    });

    it('draws the FIFOs of each NIC, and what the list of parts chooses', async () => {
      const { page } = opened;
      await page.locator('#fifos .plot canvas').nth(3).waitFor();
      expect(await page.locator('#fifos details[open] figcaption').allInnerTexts()).to.deep.equal([
        'rx: packets for the guest',
        'free: buffers that the guest returns',
        'tx: packets from the guest',
        'alloc: buffers for the guest to fill',
      ]);
      const most = await page.locator('#fifos details[open] tbody tr td:nth-child(4)').allInnerTexts();
      expect(
        most.every((count) => Number(count) > 0),
        most.join(' '),
      ).to.equal(true);
      const shown = async (): Promise<string> => {
        await page
          .locator('#fifos .u-over')
          .first()
          .hover({ position: { x: 1, y: 50 } });
        return page.locator('#fifos .plot').first().locator('.u-value').first().innerText();
      };
      expect(Number(await shown())).to.be.lessThan(30);
      await page.getByLabel('Show').selectOption({ index: 3 });
      expect(Number(await shown())).to.be.greaterThan(100);
    });

    it('draws the plots of a fold when it is opened', async () => {
      const { page } = opened;
      const fold = page.locator('#fifos details').nth(1);
      expect(await fold.locator('canvas').count()).to.equal(0);
      await fold.locator('summary').press('Enter');
      await fold.locator('canvas').nth(3).waitFor();
      expect(opened.complaints).to.deep.equal([]);
    });

    it('tells losses by place and cause, what became of the frames, and the packets and events', async () => {
      const { page } = opened;
      const causes = await page.locator('#losses .table tbody th').allInnerTexts();
      expect(causes).to.have.members(['switch moving', 'host detached', 'host lostAtDetach']);
      expect(await page.locator('#frames .table tbody th').allInnerTexts()).to.include('vm/lan rx');
      await page.locator('#events summary').first().click();
      expect(await page.locator('#events .timeline .frame').count()).to.equal(64);
      expect(await page.locator('#events .timeline .event').first().innerText()).to.include('plugged');
    });
  });

  it('has all sums without scripts, and no dead control', async () => {
    await opened.start(false);
    await opened.open(500);
    expect(await opened.page.locator('noscript').innerText()).to.include('The plots need scripts');
    expect(await opened.page.locator('select:visible, button:visible').count()).to.equal(0);
    expect(await opened.page.locator('#fifos table').first().isVisible()).to.equal(true);
  });
});
