import { expect } from 'chai';
import { ServeBench } from '../../../support/serve/bench';
import { stopTraffic, waitForStats } from '../../../support/serve/stats';

const ENOUGH_FRAMES = 20_000;

interface Drops {
  readonly offered: number;
  readonly delivered: number;
  readonly dropped: { readonly noBuffers: number };
}

describe('the command flood of avp serve', function () {
  this.timeout(120_000);
  const bench = new ServeBench().perTest();

  it('keeps rx full until it is switched off, and loses frames only where the host has no buffer left', async () => {
    const { serve } = await bench.serve();
    // Before there is a guest, it offers nothing.
    expect(await serve.ask('flood nic0 64')).to.deep.include({ ok: true, nic: 'nic0', flooding: true });
    await bench.guest('--mode', 'rxonly');
    await waitForStats(serve, 'frames', ({ nics }) => nics[0]!.toGuest.delivered > ENOUGH_FRAMES);
    expect(await serve.ask('flood nic0 9000')).to.deep.include({ ok: true, flooding: true });
    const { nics: before } = await waitForStats(serve, 'long frames', () => true);
    await waitForStats(
      serve,
      'long frames',
      ({ nics }) => nics[0]!.toGuest.delivered > before[0]!.toGuest.delivered + 100,
    );
    expect(await serve.ask('flood nic0 off')).to.deep.include({ ok: true, flooding: false });
    const { nics } = await stopTraffic(serve);
    // Long frames take several buffers each, so rx may have room while the host has no buffer left.
    const { offered, delivered, dropped } = nics[0]!.toGuest as unknown as Drops;
    expect(nics[0]!.balanced).to.equal(true);
    expect(delivered + dropped.noBuffers).to.equal(offered);
  });
});
