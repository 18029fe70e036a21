import { existsSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { Random } from '../../../shared/random';
import { testSeed } from '../../checks/seed';
import { inspectExport } from '../../processes/liveInspection';
import { Avp, type Line, Scratch, statsOf, type Stats } from './avp';

/** So many times as often where AVP_SOAK is set: minutes rather than seconds. */
const SOAK = process.env['AVP_SOAK'] !== undefined;
const MIGRATIONS = SOAK ? 20 : 3;
const KILLS = SOAK ? 25 : 1;
const LIMIT_MS = 60_000;

async function until(serve: Avp, what: string, holds: (stats: Stats) => boolean): Promise<Stats> {
  const untilMs = Date.now() + LIMIT_MS;
  for (;;) {
    const stats = await statsOf(serve);
    if (holds(stats)) return stats;
    if (Date.now() > untilMs) throw new Error(`${what}: not within ${LIMIT_MS} ms; ${JSON.stringify(stats)}`);
    await sleep(20);
  }
}

function flows(serve: Avp, what: string): Promise<Stats> {
  let before: number | null = null;
  return until(serve, `traffic ${what}`, ({ nics, probes }) => {
    const arrived = probes.delivered + probes.reordered;
    before ??= arrived;
    return nics[0]!.linkUp && arrived > before + 100;
  });
}

function expectWhole({ nics, probes }: Stats): void {
  expect(nics.map(({ balanced }) => balanced)).to.deep.equal(nics.map(() => true));
  const { corrupted, duplicated, unexpected, foreign } = probes;
  expect({ corrupted, duplicated, unexpected, foreign }).to.deep.equal({ corrupted: 0, duplicated: 0, unexpected: 0, foreign: 0 });
  expect(probes.delivered + probes.reordered + probes.missing).to.equal(probes.sent);
}

describe('avp serve and avp guest', function () {
  this.timeout(SOAK ? 1_800_000 : 300_000);
  let scratch: Scratch;
  const started: Avp[] = [];

  function start(...args: string[]): Avp {
    const process = Avp.start(...args);
    started.push(process);
    return process;
  }

  async function serveOf(...args: string[]): Promise<{ readonly serve: Avp; readonly ready: Line }> {
    const serve = start('serve', '--dir', scratch.tree, ...args);
    return { serve, ready: await serve.line() };
  }

  async function guestOf(...args: string[]): Promise<Avp> {
    const guest = start('guest', '--dir', scratch.tree, ...args);
    expect(await guest.line()).to.have.keys('pid', 'devices');
    return guest;
  }

  beforeEach(() => {
    scratch = new Scratch();
  });

  afterEach(async () => {
    for (const process of started.splice(0)) if (process.exit === null) await process.end('SIGKILL');
    scratch.remove();
  });

  it('move whole frames both ways, through live migrations', async () => {
    const { serve, ready } = await serveOf();
    expect(ready).to.have.keys('pid', 'devices', 'env');
    const second = start('serve', '--dir', scratch.tree);
    await second.close();
    expect([second.exit?.status, second.errors]).to.satisfy(([status, text]: [number, string]) => status === 2 && /in use by process/.test(text));
    const guest = await guestOf('--mode', 'macswap', '--queues', '2');
    await serve.ask('probe nic0 5000');
    await flows(serve, 'at first');
    for (let turn = 0; turn < MIGRATIONS; turn++) {
      expect(await serve.ask('detach')).to.have.nested.property('nics[0].outcome', 'acked');
      expect(await serve.ask(`attach ${turn}`)).to.have.nested.property('nics[0].outcome', 'acked');
      await flows(serve, `after migration ${turn}`);
    }
    const [seen, ...others] = await inspectExport(scratch.tree);
    expect(others).to.deep.equal([]);
    expect(seen).to.deep.include({ slot: '0000:00:03.0', present: true, problems: [] });
    expect(seen!.registers).to.include({ migration_status: 2, migration_ack: 2 });
    expect(seen!.rings.filter(({ kind }) => kind === 'alloc').some(({ filled }) => filled! > 0)).to.be.true;
    await serve.ask('probe nic0 0');
    expectWhole(await until(serve, 'quiet', ({ nics }) => nics[0]!.toGuest.delivered === nics[0]!.fromGuest.forwarded));
    await guest.end('SIGTERM');
    const report = await guest.line();
    expect(report).to.have.nested.property('ports[0].attached', MIGRATIONS);
    expect(report).to.have.property('mbufsInUse', 0);
    const { nics } = await until(serve, 'the end of the guest', (stats) => !stats.nics[0]!.guest);
    expect(nics[0]!.buffers.hostPool).to.equal(nics[0]!.buffers.total);
    expect(await serve.ask('nonsense')).to.include({ ok: false, command: 'nonsense' });
    expect(await serve.ask('quit')).to.include({ ok: true, command: 'quit' });
    await serve.close();
    expect(serve.exit).to.deep.equal({ status: 0, signal: null });
    expect(existsSync(scratch.tree)).to.be.false;
  });

  it('go on when the other side is killed', async () => {
    const random = new Random(testSeed);
    let { serve } = await serveOf();
    let guest = await guestOf();
    for (let turn = 0; turn < KILLS; turn++) {
      await serve.ask('probe nic0 5000');
      await flows(serve, `before guest ${turn} is killed`);
      await sleep(random.below(200));
      await guest.end('SIGKILL');
      const { nics } = await until(serve, 'the end of the guest', (stats) => !stats.nics[0]!.guest);
      expect(nics[0]!.balanced).to.be.true;
      guest = await guestOf();
      expectWhole(await flows(serve, `of guest ${turn + 1}`));
      await sleep(random.below(200));
      await serve.end('SIGKILL');
      ({ serve } = await serveOf());
      await serve.ask('probe nic0 5000');
      await flows(serve, `of host ${turn + 1}`);
    }
    await serve.ask('probe nic0 0');
    expectWhole(await until(serve, 'quiet', ({ nics }) => nics[0]!.toGuest.delivered === nics[0]!.fromGuest.forwarded));
    await guest.end('SIGINT');
    expect(await guest.line()).to.have.nested.property('ports[0].hostsLost', 1);
    await serve.end('SIGTERM');
    expect(serve.exit).to.deep.equal({ status: 0, signal: null });
    expect(readdirSync(scratch.path)).to.deep.equal([]);
  });
});
