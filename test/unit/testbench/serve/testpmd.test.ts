import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { Random } from '../../../../shared/random';
import { testSeed } from '../../../runner/seed';
import type { Testpmd } from '../../../../testbench/peers/dpdk/testpmd';
import { ServeBench } from '../../../support/serve/bench';
import { migrate } from '../../../support/serve/migrate';
import { expectProbesIntact, waitForTraffic, waitForGuestEnd, stopTraffic } from '../../../support/serve/stats';
import { migrateTestpmd, requireTestpmd, startTestpmd } from '../../../support/serve/testpmd';

const MIGRATIONS = 3;

// Runs alone: testpmd must not share its CPU (fault M1).
describe('avp serve and a plain dpdk-testpmd', function () {
  this.timeout(300_000);
  const bench = new ServeBench();
  let testpmd: Testpmd | null = null;

  before(requireTestpmd);

  afterEach(async () => {
    await testpmd?.kill();
    testpmd = null;
  });

  bench.perTest();

  it('move frames undamaged both ways through live migrations, as does the next testpmd after a SIGKILL', async () => {
    const { serve, ready } = await bench.serve();
    await serve.ask('probe nic0 5000');
    testpmd = await migrateTestpmd(serve, ready, async () => {
      await waitForTraffic(serve, 'at first');
      for (let turn = 0; turn < MIGRATIONS; turn++) {
        await migrate(serve, turn);
        await waitForTraffic(serve, `after migration ${turn}`);
      }
    });
    await sleep(new Random(testSeed).below(200));
    await testpmd.kill();
    expectProbesIntact(await waitForGuestEnd(serve));

    testpmd = await startTestpmd(ready);
    await waitForTraffic(serve, 'of the next');
    expectProbesIntact(await stopTraffic(serve));
    expect(await testpmd.quit()).to.include({ status: 0, signal: null, crash: null });
    await waitForGuestEnd(serve);
    await serve.end('SIGTERM');
    bench.expectEmptyFolder();
  });

  it('pass frames from one port to the other', async () => {
    const { serve, ready } = await bench.serve('--nic', 'net-id=A,vif-model=avp', '--nic', 'net-id=B,vif-model=avp');
    testpmd = await startTestpmd(ready);
    await serve.ask('probe nic0 5000');
    await serve.ask('probe nic1 5000');
    await waitForTraffic(serve, 'across');
    const stats = await stopTraffic(serve);
    expectProbesIntact(stats);
    const { nics } = stats;
    expect(nics.map(({ fromGuest }) => fromGuest.forwarded)).to.deep.equal(
      nics.map(({ toGuest }) => toGuest.delivered).reverse(),
    );
    expect(await testpmd.quit()).to.include({ status: 0, signal: null, crash: null });
    await waitForGuestEnd(serve);
  });
});
