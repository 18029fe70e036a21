import { expect } from 'chai';
import { Random } from '../../shared/random';
import { testSeed } from '../runner/seed';
import type { Testpmd } from '../../testbench/peers/dpdk/testpmd';
import type { JsonProcess } from '../support/jsonProcess';
import { ServeBench, type ReadyLine } from '../support/serve/bench';
import { expectProbesIntact, waitForTraffic, waitForGuestEnd, stopTraffic } from '../support/serve/stats';
import { migrateTestpmd, requireTestpmd, startTestpmd } from '../support/serve/testpmd';
import { killGuest, LOAD, migrateOften } from './events';
import { Tally } from './tally';

const MIGRATIONS = 20;
const KILLS = 50;
/** Each pause takes the five seconds that `serve` waits for an ack. */
const PAUSES = 5;

describe('avp serve and a plain dpdk-testpmd, for minutes', function () {
  this.timeout(1_800_000);
  const bench = new ServeBench();
  let serve: JsonProcess;
  let ready: ReadyLine;
  let testpmd: Testpmd | null = null;
  let tally: Tally;

  before(requireTestpmd);

  afterEach(async () => {
    await testpmd?.kill();
    testpmd = null;
  });

  bench.perTest();

  beforeEach(async () => {
    tally = new Tally();
    ({ serve, ready } = await bench.serve());
    await serve.ask(`probe nic0 ${LOAD}`);
  });

  async function expectOrderlyEnd(guest: Testpmd): Promise<void> {
    tally.add(await stopTraffic(serve));
    expect(await guest.quit()).to.include({ status: 0, signal: null, crash: null });
    await waitForGuestEnd(serve);
    await serve.end('SIGTERM');
    bench.expectEmptyFolder();
  }

  it(`${MIGRATIONS} migrations under load`, async () => {
    testpmd = await migrateTestpmd(serve, ready, async () => {
      await waitForTraffic(serve, 'at first');
      await migrateOften(serve, MIGRATIONS);
    });
    await expectOrderlyEnd(testpmd);
    tally.print(`${MIGRATIONS} migrations`);
  });

  it(`${KILLS} SIGKILLs at random moments under load`, async () => {
    const random = new Random(testSeed);
    for (let turn = 0; turn < KILLS; turn++) {
      const victim = (testpmd = await startTestpmd(ready));
      await waitForTraffic(serve, `in turn ${turn}`);
      await killGuest(serve, random, () => victim.kill());
      expectProbesIntact(await waitForGuestEnd(serve));
    }
    testpmd = await startTestpmd(ready);
    await waitForTraffic(serve, 'of the last');
    await expectOrderlyEnd(testpmd);
    tally.print(`${KILLS} SIGKILLs of testpmd`);
  });

  it('detach requests while testpmd is stopped', async () => {
    testpmd = await migrateTestpmd(serve, ready, async ({ pid }) => {
      for (let turn = 0; turn < PAUSES; turn++) {
        await waitForTraffic(serve, `in turn ${turn}`);
        process.kill(pid, 'SIGSTOP');
        expect(await serve.ask('detach')).to.have.nested.property('nics[0].outcome', 'timed-out');
        process.kill(pid, 'SIGCONT');
        await waitForTraffic(serve, `after pause ${turn}`);
        await migrateOften(serve, 2);
      }
    });
    await expectOrderlyEnd(testpmd);
    tally.print(`${PAUSES} detach events that timed out`);
  });
});
