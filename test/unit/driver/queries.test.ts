import { expect } from 'chai';
import { avpDriver, Mempool, mbufFree, mbufFromBytes, type Port, type PortConfig } from '../../../driver';
import { asHost } from '../../../shared/actors';
import * as abi from '../../../shared/loops/layout';
import { expectErrno, frame, started } from './build';
import { FakeHost, type FakeOptions } from './fakeHost';

const out = new Uint32Array(64);

function probed(options: FakeOptions = {}): { host: FakeHost; port: Port } {
  const host = new FakeHost(options);
  return { host, port: avpDriver.probe(host.pci, host.platform) };
}

describe('driver: depth of a receive queue', () => {
  it('is the number of packets on all FIFOs of the queue', () => {
    const { host, port } = started({ maxRx: 3, minRx: 3 });
    expect(port.rxQueueCount(0)).to.equal(0);
    for (const fifo of [0, 1, 1, 2]) host.receive(fifo, [{ bytes: frame(60) }]);
    expect(port.rxQueueCount(0)).to.equal(4);
    // A burst takes the packets of one FIFO.
    for (let left = 4; left > 0;) {
      left -= port.rxBurst(0, out, 1);
      mbufFree(out[0]!);
      expect(port.rxQueueCount(0)).to.equal(left);
    }
  });

  it('tells which descriptors hold a packet, up to what the FIFOs can hold', () => {
    const { host, port } = started({ maxRx: 2, minRx: 2, fifoLen: 8 });
    host.receive(0, [{ bytes: frame(60) }]);
    host.receive(1, [{ bytes: frame(60) }]);
    expect([0, 1, 2, 13].map((offset) => port.rxDescriptorStatus(0, offset))).to.deep.equal([
      'done',
      'done',
      'available',
      'available',
    ]);
    for (const offset of [-1, 14, 0.5])
      expectErrno(
        'EINVAL',
        new RegExp(
          `^offset is ${offset}: expected an integer from 0 to 13 \\(what the rx FIFOs of the queue can hold\\)$`,
        ),
        () => port.rxDescriptorStatus(0, offset),
      );
  });

  it('is that of each queue alone, and counts a FIFO whose index is out of range as empty', () => {
    const { host, port } = started({ maxRx: 4, minRx: 4, config: { rxQueues: 2, txQueues: 1 } });
    for (const fifo of [0, 1, 2, 2, 2, 3]) host.receive(fifo, [{ bytes: frame(60) }]);
    expect([port.rxQueueCount(0), port.rxQueueCount(1)]).to.deep.equal([2, 4]);
    asHost(() => abi.storeFifoWrite(host.fifo('rx', 2), 64));
    expect([port.rxQueueCount(0), port.rxQueueCount(1)]).to.deep.equal([2, 1]);
  });

  it('is 0 while the port is stopped or detached, and is refused for other queues and without a device', () => {
    const { host, port } = started();
    host.receive(0, [{ bytes: frame(60) }]);
    port.stop();
    expect(port.rxQueueCount(0)).to.equal(0);
    port.start();
    expect(port.rxQueueCount(0)).to.equal(1);
    for (const queue of [1, -1, 0.5])
      expectErrno('EINVAL', new RegExp(`^rx queue ${queue} is not configured: the port has 1$`), () =>
        port.rxQueueCount(queue),
      );
    host.raiseMigration(abi.MIGRATION_DETACHED);
    expect(port.rxQueueCount(0)).to.equal(0);
    host.vanish();
    expectErrno('ENODEV', /removed/, () => port.rxQueueCount(0));
  });
});

