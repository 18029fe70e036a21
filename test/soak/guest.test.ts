import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { Random } from '../../shared/random';
import { testSeed } from '../runner/seed';
import type { JsonProcess } from '../support/jsonProcess';
import { ServeBench } from '../support/serve/bench';
import { waitForTraffic, waitForGuestEnd, stopTraffic, readStats } from '../support/serve/stats';
import { killGuest, killHost, LOAD, migrateOften } from './events';
import { Tally } from './tally';

const MIGRATIONS = 20;
const KILLS = 50;
/** The share of processes that are killed while they start. */
const EARLY_SHARE = 0.2;
const START_MS = 1_500;
/** Each pause takes the five seconds that `serve` waits for an ack. */
const PAUSES = 5;

describe('avp serve and avp guest, for minutes', function () {
  this.timeout(1_800_000);
  const bench = new ServeBench().perTest();
  let tally: Tally;

  beforeEach(() => {
    tally = new Tally();
  });

  async function serveUnderLoad(): Promise<JsonProcess> {
    const { serve } = await bench.serve();
    await serve.ask(`probe nic0 ${LOAD}`);
    return serve;
  }

  it(`${MIGRATIONS} migrations under load`, async () => {
    const serve = await serveUnderLoad();
    const guest = await bench.guest('--mode', 'macswap', '--queues', '2');
    await waitForTraffic(serve, 'at first');
    await migrateOften(serve, MIGRATIONS);
    tally.add(await stopTraffic(serve));
    const report = await bench.endGuest(guest);
    expect(report.ports.map(({ attached, probes }) => [attached, probes])).to.deep.equal([[MIGRATIONS, 1]]);
    expect(report.mbufsInUse).to.equal(0);
    await waitForGuestEnd(serve);
    await serve.end('SIGTERM');
    bench.expectEmptyFolder();
    tally.print(`${MIGRATIONS} migrations`);
  });

  it(`${KILLS} SIGKILLs of either side at random moments under load`, async () => {
    const random = new Random(testSeed);
    const killed = { guests: 0, early: 0, hosts: 0 };
    let serve = await serveUnderLoad();
    let guest = await bench.guest();
    for (let turn = 0; turn < KILLS; turn++) {
      const before = await waitForTraffic(serve, `in turn ${turn}`);
      if (random.chance(0.5)) {
        killed.hosts++;
        tally.add(before);
        await killHost(serve, random);
        for (; random.chance(EARLY_SHARE); killed.early++) await killWhileStarting('serve', random);
        serve = await serveUnderLoad();
        continue;
      }
      killed.guests++;
      await killGuest(serve, random, () => guest.end('SIGKILL'));
      await waitForGuestEnd(serve);
      for (; random.chance(EARLY_SHARE); killed.early++) await killWhileStarting('guest', random);
      guest = await bench.guest();
    }
    await waitForTraffic(serve, 'at the end');
    tally.add(await stopTraffic(serve));
    expect((await bench.endGuest(guest)).mbufsInUse).to.equal(0);
    await waitForGuestEnd(serve);
    await serve.end('SIGINT');
    bench.expectEmptyFolder();
    tally.print(`SIGKILLs: ${killed.guests} guests, ${killed.hosts} hosts, ${killed.early} more during start-up`);
  });

  async function killWhileStarting(command: 'guest' | 'serve', random: Random): Promise<void> {
    const process = bench.start(command, '--dir', bench.tree);
    await sleep(random.below(START_MS));
    await process.end('SIGKILL');
  }

  it(`a host that is stopped and continued ${KILLS} times under load`, async () => {
    const random = new Random(testSeed);
    const serve = await serveUnderLoad();
    const guest = await bench.guest();
    for (let turn = 0; turn < KILLS; turn++) {
      await waitForTraffic(serve, `in turn ${turn}`);
      serve.signal('SIGSTOP');
      await sleep(random.below(START_MS));
      serve.signal('SIGCONT');
    }
    tally.add(await stopTraffic(serve));
    const { ports } = await bench.endGuest(guest);
    expect(ports.map(({ probes, hostsLost }) => [probes, hostsLost])).to.deep.equal([[1, 0]]);
    await waitForGuestEnd(serve);
    expect((await readStats(serve)).nics[0]!.balanced).to.be.true;
    tally.print(`${KILLS} pauses`);
  });

  it('a guest that is stopped while the host asks it to detach', async () => {
    const serve = await serveUnderLoad();
    const guest = await bench.guest('--mode', 'macswap');
    for (let turn = 0; turn < PAUSES; turn++) {
      await waitForTraffic(serve, `in turn ${turn}`);
      guest.signal('SIGSTOP');
      expect(await serve.ask('detach')).to.have.nested.property('nics[0].outcome', 'timed-out');
      guest.signal('SIGCONT');
      await waitForTraffic(serve, `after pause ${turn}`);
      await migrateOften(serve, 2);
    }
    tally.add(await stopTraffic(serve));
    expect((await bench.endGuest(guest)).ports.map(({ probes, attached }) => [probes, attached])).to.deep.equal([
      [1, 2 * PAUSES],
    ]);
    await waitForGuestEnd(serve);
    tally.print(`${PAUSES} detach events that timed out`);
  });
});
