import { expect } from 'chai';
import * as mem from '#mem';
import { avpDriver, Mempool, type Port } from '../../../driver';
import { PORT_BLOCKED, RX_QUEUE_BUSY, TX_QUEUE_BUSY } from '../../../driver/loops/records';
import { rxQueueAt } from '../../../driver/loops/rx';
import { txQueueAt } from '../../../driver/loops/tx';
import * as abi from '../../../shared/loops/layout';
import { type AccessKind, addWatcher } from '../../../shared/mem/watched';
import { expectErrno, frame, started } from './build';
import { expectNoTraffic, expectTraffic, recordEvents, migrationCounters } from './exchange';
import { FakeHost } from './fakeHost';
import { itWatched } from '../../support/watched';

const { MIGRATION_ATTACHED, MIGRATION_DETACHED, MIGRATION_ERROR } = abi;
const CONFIG = { rxQueues: 1, txQueues: 1 };

function requestIds(host: FakeHost): number[] {
  return host.requests.map(({ id }) => id);
}

function busyWords(port: Port): number[] {
  const queues = [0, 1, 2, 3, 4, 5, 6, 7];
  return [
    ...queues.map((queue) => rxQueueAt(port.address, queue) + RX_QUEUE_BUSY),
    ...queues.map((queue) => txQueueAt(port.address, queue) + TX_QUEUE_BUSY),
  ];
}