describe('driver: extended statistics', () => {
  it('have ids, which are the places of their names', () => {
    const { host, port } = started();
    host.receive(0, [{ bytes: frame(60) }]);
    port.rxBurst(0, out, 64);
    const all = port.xstatsGet();
    const names = port.xstatsNames();
    expect(names).to.deep.equal(Object.keys(all));
    expect(names.map((name) => port.xstatsId(name))).to.deep.equal(names.map((_name, id) => id));
    expect(port.xstatsById(names.map((_name, id) => id))).to.deep.equal(Object.values(all));
    expect(port.xstatsById([port.xstatsId('rx_q0_good_packets'), 0, 0])).to.deep.equal([
      1,
      Object.values(all)[0],
      Object.values(all)[0],
    ]);
    const last = names.length - 1;
    for (const id of [-1, last + 1])
      expectErrno('EINVAL', new RegExp(`^id of an extended statistic is ${id}: expected 0 to ${last}$`), () =>
        port.xstatsById([0, id]),
      );
    expectErrno('EINVAL', /^'rx_q9' is no extended statistic: expected one of xstatsNames\(\)$/, () =>
      port.xstatsId('rx_q9'),
    );
  });

  it('fill an array that has room for all of them, and leave any other as it is', () => {
    const { host, port } = started();
    host.receive(0, [{ bytes: frame(60) }]);
    port.rxBurst(0, out, 64);
    const all = Object.values(port.xstatsGet());
    const short = new Float64Array(all.length - 1).fill(-1);
    expect(port.xstatsInto(short)).to.equal(all.length);
    expect(short.every((value) => value === -1)).to.equal(true);
    const exact = new Float64Array(all.length).fill(-1);
    expect(port.xstatsInto(exact)).to.equal(all.length);
    expect([...exact]).to.deep.equal(all);
  });

  it('have those of the configured queues, and of others that have counted anything', () => {
    const { host, port } = started({ config: { rxQueues: 2, txQueues: 1 } });
    const queues = (): string[] => [...new Set(port.xstatsNames().flatMap((name) => /^[rt]x_q\d/.exec(name) ?? []))];
    expect(queues()).to.deep.equal(['rx_q0', 'rx_q1', 'tx_q0']);
    host.receive(1, [{ bytes: frame(60) }]);
    expect(port.rxBurst(1, out, 1)).to.equal(1);
    port.stop();
    port.configure({ rxQueues: 1, txQueues: 1 });
    expect(queues()).to.deep.equal(['rx_q0', 'rx_q1', 'tx_q0']);
    expect(port.xstatsGet()).to.include({ rx_q1_good_packets: 1 });
    port.statsReset();
    expect(queues()).to.deep.equal(['rx_q0', 'tx_q0']);
  });

  it('of control requests and migrations count from 0 after a reset', () => {
    const { host, port } = started();
    host.raiseMigration(0);
    host.raiseMigration(abi.MIGRATION_ATTACHED);
    host.answerWith = 1n;
    expectErrno('ENODATA', /./, () => port.stop());
    const own = (): Record<string, number> =>
      Object.fromEntries(
        Object.entries(port.xstatsGet()).filter(([name, value]) => /^(control|migration)/.test(name) && value > 0),
      );
    expect(own()).to.deep.equal({ control_bad_answers: 1, migration_refused_status: 1, migration_repeated: 1 });
    port.statsReset();
    expect(own()).to.deep.equal({});
    host.raiseMigration(0);
    expectErrno('ENODATA', /./, () => port.stop());
    expect(own()).to.include({ control_bad_answers: 1, migration_refused_status: 1 });
  });
});

