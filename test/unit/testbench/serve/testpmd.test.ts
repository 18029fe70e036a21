import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { Random } from '../../../../shared/random';
import { testSeed } from '../../../checks/seed';
import type { Testpmd } from '../../../../testbench/peers/dpdk/testpmd';
import { Bench } from '../../../support/serve/bench';
import { expectWhole, flows, guestGone, quiet } from '../../../support/serve/stats';
import { migrateTestpmd, requirePeer, startTestpmd } from '../../../support/serve/testpmd';

const MIGRATIONS = 3;

describe('avp serve and a plain dpdk-testpmd', function () {
  this.timeout(300_000);
  let bench: Bench;
  let testpmd: Testpmd | null = null;

  before(requirePeer);

  beforeEach(() => {
    bench = new Bench();
  });

  afterEach(async () => {
    await testpmd?.kill();
    testpmd = null;
    await bench.close();
  });

  it('move whole frames both ways, through live migrations, and the next one after a SIGKILL', async () => {
    const { serve, ready } = await bench.serve();
    await serve.ask('probe nic0 5000');
    testpmd = await migrateTestpmd(serve, ready, async () => {
      await flows(serve, 'at first');
      for (let turn = 0; turn < MIGRATIONS; turn++) {
        expect(await serve.ask('detach')).to.have.nested.property('nics[0].outcome', 'acked');
        expect(await serve.ask(`attach ${turn}`)).to.have.nested.property('nics[0].outcome', 'acked');
        await flows(serve, `after migration ${turn}`);
      }
    });
    await sleep(new Random(testSeed).below(200));
    await testpmd.kill();
    expectWhole(await guestGone(serve));

    testpmd = await startTestpmd(ready);
    await flows(serve, 'of the next');
    expectWhole(await quiet(serve));
    expect(await testpmd.quit()).to.include({ status: 0, signal: null, crash: null });
    await guestGone(serve);
    await serve.end('SIGTERM');
    expect(readdirSync(bench.path)).to.deep.equal([]);
  });

  it('pass frames from one port to the other', async () => {
    const { serve, ready } = await bench.serve('--nic', 'net-id=A,vif-model=avp', '--nic', 'net-id=B,vif-model=avp');
    testpmd = await startTestpmd(ready);
    await serve.ask('probe nic0 5000');
    await serve.ask('probe nic1 5000');
    await flows(serve, 'across');
    const stats = await quiet(serve);
    expectWhole(stats);
    const { nics } = stats;
    expect(nics.map(({ fromGuest }) => fromGuest.forwarded)).to.deep.equal(
      nics.map(({ toGuest }) => toGuest.delivered).reverse(),
    );
    expect(await testpmd.quit()).to.include({ status: 0, signal: null, crash: null });
    await guestGone(serve);
  });
});
