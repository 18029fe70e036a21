import { expect } from 'chai';
import { avpDriver, mbufFromBytes, Mempool, Port, type PortEvent } from '../../../driver';
import { asHost } from '../../../shared/actors';
import { extents } from '../../../shared/arena';
import { fifoInit, fifoOpen } from '../../../shared/loops/fifo';
import * as abi from '../../../shared/loops/layout';
import * as mem from '#mem';
import { loadPortBlocked, loadPortScattered, TX_QUEUE_BUSY } from '../../../driver/loops/records';
import { txQueueAt } from '../../../driver/loops/tx';
import { expectErrno, frame, started } from './build';
import { FakeHost, type FakeOptions } from './fakeHost';

const out = new Uint32Array(64);

function probed(options: FakeOptions = {}): { host: FakeHost; port: Port } {
  const host = new FakeHost(options);
  return { host, port: avpDriver.probe(host.pci, host.platform) };
}

describe('driver: configure', () => {
  it('refuses queue counts and MTUs that are out of range before it sends a request', () => {
    const { host, port } = probed({ maxRx: 8, maxTx: 3 });
    const cases = [
      [{ rxQueues: 9, txQueues: 1 }, /rxQueues is 9: expected an integer from 0 to 8/],
      [{ rxQueues: 1, txQueues: 4 }, /txQueues is 4: expected an integer from 0 to 3/],
      [{ rxQueues: 1.5, txQueues: 1 }, /rxQueues is 1\.5/],
      [{ rxQueues: 1, txQueues: 1, mtu: 67 }, /mtu is 67: expected an integer from 68 to 9220/],
      [{ rxQueues: 1, txQueues: 1, mtu: 9_221 }, /mtu is 9221/],
    ] as const;
    for (const [config, message] of cases) expectErrno('EINVAL', message, () => port.configure(config));
    expect(host.requests).to.deep.equal([]);
    expect(port.state).to.equal('probed');
  });

  it('takes one queue a direction where the application names none, unless the host offers none', () => {
    const { host, port } = probed();
    port.configure({ rxQueues: 0, txQueues: 0 });
    expect(host.requests.map(({ body }) => [body[20], body[22]])).to.deep.equal([[1, 1]]);
    expect([port.statsGet().rx.length, port.statsGet().tx.length]).to.deep.equal([1, 1]);
    const none = probed({ maxRx: 0, minRx: 0 });
    expectErrno('EINVAL', /max_rx_queues is 0/, () => none.port.configure({ rxQueues: 0, txQueues: 0 }));
  });

  it('shows the state of each configured queue, and refuses others', () => {
    const { port } = started();
    expect([port.queueState('rx', 0), port.queueState('tx', 0)]).to.deep.equal(['started', 'started']);
    port.stop();
    expect([port.queueState('rx', 0), port.queueState('tx', 0)]).to.deep.equal(['stopped', 'stopped']);
    for (const direction of ['rx', 'tx'] as const)
      expectErrno('EINVAL', /queue 1 is not configured/, () => port.queueState(direction, 1));
  });

  it('refuses VLAN offload that the host lacks', () => {
    const { host, port } = probed({ features: 0xffff_fffe });
    for (const wish of [{ vlanStrip: true }, { vlanInsert: true }])
      expectErrno('ENOTSUP', /VLAN/, () => port.configure({ rxQueues: 1, txQueues: 1, ...wish }));
    expect(host.requests).to.deep.equal([]);
    expect(port.infoGet()).to.include({ vlanStrip: false, vlanInsert: false });
  });

  it('asks for at least min_rx_queues receive FIFOs', () => {
    const { host, port } = probed({ maxRx: 6, minRx: 4 });
    port.configure({ rxQueues: 1, txQueues: 1 });
    port.configure({ rxQueues: 5, txQueues: 1 });
    expect(host.requests.map(({ body }) => body[22])).to.deep.equal([4, 5]);
  });

  it('receives in scattered mode if the longest packet exceeds a buffer of either side', () => {
    const cases = [
      [{ maxRxPktLen: 2_048 }, 2_176, 0],
      [{ maxRxPktLen: 2_049 }, 2_176, 1],
      [{ maxRxPktLen: 2_048 }, 2_175, 1],
      [{ maxRxPktLen: 1_600, mbufSize: 1_024 }, 2_176, 1],
    ] as const;
    for (const [options, dataRoomBytes, scattered] of cases)
      expect(loadPortScattered(started({ ...options, dataRoomBytes }).port.address)).to.equal(scattered);
  });

  it('adopts the indices of FIFOs that the host has initialised again', () => {
    const { host, port, pool } = started();
    host.refill();
    for (let i = 0; i < 5; i++) host.receive(0, [{ bytes: frame(60) }]);
    expect(port.rxBurst(0, out, 64)).to.equal(5);
    expect(port.txBurst(0, out, 5)).to.equal(5);
    port.stop();
    asHost(() => {
      for (const kind of ['rx', 'free', 'tx', 'alloc'] as const) {
        fifoInit(host.fifo(kind), 64);
        fifoOpen(host.end(kind, 0), host.fifo(kind), 64, 0);
      }
    });
    port.configure({ rxQueues: 1, txQueues: 1 });
    port.start();
    host.receive(0, [{ bytes: frame(60) }]);
    host.push('alloc', 0, host.descs[0]!.va);
    expect(port.rxBurst(0, out, 64)).to.equal(1);
    expect(host.drain('free', 0)).to.have.length(1);
    expect(port.txBurst(0, out, 1)).to.equal(1);
    expect(host.sent(0).map((one) => one.bytes)).to.deep.equal([frame(60)]);
    expect(pool.available).to.equal(pool.size);
  });

  it('fails with EIO and changes nothing if an index to adopt is out of range', () => {
    const { host, port } = probed();
    port.configure({ rxQueues: 1, txQueues: 1 });
    asHost(() => abi.storeFifoRead(host.fifo('rx', 1), 64));
    expectErrno('EIO', /rx FIFO 1: read is 64/, () => port.configure({ rxQueues: 2, txQueues: 1 }));
    expect(port.statsGet().rx).to.have.length(1);
  });

  it('sends the former configuration again if it could not use one that the host had accepted', () => {
    const { host, port } = started();
    port.stop();
    asHost(() => abi.storeFifoRead(host.fifo('rx', 1), 64));
    expectErrno('EIO', /rx FIFO 1/, () => port.configure({ rxQueues: 2, txQueues: 1, vlanStrip: true }));
    port.start();
    const configs = host.requests.filter(({ id }) => id === abi.REQ_CONFIG).map(({ body }) => [body[16], body[22]]);
    expect(configs).to.deep.equal([
      [0, 1],
      [1, 2],
      [0, 1],
    ]);
  });
});