describe('driver: settings of a port', () => {
  it('are refused where AVP has none of that name, or no other speed', () => {
    const { host, port } = probed();
    const base = { rxQueues: 1, txQueues: 1 };
    const known = 'rxQueues, txQueues, mtu, vlanStrip, vlanInsert, rxScatter, txMultiSegs, speedMbps';
    expectErrno('EINVAL', new RegExp(`^configure: AVP has no setting 'lro': expected ${known}$`), () =>
      port.configure({ ...base, lro: false } as PortConfig),
    );
    expectErrno('EINVAL', /^speedMbps is 1000: expected 10000$/, () => port.configure({ ...base, speedMbps: 1_000 }));
    expect(host.requests).to.deep.equal([]);
    port.configure({
      ...base,
      mtu: 68,
      vlanStrip: false,
      vlanInsert: false,
      rxScatter: true,
      txMultiSegs: true,
      speedMbps: 10_000,
    });
    expect(port.state).to.equal('configured');
  });

  it('have limits that the port tells', () => {
    const { port } = probed({ maxRx: 20, maxTx: 3, maxRxPktLen: 1_400 });
    port.configure({ rxQueues: 1, txQueues: 1 });
    expect(port.infoGet()).to.deep.equal({
      maxRxQueues: 8,
      maxTxQueues: 3,
      minRxBufferBytes: 64,
      maxRxPacketBytes: 1_400,
      macAddresses: 1,
      mtu: 1_382,
      minMtu: 68,
      maxMtu: 1_382,
      vlanStrip: true,
      vlanInsert: true,
      rxScatter: true,
      txMultiSegs: true,
      speedsMbps: [10_000],
      hostVersion: abi.HOST_VERSION,
    });
    expectErrno(
      'EINVAL',
      /^mtu is 1383: expected an integer from 68 to 1382 \(device_info\.max_rx_pkt_len - 18\)$/,
      () => port.configure({ rxQueues: 1, txQueues: 1, mtu: 1_383 }),
    );
    expectErrno('EINVAL', /^txQueues is 4: expected an integer from 0 to 3 \(device_info\.max_tx_queues is 3\)$/, () =>
      port.configure({ rxQueues: 1, txQueues: 4 }),
    );
    expectErrno('EINVAL', /^device_info\.max_rx_queues is 0: the host offers no queue$/, () =>
      probed({ maxRx: 0, minRx: 0 }).port.configure({ rxQueues: 0, txQueues: 1 }),
    );
  });

  it('may name queues of one direction alone', () => {
    const { host, port } = probed();
    port.configure({ rxQueues: 2, txQueues: 0 });
    expect(host.requests.map(({ body }) => [body[20], body[22]])).to.deep.equal([[0, 2]]);
    port.configure({ rxQueues: 0, txQueues: 2 });
    expect([port.statsGet().rx.length, port.statsGet().tx.length]).to.deep.equal([0, 2]);
  });

  it('need VLAN offload at the host only for what is turned on', () => {
    const { port } = started({ features: 0 });
    for (const [change, what] of [
      [{ strip: true }, 'strip'],
      [{ insert: true }, 'insert'],
      [{ strip: true, insert: true }, 'strip'],
      [{ strip: false, insert: true }, 'insert'],
    ] as const)
      expectErrno('ENOTSUP', new RegExp(`^VLAN ${what}: the host does not offer VLAN offload$`), () =>
        port.vlanOffloadSet(change),
      );
    port.vlanOffloadSet({ strip: false, insert: false });
    expectErrno('EINVAL', /^the port is not configured yet$/, () => probed().port.vlanOffloadSet({ strip: true }));
  });

  it('end the set-up of queues that they no longer name', () => {
    const { port, pool } = started({ config: { rxQueues: 2, txQueues: 2 } });
    port.stop();
    port.configure({ rxQueues: 1, txQueues: 1 });
    port.configure({ rxQueues: 2, txQueues: 2 });
    expectErrno('EINVAL', /^rx queue 1 is not set up: call rxQueueSetup first$/, () => port.start());
    port.rxQueueSetup(1, { mempool: pool });
    expectErrno('EINVAL', /^tx queue 1 is not set up: call txQueueSetup first$/, () => port.start());
    port.txQueueSetup(1);
    port.start();
    expect(port.queueState('tx', 1)).to.equal('started');
  });

  it('of a receive queue need a mempool that is there, with room for 64 bytes', () => {
    const { port } = probed();
    port.configure({ rxQueues: 1, txQueues: 1 });
    const small = Mempool.create({ mbufs: 8, dataRoomBytes: 128 + 63 });
    expectErrno('EINVAL', /^data room of the mempool, less headroom, is 63: expected at least 64 bytes$/, () =>
      port.rxQueueSetup(0, { mempool: small }),
    );
    const released = Mempool.create({ mbufs: 8 });
    released.release();
    expectErrno('EINVAL', /^mempool is \d+: expected a mempool that is not released$/, () =>
      port.rxQueueSetup(0, { mempool: released }),
    );
    port.rxQueueSetup(0, { mempool: Mempool.create({ mbufs: 8, dataRoomBytes: 128 + 64 }) });
  });
});

describe('driver: arguments of a burst', () => {
  it('leave the array alone behind the packets that were received', () => {
    const { host, port } = started();
    host.receive(0, [{ bytes: frame(60) }]);
    const array = new Uint32Array(4).fill(7);
    expect(port.rxBurst(0, array, 4)).to.equal(1);
    expect([...array.subarray(1)]).to.deep.equal([7, 7, 7]);
  });

  it('of no use move nothing', () => {
    const { host, port, pool } = started();
    host.refill();
    host.receive(0, [{ bytes: frame(60) }]);
    const mbufs = Uint32Array.of(mbufFromBytes(pool, frame(60)));
    for (const max of [0, -1, NaN]) expect(port.rxBurst(0, out, max), `max ${max}`).to.equal(0);
    expect(port.rxBurst(0, new Uint32Array(0), 4)).to.equal(0);
    for (const [queue, n, from] of [
      [0, 0, 0],
      [0, NaN, 0],
      [0, 1, 1],
      [0, 1, -1],
      [1, 1, 0],
      [7, 1, 0],
      [8, 1, 0],
      [-1, 1, 0],
    ] as const)
      expect(port.txBurst(queue, mbufs, n, from), `queue ${queue}, n ${n}, from ${from}`).to.equal(0);
    expect(host.sent(0)).to.deep.equal([]);
    expect(port.txBurst(0, mbufs, 5)).to.equal(1);
    expect(port.rxBurst(0, out, 0.5)).to.equal(0);
    expect(port.rxBurst(0, out, 1.5)).to.equal(1);
  });
});
