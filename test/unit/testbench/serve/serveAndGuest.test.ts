import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { Random } from '../../../../shared/random';
import { testSeed } from '../../../runner/seed';
import { inspectExport } from '../../../../testbench/serve/liveInspection';
import type { JsonProcess } from '../../../support/jsonProcess';
import { ServeBench } from '../../../support/serve/bench';
import { migrate } from '../../../support/serve/migrate';
import {
  expectProbesIntact,
  waitForTraffic,
  waitForGuestEnd,
  stopTraffic,
  waitForStats,
} from '../../../support/serve/stats';

const MIGRATIONS = 3;
const STOPPED_MS = 1_000;

describe('avp serve and avp guest', function () {
  this.timeout(300_000);
  const bench = new ServeBench().perTest();

  it('move frames undamaged both ways, through live migrations', async () => {
    const { serve, ready } = await bench.serve();
    expect(ready.devices.map(({ nic, slot, network }) => [nic, slot, network])).to.deep.equal([
      ['nic0', '0000:00:03.0', 'A'],
    ]);
    const second = bench.start('serve', '--dir', bench.tree);
    await second.waitForExit();
    expect(second.exit?.status).to.equal(2);
    expect(second.errors).to.match(new RegExp(`in use by process ${ready.pid}`));
    const guest = await bench.guest('--mode', 'macswap', '--queues', '2');
    await serve.ask('probe nic0 5000');
    await waitForTraffic(serve, 'at first');
    for (let turn = 0; turn < MIGRATIONS; turn++) {
      await migrate(serve, turn);
      await waitForTraffic(serve, `after migration ${turn}`);
    }
    const [seen, ...others] = await inspectExport(bench.tree);
    expect(others).to.deep.equal([]);
    expect(seen).to.deep.include({ slot: '0000:00:03.0', present: true, problems: [] });
    expect(seen!.registers).to.include({ migration_status: 2, migration_ack: 2 });
    expect(seen!.rings.filter(({ kind }) => kind === 'alloc').some(({ filled }) => filled! > 0)).to.be.true;
    const stats = await stopTraffic(serve);
    expectProbesIntact(stats);
    const report = await bench.endGuest(guest);
    expect(report).to.have.nested.property('ports[0].attached', MIGRATIONS);
    expect(report).to.have.nested.property('ports[0].received', stats.nics[0]!.toGuest.delivered);
    expect(report).to.have.property('mbufsInUse', 0);
    await waitForGuestEnd(serve);
    expect(await serve.ask('nonsense')).to.include({ ok: false, command: 'nonsense' });
    expect(await serve.ask('quit')).to.include({ ok: true, command: 'quit' });
    await serve.waitForExit();
    expect(serve.exit).to.deep.equal({ status: 0, signal: null });
    bench.expectEmptyFolder();
  });

  it('go on when the other side is killed', async () => {
    const random = new Random(testSeed);
    const first = await bench.serve();
    await (await underLoad(first.serve, random)).end('SIGKILL');
    await waitForGuestEnd(first.serve);
    const guest = await underLoad(first.serve, random);
    await first.serve.end('SIGKILL');
    const { serve } = await bench.serve();
    await serve.ask('probe nic0 5000');
    await waitForTraffic(serve, 'of the second host');
    expectProbesIntact(await stopTraffic(serve));
    const report = await bench.endGuest(guest, 'SIGINT');
    expect(report).to.have.nested.property('ports[0].hostsLost', 1);
    expect(report).to.have.nested.property('ports[0].probes', 2);
    await serve.end('SIGTERM');
    expect(serve.exit).to.deep.equal({ status: 0, signal: null });
    bench.expectEmptyFolder();
  });

  async function underLoad(serve: JsonProcess, random: Random): Promise<JsonProcess> {
    const guest = await bench.guest();
    await serve.ask('probe nic0 5000');
    expectProbesIntact(await waitForTraffic(serve, 'before a kill'));
    await sleep(random.below(200));
    return guest;
  }

  it('go on after the host has been stopped, and a guest that starts meanwhile waits', async () => {
    const { serve } = await bench.serve();
    const guest = await bench.guest();
    await serve.ask('probe nic0 5000');
    await waitForTraffic(serve, 'at first');
    serve.signal('SIGSTOP');
    await sleep(STOPPED_MS);
    serve.signal('SIGCONT');
    expectProbesIntact(await waitForTraffic(serve, 'after the pause'));
    expect(await bench.endGuest(guest)).to.have.nested.property('ports[0].probes', 1);
    await waitForGuestEnd(serve);

    serve.signal('SIGSTOP');
    // The host answers its request 3 too late.
    const late = await bench.guest();
    serve.signal('SIGCONT');
    await waitForStats(serve, 'a configured guest', ({ nics }) => nics[0]!.linkUp);
    await waitForTraffic(serve, 'of the guest that had to wait');
    expectProbesIntact(await stopTraffic(serve));
    await late.end('SIGTERM');
    await waitForGuestEnd(serve);
  });
});
