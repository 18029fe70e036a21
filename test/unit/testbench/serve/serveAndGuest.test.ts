import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { Random } from '../../../../shared/random';
import { testSeed } from '../../../checks/seed';
import { inspectExport } from '../../../../testbench/serve/liveInspection';
import { Bench } from '../../../support/serve/bench';
import { expectWhole, flows, guestGone, quiet, until } from '../../../support/serve/stats';

const MIGRATIONS = 3;
const STOPPED_MS = 1_000;

describe('avp serve and avp guest', function () {
  this.timeout(300_000);
  let bench: Bench;

  beforeEach(() => {
    bench = new Bench();
  });

  afterEach(() => bench.close());

  it('move whole frames both ways, through live migrations', async () => {
    const { serve, ready } = await bench.serve();
    expect(ready.devices.map(({ nic, slot, network }) => [nic, slot, network])).to.deep.equal([
      ['nic0', '0000:00:03.0', 'A'],
    ]);
    const second = bench.start('serve', '--dir', bench.tree);
    await second.close();
    expect(second.exit?.status).to.equal(2);
    expect(second.errors).to.match(new RegExp(`in use by process ${ready.pid}`));
    const guest = await bench.guest('--mode', 'macswap', '--queues', '2');
    await serve.ask('probe nic0 5000');
    await flows(serve, 'at first');
    for (let turn = 0; turn < MIGRATIONS; turn++) {
      expect(await serve.ask('detach')).to.have.nested.property('nics[0].outcome', 'acked');
      expect(await serve.ask(`attach ${turn}`)).to.have.nested.property('nics[0].outcome', 'acked');
      await flows(serve, `after migration ${turn}`);
    }
    const [seen, ...others] = await inspectExport(bench.tree);
    expect(others).to.deep.equal([]);
    expect(seen).to.deep.include({ slot: '0000:00:03.0', present: true, problems: [] });
    expect(seen!.registers).to.include({ migration_status: 2, migration_ack: 2 });
    expect(seen!.rings.filter(({ kind }) => kind === 'alloc').some(({ filled }) => filled! > 0)).to.be.true;
    const stats = await quiet(serve);
    expectWhole(stats);
    const report = await bench.reportOf(guest);
    expect(report).to.have.nested.property('ports[0].attached', MIGRATIONS);
    expect(report).to.have.nested.property('ports[0].received', stats.nics[0]!.toGuest.delivered);
    expect(report).to.have.property('mbufsInUse', 0);
    await guestGone(serve);
    expect(await serve.ask('nonsense')).to.include({ ok: false, command: 'nonsense' });
    expect(await serve.ask('quit')).to.include({ ok: true, command: 'quit' });
    await serve.close();
    expect(serve.exit).to.deep.equal({ status: 0, signal: null });
    expect(readdirSync(bench.path)).to.deep.equal([]);
  });

  it('go on when the other side is killed', async () => {
    const random = new Random(testSeed);
    const first = await bench.serve();
    await (await underLoad(first.serve, random)).end('SIGKILL');
    await guestGone(first.serve);
    const guest = await underLoad(first.serve, random);
    await first.serve.end('SIGKILL');
    const { serve } = await bench.serve();
    await serve.ask('probe nic0 5000');
    await flows(serve, 'of the second host');
    expectWhole(await quiet(serve));
    const report = await bench.reportOf(guest, 'SIGINT');
    expect(report).to.have.nested.property('ports[0].hostsLost', 1);
    expect(report).to.have.nested.property('ports[0].probes', 2);
    await serve.end('SIGTERM');
    expect(serve.exit).to.deep.equal({ status: 0, signal: null });
    expect(readdirSync(bench.path)).to.deep.equal([]);
  });

  async function underLoad(serve: Parameters<typeof flows>[0], random: Random): ReturnType<Bench['guest']> {
    const guest = await bench.guest();
    await serve.ask('probe nic0 5000');
    expectWhole(await flows(serve, 'before a kill'));
    await sleep(random.below(200));
    return guest;
  }

  it('go on after the host has stood still, and a guest that begins meanwhile waits', async () => {
    const { serve } = await bench.serve();
    const guest = await bench.guest();
    await serve.ask('probe nic0 5000');
    await flows(serve, 'at first');
    serve.signal('SIGSTOP');
    await sleep(STOPPED_MS);
    serve.signal('SIGCONT');
    expectWhole(await flows(serve, 'after the pause'));
    expect(await bench.reportOf(guest)).to.have.nested.property('ports[0].probes', 1);
    await guestGone(serve);

    serve.signal('SIGSTOP');
    // Its request for a configuration is answered too late.
    const late = await bench.guest();
    serve.signal('SIGCONT');
    await until(serve, 'a configured guest', ({ nics }) => nics[0]!.linkUp);
    await flows(serve, 'of the guest that had to wait');
    expectWhole(await quiet(serve));
    await late.end('SIGTERM');
    await guestGone(serve);
  });
});