describe('driver: life of a port', () => {
  it('starts only when every queue is set up, and reports the link', () => {
    const { host, port } = probed();
    expectErrno('EINVAL', /not configured yet/, () => port.start());
    port.configure({ rxQueues: 2, txQueues: 1 });
    const mempool = Mempool.create({ mbufs: 4 });
    port.rxQueueSetup(0, { mempool });
    expectErrno('EINVAL', /rx queue 1 is not set up/, () => port.start());
    port.rxQueueSetup(1, { mempool });
    expectErrno('EINVAL', /tx queue 0 is not set up/, () => port.start());
    expectErrno('EINVAL', /tx queue 1 is not configured: the port has 1/, () => port.txQueueSetup(1));
    port.txQueueSetup(0);
    const events: PortEvent[] = [];
    port.onEvent((event) => events.push(event));
    port.start();
    port.start();
    expect(port.linkGet().up).to.equal(true);
    expectErrno('EBUSY', /is started/, () => port.rxQueueSetup(0, { mempool }));
    expectErrno('EBUSY', /is started/, () => port.configure({ rxQueues: 1, txQueues: 1 }));
    port.stop();
    port.stop();
    expect([port.linkGet().up, port.state]).to.deep.equal([false, 'stopped']);
    port.close();
    avpDriver.remove(port);
    expect(events).to.deep.equal(['link-up', 'link-down', 'removed']);
    expect(host.requests.map(({ id }) => id)).to.deep.equal([3, 2, 2, 4]);
  });

  it('moves no packet while it is not started', () => {
    const { host, port, pool } = started();
    port.stop();
    host.refill();
    host.receive(0, [{ bytes: frame(60) }]);
    const mbuf = mbufFromBytes(pool, frame(60));
    expect(port.rxBurst(0, out, 64)).to.equal(0);
    expect(port.txBurst(0, Uint32Array.of(mbuf), 1)).to.equal(0);
    port.start();
    expect(port.rxBurst(0, out, 64)).to.equal(1);
    expect(port.txBurst(0, Uint32Array.of(mbuf), 1)).to.equal(1);
  });

  it('stays as it was if the host refuses start or stop', () => {
    const { host, port } = started();
    host.answer = () => -1;
    expectErrno('EPERM', /request 2 \(set link state\)/, () => port.stop());
    expect([port.state, port.linkGet().up]).to.deep.equal(['started', true]);
    host.receive(0, [{ bytes: frame(60) }]);
    expect(port.rxBurst(0, out, 64)).to.equal(1);
    host.answer = () => 0;
    port.stop();
    host.answer = () => -1;
    expectErrno('EPERM', /./, () => port.start());
    expect([port.state, port.linkGet().up]).to.deep.equal(['stopped', false]);
  });

  it('closes with mask 0 and request 4, and handles no more interrupts, whatever the host answers', () => {
    for (const [answer, failed] of [
      [0, 0],
      [-5, 1],
      ['silent', 1],
      [null, 1],
    ] as const) {
      const { host, port } = started();
      host.answer = (id) => (id === abi.REQ_SHUTDOWN ? answer : 0);
      port.close();
      port.close();
      expect(port.state).to.equal('closed');
      expect(host.register(abi.REG_INTERRUPT_MASK)).to.equal(0);
      expect(port.xstatsGet()['control_failed_shutdowns']).to.equal(failed);
      host.interrupt(abi.INTERRUPT_MIGRATION);
      host.clock.step();
      expect(host.register(abi.REG_MIGRATION_ACK)).to.equal(0);
      expect(port.rxBurst(0, out, 64)).to.equal(0);
      expectErrno('ENODEV', /closed/, () => port.configure({ rxQueues: 1, txQueues: 1 }));
    }
  });

  it('leaves no memory allocated after many lives', () => {
    const host = new FakeHost();
    const before = extents();
    for (let round = 0; round < 50; round++) {
      const port = avpDriver.probe(host.pci, host.platform);
      const mempool = Mempool.create({ mbufs: 8 });
      port.configure({ rxQueues: 1, txQueues: 1 });
      port.rxQueueSetup(0, { mempool });
      port.txQueueSetup(0);
      port.start();
      host.receive(0, [{ bytes: frame(60) }]);
      host.refill();
      expect(port.txBurst(0, out, port.rxBurst(0, out, 64))).to.equal(1);
      host.sent(0);
      host.drain('free', 0);
      avpDriver.remove(port);
      mempool.release();
    }
    expect(extents()).to.deep.equal(before);
  });

  it('fails with ENOTSUP for operations that AVP lacks', () => {
    const { port } = probed();
    for (const [body, what] of [
      [() => port.macAddrSet(new Uint8Array(6)), 'change its MAC address'],
      [() => port.mcAddrListSet([]), 'filter multicast addresses'],
      [() => port.vlanFilterSet(1, true), 'filter VLANs'],
      [() => port.mtuSet(1_500), 'change its MTU while it runs: give it to configure'],
      [() => port.macAddrAdd(new Uint8Array(6)), 'receive for a second MAC address: use promiscuous mode'],
      [() => port.macAddrRemove(new Uint8Array(6)), 'remove a MAC address'],
      [() => port.allmulticastSet(true), 'switch all-multicast mode: all multicast passes'],
      [() => port.vlanStripOnQueueSet(0, true), 'strip tags on one queue: strip is a setting of the port'],
      [() => port.vlanTpidSet(0x88a8), 'choose the type of a VLAN tag'],
      [() => port.vlanPvidSet(5, true), 'insert a VLAN tag of the port'],
      [() => port.linkSet(false), 'change its link apart from start and stop'],
      [() => port.reset(), 'reset the device'],
      [() => port.queueStart('rx', 0), 'start one queue: all are started together'],
      [() => port.queueStop('tx', 0), 'stop one queue: all are stopped together'],
      [() => port.rssHashSet(1), 'choose how flows are spread'],
      [() => port.flowCtrlSet(true), 'send or honour pause frames'],
      [() => port.rxInterruptSet(0, true), 'interrupt for a received packet'],
    ] as const)
      expectErrno('ENOTSUP', new RegExp(`^AVP cannot ${what}$`), body);
  });

  it('has one state that all views share', () => {
    const { host, port } = started();
    const other = Port.at(port.address, host.platform);
    other.promiscuousEnable();
    expect([port.promiscuousGet(), other.state, other.linkGet().up]).to.deep.equal([true, 'started', true]);
  });
});