describe('driver: detach', () => {
  it('blocks bursts before it sends request 4, and acks after the answer', () => {
    const bench = started();
    const { host, port } = bench;
    expectTraffic(bench);
    const events = recordEvents(bench);
    let asked = false;
    host.answer = (id) => {
      asked = true;
      expect(id).to.equal(abi.REQ_SHUTDOWN);
      expect(port.detached).to.equal(true);
      expectNoTraffic(bench);
      expect(host.register(abi.REG_MIGRATION_ACK)).to.equal(0);
      return 0;
    };
    expect(host.raiseMigration(MIGRATION_DETACHED)).to.equal(MIGRATION_DETACHED);
    expect([asked, port.detached, port.state]).to.deep.equal([true, true, 'started']);
    expect(host.register(abi.REG_INTERRUPT_STATUS)).to.equal(0);
    expect(events).to.deep.equal([['detached', {}]]);
    expect(migrationCounters(bench)).to.deep.equal({ detached: 1 });
    expectNoTraffic(bench);
  });

  itWatched('sets the flag, fences, checks every queue, sends the request and acks, in this order', () => {
    const { host, port } = started();
    const steps: string[] = [];
    const busy = new Set(busyWords(port));
    const seen = new Set<number>();
    const note = (kind: AccessKind, address: number): void => {
      if (address === port.address + PORT_BLOCKED && kind === 'update') steps.push('flag');
      else if (kind === 'fence' && steps.at(-1) === 'flag') steps.push('fence');
      else if (busy.has(address) && kind === 'load') {
        if (seen.add(address).size === busy.size) steps.push('check');
      } else if (address === host.fifo('req') + abi.FIFO_WRITE && kind === 'store') steps.push('request');
      else if (address === host.bars[0]! + abi.REG_MIGRATION_ACK && kind === 'store' && steps.length > 0)
        steps.push('ack');
    };
    let inside = false;
    const stopWatching = addWatcher((kind, address) => {
      if (inside) return;
      inside = true;
      note(kind, address);
      inside = false;
    });
    try {
      host.raiseMigration(MIGRATION_DETACHED);
    } finally {
      stopWatching();
    }
    expect(steps).to.deep.equal(['flag', 'fence', 'check', 'request', 'ack']);
  });

  it('fails all control operations except close with ENOTSUP while detached, and sends no request', () => {
    const { host, port } = started();
    host.raiseMigration(MIGRATION_DETACHED);
    const before = requestIds(host);
    for (const body of [
      () => port.stop(),
      () => port.start(),
      () => port.configure(CONFIG),
      () => port.vlanOffloadSet({ strip: true }),
    ])
      expectErrno('ENOTSUP', /detached/, body);
    expect(requestIds(host)).to.deep.equal(before);
  });

  it('acks a repeated detach without another request', () => {
    const bench = started();
    const { host } = bench;
    host.raiseMigration(MIGRATION_DETACHED);
    expect(host.raiseMigration(MIGRATION_DETACHED)).to.equal(MIGRATION_DETACHED);
    expect(requestIds(host).filter((id) => id === abi.REQ_SHUTDOWN)).to.have.length(1);
    expect(migrationCounters(bench)).to.deep.equal({ detached: 1, repeated: 1 });
  });

  it('works for a port that is only probed, configured or stopped', () => {
    const preparations: readonly ((port: Port) => void)[] = [
      () => {},
      (port) => port.configure(CONFIG),
      (port) => {
        port.configure(CONFIG);
        port.rxQueueSetup(0, { mempool: Mempool.create({ mbufs: 4 }) });
        port.txQueueSetup(0);
        port.start();
        port.stop();
      },
    ];
    for (const prepare of preparations) {
      const host = new FakeHost();
      const port = avpDriver.probe(host.pci, host.platform);
      prepare(port);
      const { state } = port;
      expect(host.raiseMigration(MIGRATION_DETACHED)).to.equal(MIGRATION_DETACHED);
      expect([requestIds(host).at(-1), port.state, port.detached]).to.deep.equal([abi.REQ_SHUTDOWN, state, true]);
    }
  });

  it('waits for a burst that is under way on any queue', () => {
    const { port: any } = started();
    for (let which = 0; which < busyWords(any).length; which++) {
      const { host, port } = started();
      const word = busyWords(port)[which]!;
      mem.store32(word, 1);
      const endsMs = host.clock.nowMs() + 300;
      host.clock.onStep(() => {
        if (host.clock.nowMs() >= endsMs) mem.store32(word, 0);
      });
      host.answer = () => (mem.load32(word) === 0 ? 0 : -1);
      expect(host.raiseMigration(MIGRATION_DETACHED)).to.equal(MIGRATION_DETACHED);
      expect(host.clock.nowMs() - endsMs).to.be.within(0, 10);
    }
  });

  it('refuses if a burst does not end: clears the flag and acks 3 within a second, without a request', () => {
    const bench = started();
    const { host, port } = bench;
    const events = recordEvents(bench);
    const before = requestIds(host);
    const word = rxQueueAt(port.address, 0) + RX_QUEUE_BUSY;
    mem.store32(word, 1);
    const startMs = host.clock.nowMs();
    expect(host.raiseMigration(MIGRATION_DETACHED)).to.equal(MIGRATION_ERROR);
    expect(host.clock.nowMs() - startMs).to.be.within(1_000, 1_005);
    mem.store32(word, 0);
    expect([port.detached, requestIds(host)]).to.deep.equal([false, before]);
    expect(migrationCounters(bench)).to.deep.equal({ refused_burst: 1 });
    expect(events).to.deep.equal([
      [
        'migration-failed',
        { phase: 'detach', errno: 'EBUSY', message: 'a burst is still running on a queue of the port' },
      ],
    ]);
    expectTraffic(bench);
    expect(host.raiseMigration(MIGRATION_DETACHED)).to.equal(MIGRATION_DETACHED);
  });

  it('goes on with the rings as they are if the host refuses the shutdown', () => {
    const bench = started();
    const { host, port } = bench;
    expectTraffic(bench, 1);
    host.refill();
    host.receive(0, [{ bytes: frame(700, 9) }]);
    host.answer = () => -16;
    const events = recordEvents(bench);
    expect(host.raiseMigration(MIGRATION_DETACHED)).to.equal(MIGRATION_ERROR);
    expect(port.detached).to.equal(false);
    expect(migrationCounters(bench)).to.deep.equal({ refused_request: 1 });
    expect(events).to.deep.equal([
      [
        'migration-failed',
        { phase: 'detach', errno: 'EBUSY', message: 'request 4 (shut down): the host refused with EBUSY (-16)' },
      ],
    ]);
    expect(port.rxBurst(0, new Uint32Array(4), 4)).to.equal(1);
    host.reclaim(0);
    for (let i = 0; i < 80; i++) expectTraffic(bench, i);
    host.answer = () => 0;
    port.stop();
    port.start();
    expect(requestIds(host).slice(-3)).to.deep.equal([abi.REQ_SHUTDOWN, abi.REQ_LINK, abi.REQ_LINK]);
  });

  it('refuses if the host does not answer, survives a late answer, and sends the config again at the next start', () => {
    const bench = started();
    const { host, port } = bench;
    host.answer = () => 'silent';
    const startMs = host.clock.nowMs();
    expect(host.raiseMigration(MIGRATION_DETACHED)).to.equal(MIGRATION_ERROR);
    expect(host.clock.nowMs() - startMs).to.be.within(500, 510);
    expect(migrationCounters(bench)).to.deep.equal({ refused_timeout: 1 });
    expect(port.eventsSince(0).at(-1)).to.deep.include({ event: 'migration-failed' });
    expect(port.eventsSince(0).at(-1)!.detail).to.include({ phase: 'detach', errno: 'ETIME' });
    host.push('resp', 0, host.answerWith);
    host.answer = () => 0;
    for (let i = 0; i < 5; i++) expectTraffic(bench, i);
    port.stop();
    port.start();
    expect(requestIds(host).slice(-4)).to.deep.equal([abi.REQ_SHUTDOWN, abi.REQ_LINK, abi.REQ_CONFIG, abi.REQ_LINK]);
    expect(port.xstatsGet()['control_late_answers']).to.equal(1);
    expectTraffic(bench);
    expect(host.raiseMigration(MIGRATION_DETACHED)).to.equal(MIGRATION_DETACHED);
  });

  it('does not overwrite a request that the host has not taken, and detaches once it has', () => {
    const bench = started();
    const { host } = bench;
    host.answer = () => null;
    const startMs = host.clock.nowMs();
    expect(host.raiseMigration(MIGRATION_DETACHED)).to.equal(MIGRATION_ERROR);
    expect(host.raiseMigration(MIGRATION_DETACHED)).to.equal(MIGRATION_ERROR);
    expect(host.clock.nowMs() - startMs).to.be.within(1_000, 1_020);
    expect(migrationCounters(bench)).to.deep.equal({ refused_timeout: 1, refused_request: 1 });
    host.answer = () => 0;
    host.clock.step();
    expect(host.raiseMigration(MIGRATION_DETACHED)).to.equal(MIGRATION_DETACHED);
    expect(requestIds(host).filter((id) => id === abi.REQ_SHUTDOWN)).to.have.length(2);
  });

  it('is served after the control operation that is under way, and before the next', () => {
    const { host, port } = started();
    let announced = false;
    host.answer = (id) => {
      if (id === abi.REQ_LINK && !announced) {
        announced = true;
        host.setRegister(abi.REG_MIGRATION_STATUS, MIGRATION_DETACHED);
        host.interrupt(abi.INTERRUPT_MIGRATION);
        host.clock.step();
        expect([port.detached, host.register(abi.REG_MIGRATION_ACK)]).to.deep.equal([false, 0]);
      }
      return 0;
    };
    port.stop();
    expect(requestIds(host).slice(-2)).to.deep.equal([abi.REQ_LINK, abi.REQ_SHUTDOWN]);
    expect([port.state, port.detached, host.register(abi.REG_MIGRATION_ACK)]).to.deep.equal([
      'stopped',
      true,
      MIGRATION_DETACHED,
    ]);
    expect(port.eventsSince(1).map(({ event }) => event)).to.deep.equal(['link-down', 'detached']);
  });

  it('is refused with any other status, and changes nothing', () => {
    const bench = started();
    const { host, port } = bench;
    const before = requestIds(host);
    const others = [0, 3, 4, 0x8000_0001, 0xffff_ffff];
    for (const status of others) expect(host.raiseMigration(status), `status ${status}`).to.equal(MIGRATION_ERROR);
    expect([port.detached, requestIds(host)]).to.deep.equal([false, before]);
    expect(migrationCounters(bench)).to.deep.equal({ refused_status: others.length });
    expectTraffic(bench);
    host.raiseMigration(MIGRATION_DETACHED);
    expect(host.raiseMigration(7)).to.equal(MIGRATION_ERROR);
    expect(port.detached).to.equal(true);
  });

  it('acks no other interrupt, whatever the migration status is', () => {
    const bench = started();
    const { host, port } = bench;
    for (const status of [MIGRATION_DETACHED, MIGRATION_ATTACHED]) {
      host.setRegister(abi.REG_MIGRATION_STATUS, status);
      for (const bits of [0, 1, 0xffff_fffd]) {
        host.interrupt(bits);
        host.clock.step();
      }
    }
    expect([host.register(abi.REG_MIGRATION_ACK), port.detached]).to.deep.equal([0, false]);
    expect(port.xstatsGet()['control_unexpected_interrupts']).to.equal(6);
    expect(migrationCounters(bench)).to.deep.equal({});
  });

  it('ends if the device vanishes meanwhile', () => {
    const bench = started();
    const { host, port } = bench;
    host.answer = () => {
      host.vanish();
      return null;
    };
    host.raiseMigration(MIGRATION_DETACHED);
    expectErrno('ENODEV', /removed/, () => port.stop());
    expectNoTraffic(bench);
    avpDriver.remove(port);
  });
});

describe('driver: close and removal while detached', () => {
  it('releases everything, and sends neither a request nor an ack', () => {
    const bench = started();
    const { host, port, pool } = bench;
    host.raiseMigration(MIGRATION_DETACHED);
    host.setRegister(abi.REG_MIGRATION_ACK, 0);
    const before = requestIds(host);
    host.interrupt(abi.INTERRUPT_MIGRATION);
    port.close();
    host.setRegister(abi.REG_MIGRATION_STATUS, MIGRATION_ATTACHED);
    host.interrupt(abi.INTERRUPT_MIGRATION);
    host.clock.step();
    expect([port.state, port.detached, requestIds(host)]).to.deep.equal(['closed', false, before]);
    expect([host.register(abi.REG_MIGRATION_ACK), host.register(abi.REG_INTERRUPT_MASK)]).to.deep.equal([0, 0]);
    expectErrno('ENODEV', /closed/, () => port.takeInterrupts());
    avpDriver.remove(port);
    pool.release();
    const again = avpDriver.probe(host.pci, host.platform);
    expect([again.state, again.detached]).to.deep.equal(['probed', false]);
  });
});
