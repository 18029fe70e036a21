import { expect } from 'chai';
import { mbufFree, mbufFromBytes } from '../../../../../../driver';
import { readDump } from '../../../../../../testbench/evidence/dump/readDump';
import { writeDump } from '../../../../../../testbench/evidence/dump/writeDump';
import { type DumpInspection, inspectDump } from '../../../../../../testbench/evidence/inspect/inspectDump';
import { dumpPage, exportPage } from '../../../../../../testbench/evidence/inspect/page/inspectPage';
import { itSuitsEveryReader, PageInBrowser } from '../../../../../support/pageInBrowser';
import { TemporaryFolder } from '../../../../../support/temporaryFolder';
import { RUN } from '../../dump/run';
import { TraceWorld } from '../../world';

const PROBLEM = 'vm.nic0: buffer 3 of pool 0 is on rx 0, <b>and</b> on free 0 too';

/** A dump of two devices with packets on their FIFOs, one of them with an entry that is wrong. */
function sampleDump(folder: string): DumpInspection {
  const world = new TraceWorld(['red', 'red']);
  try {
    world.exchange(world.ports[0]!, 4);
    world.migrate();
    for (let i = 0; i < 3; i++) world.send(world.ports[1]!);
    world.clock.sleepMs(2);
    const kept = mbufFromBytes(world.pool, new Uint8Array(99));
    writeDump(folder, RUN);
    mbufFree(kept);
  } finally {
    world.close();
  }
  const found = inspectDump(readDump(folder));
  const devices = found.devices.map((device, index) => {
    const rings = device.rings.map((ring) =>
      ring.kind === 'rx'
        ? { ...ring, entries: ring.entries.map((entry) => ({ ...entry, problem: 'no descriptor' })) }
        : ring,
    );
    return index === 0 ? { ...device, rings } : device;
  });
  return { ...found, devices, problems: [PROBLEM] };
}

describe('the page of avp inspect in Chromium', () => {
  const folder = new TemporaryFolder().perSuite();
  let dump: DumpInspection;
  const opened = new PageInBrowser('the page of avp inspect in Chromium', () => {
    dump = sampleDump(folder.file('dump'));
    return dumpPage(dump, 'failure');
  });

  itSuitsEveryReader(opened);

  describe('of a dump', () => {
    before(() => opened.start(true));
    beforeEach(() => opened.open(1_280));

    it('begins with the problems, as text', async () => {
      const { page } = opened;
      expect(await page.locator('header .badge').innerText()).to.include('1 problem');
      expect(await page.locator('#problems li').innerText()).to.equal(PROBLEM);
    });

    it('has the FIFOs of each device with the indices of both sides, and opens entries that are wrong', async () => {
      const { page } = opened;
      const device = page.locator('#device-0');
      const rings = dump.devices[0]!.rings.filter(({ write, read }) => write !== 0 || read !== 0);
      const fifos = device.getByRole('table', { name: 'FIFOs', exact: true });
      const names = await fifos.locator('tbody th').allInnerTexts();
      expect(names).to.deep.equal(rings.map(({ kind, queue }) => `${kind} ${queue}`));
      const [first] = rings;
      const cells = await fifos.locator('tbody tr').first().locator('td').allInnerTexts();
      expect(cells.slice(2, 6)).to.deep.equal(
        [first!.len, first!.write, first!.read, first!.hostIndex].map((value) => String(value)),
      );
      const wrong = device.locator('details[open]', { hasText: 'with problems' });
      expect(await wrong.first().innerText()).to.include('no descriptor');
    });

    it('says where each packet buffer is', async () => {
      const { page } = opened;
      const rows = page.locator('#device-0').getByRole('table', { name: 'Where the packet buffers are' });
      const counts = await rows.locator('tbody td').allInnerTexts();
      const { total } = dump.devices[0]!.buffers;
      expect(counts.reduce((sum, count) => sum + Number(count), 0)).to.equal(total);
      const strip = page.locator('#device-0 .places').first().locator('span');
      const widths = await Promise.all((await strip.all()).map(async (one) => (await one.boundingBox())!.width));
      const whole = (await page.locator('#device-0 .places').first().boundingBox())!.width;
      expect(widths.reduce((sum, width) => sum + width, 0)).to.be.closeTo(whole, 3);
    });

    it('has the records of host and driver, and the mbufs in use', async () => {
      const { page } = opened;
      await page.locator('#device-0').getByText('Fields of the host_port').click();
      expect(await page.locator('#device-0').innerText()).to.match(/rx_queues\s+2/);
      expect(await page.locator('#port-0').innerText()).to.match(/state\s+started/);
      await page.locator('#mempools summary').click();
      expect(await page.locator('#mempools tbody td').first().innerText()).to.equal('99');
    });
  });
});

describe('the page of a live export in Chromium', () => {
  const folder = new TemporaryFolder().perSuite();
  const opened = new PageInBrowser('the page of a live export in Chromium', () => {
    const [device] = sampleDump(folder.file('dump')).devices;
    const { rings, buffers } = device!;
    // An export shows the BARs alone.
    const known = {
      ...device!,
      rings: rings.map((ring) => ({ ...ring, hostIndex: null, driverIndex: null })),
      buffers: { ...buffers, total: null, pools: buffers.pools.map((pool) => ({ ...pool, buffers: null, where: [] })) },
    };
    const gone = { ...known, slot: '0000:00:04.0', present: false };
    return exportPage([known, gone], [], '/dev/shm/avp', '2026-01-02T03:04:05.678Z');
  });

  itSuitsEveryReader(opened);

  it('says what the BARs do not tell, and which device has vanished', async () => {
    await opened.start(true);
    await opened.open(1_280);
    const { page } = opened;
    expect(await page.locator('header').innerText())
      .to.include('no problems')
      .and.include('2026-01-02 03:04:05 UTC');
    expect(await page.locator('#device-0').innerText())
      .to.include('the BARs do not say which')
      .and.include('unknown');
    expect(await page.locator('#device-1').innerText()).to.include('has vanished');
  });
});