describe('driver: VLAN offload while running', () => {
  it('sends a request only for a change, with the current link state', () => {
    const { host, port } = started();
    port.vlanOffloadSet({ strip: true });
    port.vlanOffloadSet({ strip: true, filter: false });
    port.vlanOffloadSet({ strip: false });
    const configs = host.requests.filter(({ id }) => id === abi.REQ_CONFIG).map(({ body }) => [body[16], body[24]]);
    expect(configs).to.deep.equal([
      [0, 0],
      [1, 1],
      [0, 1],
    ]);
  });

  it('refuses filter, QinQ extend and features that the host lacks, and then keeps the old setting', () => {
    const { host, port, pool } = started();
    host.refill();
    expectErrno('ENOTSUP', /VLAN filter/, () => port.vlanOffloadSet({ filter: true }));
    expectErrno('ENOTSUP', /QinQ/, () => port.vlanOffloadSet({ qinqExtend: true }));
    host.answer = () => -22;
    expectErrno('EINVAL', /request 3/, () => port.vlanOffloadSet({ insert: true }));
    expect(port.txBurst(0, Uint32Array.of(mbufFromBytes(pool, frame(60), { vlanTci: 1 })), 1)).to.equal(1);
    expect(port.xstatsGet()['tx_q0_dropped_vlan_off']).to.equal(1);
    const lacking = started({ features: 0 }).port;
    expectErrno('ENOTSUP', /does not offer/, () => lacking.vlanOffloadSet({ strip: true }));
  });

  it('asks the host only after the bursts that began under the former terms have ended', () => {
    const { host, port } = started();
    const busy = txQueueAt(port.address, 0) + TX_QUEUE_BUSY;
    for (const strip of [true, false]) {
      mem.store32(busy, 1);
      const endsMs = host.clock.nowMs() + 200;
      const leave = host.clock.onStep(() => {
        if (host.clock.nowMs() >= endsMs) mem.store32(busy, 0);
      });
      let running = -1;
      host.answer = () => {
        running = mem.load32(busy);
        // Bursts are blocked only until the running ones have ended, not while the host works.
        expect(loadPortBlocked(port.address)).to.equal(0);
        return 0;
      };
      port.vlanOffloadSet({ strip });
      leave();
      expect(running).to.equal(0);
    }
    mem.store32(busy, 1);
    const before = host.requests.length;
    expectErrno('EBUSY', /burst is still running/, () => port.vlanOffloadSet({ strip: true }));
    mem.store32(busy, 0);
    expect([host.requests.length, loadPortBlocked(port.address)]).to.deep.equal([before, 0]);
  });

  it('keeps its own indices, whatever the ring headers say', () => {
    const { host, port } = started();
    host.receive(0, [{ bytes: frame(60, 1) }]);
    asHost(() => abi.storeFifoRead(host.fifo('rx'), 33));
    port.vlanOffloadSet({ strip: true });
    expect(port.rxBurst(0, out, 64)).to.equal(1);
  });
});

