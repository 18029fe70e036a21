import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { Random } from '../../shared/random';
import { testSeed } from '../checks/seed';
import type { Avp } from '../support/serve/avpProcess';
import { Bench } from '../support/serve/bench';
import { flows, guestGone, quiet, statsOf } from '../support/serve/stats';
import { killGuest, killHost, LOAD, migrateOften } from './events';
import { Tally } from './tally';

const MIGRATIONS = 20;
const KILLS = 50;
/** One process in five is killed while it starts. */
const EARLY = 0.2;
const START_MS = 1_500;
/** Each takes the five seconds that `serve` waits for an ack. */
const PAUSES = 5;

describe('avp serve and avp guest, for minutes', function () {
  this.timeout(1_800_000);
  let bench: Bench;
  let tally: Tally;

  beforeEach(() => {
    bench = new Bench();
    tally = new Tally();
  });

  afterEach(() => bench.close());

  async function served(): Promise<Avp> {
    const { serve } = await bench.serve();
    await serve.ask(`probe nic0 ${LOAD}`);
    return serve;
  }

  it(`${MIGRATIONS} migrations under load`, async () => {
    const serve = await served();
    const guest = await bench.guest('--mode', 'macswap', '--queues', '2');
    await flows(serve, 'at first');
    await migrateOften(serve, MIGRATIONS);
    tally.add(await quiet(serve));
    const report = await bench.reportOf(guest);
    expect(report.ports.map(({ attached, probes }) => [attached, probes])).to.deep.equal([[MIGRATIONS, 1]]);
    expect(report.mbufsInUse).to.equal(0);
    await guestGone(serve);
    await serve.end('SIGTERM');
    expect(readdirSync(bench.path)).to.deep.equal([]);
    tally.print(`${MIGRATIONS} migrations`);
  });

  it(`${KILLS} SIGKILLs of either side at random moments under load`, async () => {
    const random = new Random(testSeed);
    const killed = { guests: 0, early: 0, hosts: 0 };
    let serve = await served();
    let guest = await bench.guest();
    for (let turn = 0; turn < KILLS; turn++) {
      const before = await flows(serve, `in turn ${turn}`);
      if (random.chance(0.5)) {
        killed.hosts++;
        tally.add(before);
        await killHost(serve, random);
        for (; random.chance(EARLY); killed.early++) await killWhileStarting('serve', random);
        serve = await served();
        continue;
      }
      killed.guests++;
      await killGuest(serve, random, () => guest.end('SIGKILL'));
      await guestGone(serve);
      for (; random.chance(EARLY); killed.early++) await killWhileStarting('guest', random);
      guest = await bench.guest();
    }
    await flows(serve, 'at the end');
    tally.add(await quiet(serve));
    expect((await bench.reportOf(guest)).mbufsInUse).to.equal(0);
    await guestGone(serve);
    await serve.end('SIGINT');
    expect(readdirSync(bench.path)).to.deep.equal([]);
    tally.print(`SIGKILLs: ${killed.guests} guests, ${killed.hosts} hosts, ${killed.early} more while they started`);
  });

  async function killWhileStarting(command: 'guest' | 'serve', random: Random): Promise<void> {
    const process = bench.start(command, '--dir', bench.tree);
    await sleep(random.below(START_MS));
    await process.end('SIGKILL');
  }

  it(`${KILLS} times, a host that stands still under load`, async () => {
    const random = new Random(testSeed);
    const serve = await served();
    const guest = await bench.guest();
    for (let turn = 0; turn < KILLS; turn++) {
      await flows(serve, `in turn ${turn}`);
      serve.signal('SIGSTOP');
      await sleep(random.below(START_MS));
      serve.signal('SIGCONT');
    }
    tally.add(await quiet(serve));
    const { ports } = await bench.reportOf(guest);
    expect(ports.map(({ probes, hostsLost }) => [probes, hostsLost])).to.deep.equal([[1, 0]]);
    await guestGone(serve);
    expect((await statsOf(serve)).nics[0]!.balanced).to.be.true;
    tally.print(`${KILLS} pauses`);
  });

  it('a guest that is asked to let go of its host while it stands still', async () => {
    const serve = await served();
    const guest = await bench.guest('--mode', 'macswap');
    for (let turn = 0; turn < PAUSES; turn++) {
      await flows(serve, `in turn ${turn}`);
      guest.signal('SIGSTOP');
      expect(await serve.ask('detach')).to.have.nested.property('nics[0].outcome', 'timed-out');
      guest.signal('SIGCONT');
      await flows(serve, `after pause ${turn}`);
      await migrateOften(serve, 2);
    }
    tally.add(await quiet(serve));
    expect((await bench.reportOf(guest)).ports.map(({ probes, attached }) => [probes, attached])).to.deep.equal([
      [1, 2 * PAUSES],
    ]);
    await guestGone(serve);
    tally.print(`${PAUSES} detach events that came to nothing`);
  });
});
