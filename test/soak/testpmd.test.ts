import { readdirSync } from 'node:fs';
import { expect } from 'chai';
import { Random } from '../../shared/random';
import { testSeed } from '../checks/seed';
import type { Testpmd } from '../../testbench/peers/dpdk/testpmd';
import type { Avp } from '../support/serve/avpProcess';
import { Bench, type Ready } from '../support/serve/bench';
import { expectWhole, flows, guestGone, quiet } from '../support/serve/stats';
import { migrateTestpmd, requirePeer, startTestpmd } from '../support/serve/testpmd';
import { killGuest, LOAD, migrateOften } from './events';
import { Tally } from './tally';

const MIGRATIONS = 20;
const KILLS = 50;
/** Each takes the five seconds that `serve` waits for an ack. */
const PAUSES = 5;

describe('avp serve and a plain dpdk-testpmd, for minutes', function () {
  this.timeout(1_800_000);
  let bench: Bench;
  let serve: Avp;
  let ready: Ready;
  let testpmd: Testpmd | null = null;
  let tally: Tally;

  before(requirePeer);

  beforeEach(async () => {
    bench = new Bench();
    tally = new Tally();
    ({ serve, ready } = await bench.serve());
    await serve.ask(`probe nic0 ${LOAD}`);
  });

  afterEach(async () => {
    await testpmd?.kill();
    testpmd = null;
    await bench.close();
  });

  async function expectOrderlyEnd(guest: Testpmd): Promise<void> {
    tally.add(await quiet(serve));
    expect(await guest.quit()).to.include({ status: 0, signal: null, crash: null });
    await guestGone(serve);
    await serve.end('SIGTERM');
    expect(readdirSync(bench.path)).to.deep.equal([]);
  }

  it(`${MIGRATIONS} migrations under load`, async () => {
    testpmd = await migrateTestpmd(serve, ready, async () => {
      await flows(serve, 'at first');
      await migrateOften(serve, MIGRATIONS);
    });
    await expectOrderlyEnd(testpmd);
    tally.print(`${MIGRATIONS} migrations`);
  });

  it(`${KILLS} SIGKILLs at random moments under load`, async () => {
    const random = new Random(testSeed);
    for (let turn = 0; turn < KILLS; turn++) {
      const victim = (testpmd = await startTestpmd(ready));
      await flows(serve, `in turn ${turn}`);
      await killGuest(serve, random, () => victim.kill());
      expectWhole(await guestGone(serve));
    }
    testpmd = await startTestpmd(ready);
    await flows(serve, 'of the last');
    await expectOrderlyEnd(testpmd);
    tally.print(`${KILLS} SIGKILLs of testpmd`);
  });

  it('asked to let go of its host while it stands still', async () => {
    testpmd = await migrateTestpmd(serve, ready, async ({ pid }) => {
      for (let turn = 0; turn < PAUSES; turn++) {
        await flows(serve, `in turn ${turn}`);
        process.kill(pid, 'SIGSTOP');
        expect(await serve.ask('detach')).to.have.nested.property('nics[0].outcome', 'timed-out');
        process.kill(pid, 'SIGCONT');
        await flows(serve, `after pause ${turn}`);
        await migrateOften(serve, 2);
      }
    });
    await expectOrderlyEnd(testpmd);
    tally.print(`${PAUSES} detach events that came to nothing`);
  });
});