describe('driver: hot plug', () => {
  it('survives the removal of the device under traffic', () => {
    const { host, port, pool } = started();
    host.refill();
    host.receive(0, [{ bytes: frame(60) }]);
    const mbuf = mbufFromBytes(pool, frame(60));
    expect(port.removed).to.equal(false);
    host.vanish();
    expect(port.removed).to.equal(true);
    expect(port.rxBurst(0, out, 64)).to.equal(0);
    expect(port.txBurst(0, Uint32Array.of(mbuf), 1)).to.equal(0);
    expect(port.linkGet().up).to.equal(false);
    for (const body of [
      () => port.stop(),
      () => port.start(),
      () => port.vlanOffloadSet({ strip: true }),
      () => port.configure({ rxQueues: 1, txQueues: 1 }),
    ])
      expectErrno('ENODEV', /removed/, body);
    port.close();
    expect(port.state).to.equal('closed');
    avpDriver.remove(port);
  });

  it('ends a request with ENODEV if the device vanishes meanwhile', () => {
    const { host, port } = started();
    host.answer = () => {
      host.vanish();
      return null;
    };
    expectErrno('ENODEV', /removed/, () => port.stop());
    avpDriver.remove(port);
  });

  it('allows the removal of the port from within a control operation', () => {
    const host = new FakeHost();
    const before = extents();
    const port = avpDriver.probe(host.pci, host.platform);
    const events: PortEvent[] = [];
    port.onEvent((event) => events.push(event));
    let removed = false;
    host.clock.onStep(() => {
      if (removed) return;
      removed = true;
      avpDriver.remove(port);
    });
    host.answer = () => 'silent';
    expectErrno('ENODEV', /removed/, () => port.configure({ rxQueues: 1, txQueues: 1 }));
    expect(events).to.deep.equal(['removed']);
    expect(extents()).to.deep.equal(before);
  });
});

describe('driver: statistics', () => {
  it('counts per queue and in total, and from 0 after a reset', () => {
    const { host, port, pool } = started({ config: { rxQueues: 2, txQueues: 2 } });
    host.refill();
    for (const [queue, bytes] of [
      [0, 60],
      [1, 100],
      [1, 13],
    ] as const)
      host.receive(queue, [{ bytes: frame(bytes) }]);
    for (const queue of [0, 1]) port.rxBurst(queue, out, 64);
    port.txBurst(1, Uint32Array.of(mbufFromBytes(pool, frame(200)), mbufFromBytes(pool, frame(5))), 2);
    const stats = port.statsGet();
    expect(stats.rx).to.deep.equal([
      { packets: 1, bytes: 60, errors: 0 },
      { packets: 1, bytes: 100, errors: 1 },
    ]);
    expect(stats.tx).to.deep.equal([
      { packets: 0, bytes: 0, errors: 0 },
      { packets: 1, bytes: 200, errors: 1 },
    ]);
    expect(stats).to.include({
      ipackets: 2,
      ibytes: 160,
      ierrors: 1,
      opackets: 1,
      obytes: 200,
      oerrors: 1,
      rxNombuf: 0,
    });
    port.statsReset();
    expect(Object.values(port.xstatsGet()).every((value) => value === 0)).to.equal(true);
    host.receive(0, [{ bytes: frame(60) }]);
    port.rxBurst(0, out, 64);
    expect(port.statsGet()).to.include({ ipackets: 1, ibytes: 60 });
  });
});
