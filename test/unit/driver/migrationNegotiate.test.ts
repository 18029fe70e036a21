import { expect } from 'chai';
import * as mem from '#mem';
import { mbufFromBytes, MBUF_RX_VLAN, MbufView, mbufFree } from '../../../driver';
import { loadPortScattered } from '../../../driver/loops/records';
import { asHost } from '../../../shared/actors';
import { fifoInit, fifoOpen } from '../../../shared/loops/fifo';
import * as abi from '../../../shared/loops/layout';
import { frame, pieces, started } from './build';
import {
  expectGapIntact,
  expectNoTraffic,
  expectTraffic,
  recordEvents,
  lastConfig,
  migrationCounters,
  receiveAll,
} from './exchange';
import { ELSEWHERE, type FakeOptions } from './fakeHost';

const { MIGRATION_ATTACHED, MIGRATION_DETACHED } = abi;
const HOME: FakeOptions = {};
const out = new Uint32Array(64);

describe('driver: attach to a host of another size', () => {
  it('cuts packets to the size of the new buffers, and writes nothing after them', () => {
    const bench = started();
    const { host, port, pool } = bench;
    host.migrate({ ...ELSEWHERE, mbufSize: 1_024, maxRxPktLen: 4_000 });
    host.refill(true);
    port.txBurst(0, Uint32Array.of(mbufFromBytes(pool, frame(3_000, 4))), 1);
    expect(host.sent(0).map(({ bytes, segments }) => [bytes, segments])).to.deep.equal([[frame(3_000, 4), 3]]);
    host.receive(0, pieces(frame(2_500, 5), 1_024, 1_024));
    expect(receiveAll(bench)).to.deep.equal([frame(2_500, 5)]);
    expectGapIntact(host);
    // The bytes after each host buffer belong to none; they still hold the filler.
    for (const { address } of host.descs)
      expect(asHost(() => mem.load8(address + abi.DESC_BYTES + 1_024))).to.equal(0xa5);
  });

  it('decides again whether to use scattered mode', () => {
    const bench = started({ maxRxPktLen: 2_048 });
    const { host, port } = bench;
    expect(loadPortScattered(port.address)).to.equal(0);
    host.migrate(ELSEWHERE);
    expect(loadPortScattered(port.address)).to.equal(1);
    host.receive(0, pieces(frame(5_000, 3), 2_048, 2_048));
    expect(receiveAll(bench)).to.deep.equal([frame(5_000, 3)]);
    host.migrate({ maxRxPktLen: 2_048 });
    expect(loadPortScattered(port.address)).to.equal(0);
  });

  it('goes on if the MTU is above the new limit, and reports both', () => {
    const bench = started({ config: { mtu: 9_000 } });
    const { host, port } = bench;
    host.migrate({ ...ELSEWHERE, maxRxPktLen: 1_600 });
    expect(port.infoGet()).to.include({ mtu: 9_000, maxMtu: 1_582, maxRxPacketBytes: 1_600 });
    expect(loadPortScattered(port.address)).to.equal(1);
    expectTraffic(bench);
  });

  it('maps fewer receive FIFOs to the first queues, one each, and more FIFOs to all queues again', () => {
    const bench = started({ maxRx: 4, config: { rxQueues: 4, txQueues: 1 } });
    const { host, port } = bench;
    host.migrate({ ...ELSEWHERE, maxRx: 2 });
    expect(lastConfig(host)[3]).to.equal(2);
    for (const queue of [0, 1]) expectTraffic(bench, 7, 0, queue, queue);
    host.receive(0, [{ bytes: frame(60) }]);
    for (const queue of [2, 3]) expect(port.rxBurst(queue, out, 64)).to.equal(0);
    expect(port.rxBurst(0, out, 64)).to.equal(1);
    host.migrate({ maxRx: 7, minRx: 6 });
    expect(lastConfig(host)[3]).to.equal(6);
    for (const [fifo, queue] of [
      [0, 0],
      [1, 0],
      [2, 1],
      [3, 1],
      [4, 2],
      [5, 3],
    ] as const)
      expectTraffic(bench, fifo, 0, fifo, queue);
    expect(port.infoGet().maxRxQueues).to.equal(7);
  });

  it('receives nothing from a host without receive FIFOs, and receives again from the next host', () => {
    const bench = started();
    const { host, port } = bench;
    host.migrate({ ...ELSEWHERE, maxRx: 0, minRx: 0 });
    expect([lastConfig(host)[3], port.rxBurst(0, out, 64)]).to.deep.equal([0, 0]);
    host.migrate(HOME);
    expectTraffic(bench);
  });

  it('refuses a host with fewer transmit FIFOs than queues, tells the application, and attaches to a later host', () => {
    const bench = started({ config: { rxQueues: 1, txQueues: 2 } });
    const { host, port } = bench;
    const events = recordEvents(bench);
    host.raiseMigration(MIGRATION_DETACHED);
    host.become({ ...ELSEWHERE, maxTx: 1 });
    const before = host.requests.length;
    expect(host.raiseMigration(MIGRATION_ATTACHED)).to.equal(abi.MIGRATION_ERROR);
    expect([port.detached, host.requests.length]).to.deep.equal([true, before]);
    const message = 'device_info.max_tx_queues is 1: expected at least 2, the transmit queues of the port';
    expect(events.at(-1)).to.deep.equal(['migration-failed', { phase: 'attach', errno: 'EINVAL', message }]);
    expect(migrationCounters(bench)).to.deep.equal({ detached: 1, refused_queues: 1 });
    expectNoTraffic(bench);
    host.become(HOME);
    expect(host.raiseMigration(MIGRATION_ATTACHED)).to.equal(MIGRATION_ATTACHED);
    for (const queue of [0, 1]) expectTraffic(bench, 3, queue);
  });
});

describe('driver: attach and the frame limit', () => {
  it('uses scattered mode exactly if the longest frame of the MTU or of the host exceeds a buffer', () => {
    const { host, port } = started({ config: { mtu: 1_500 } });
    for (const [maxRxPktLen, mbufSize, scattered] of [
      [1_400, 1_517, 1],
      [1_400, 1_518, 0],
      [1_600, 1_599, 1],
      [1_600, 1_600, 0],
    ] as const) {
      host.migrate({ ...ELSEWHERE, maxRxPktLen, mbufSize });
      expect(loadPortScattered(port.address), `${maxRxPktLen} and ${mbufSize}`).to.equal(scattered);
    }
  });

  it('tells the application of an MTU that the new host does not allow, with the limit, until a host allows it again', () => {
    const bench = started({ config: { mtu: 1_500 } });
    const events = recordEvents(bench);
    bench.host.migrate({ ...ELSEWHERE, maxRxPktLen: 1_517 });
    const message =
      "mtu is 1500: this host's device_info.max_rx_pkt_len of 1517 allows at most 1499, longer frames are dropped";
    expect(events.at(-1)).to.deep.equal(['attached', { message, lostFeatures: ['mtu'] }]);
    bench.host.migrate({ ...HOME, maxRxPktLen: 1_518 });
    expect(events.at(-1)).to.deep.equal(['attached', {}]);
  });
});

describe('driver: VLAN offload', () => {
  it('is negotiated with the link state and the numbers of queues that are in force', () => {
    const bench = started({ config: { rxQueues: 2, txQueues: 1 } });
    const { host, port } = bench;
    port.vlanOffloadSet({ strip: true });
    expect(lastConfig(host).slice(1)).to.deep.equal([1, 1, 2, 1]);
    expectTraffic(bench);
    port.stop();
    port.vlanOffloadSet({ strip: false });
    expect(lastConfig(host).slice(1)).to.deep.equal([0, 1, 2, 0]);
    port.start();
    expectTraffic(bench);
  });

  it('leaves the rings of a started port as they are, and opens those of a stopped one again', () => {
    const bench = started();
    const { host, port } = bench;
    // A host may empty its rings at request 3; it does not while traffic runs.
    host.receive(0, [{ bytes: frame(60) }]);
    port.vlanOffloadSet({ strip: true });
    expect(receiveAll(bench)).to.have.length(1);
    port.stop();
    for (const kind of ['rx', 'free'] as const)
      asHost(() => {
        fifoInit(host.fifo(kind), 64);
        fifoOpen(host.end(kind, 0), host.fifo(kind), 64, 0);
      });
    port.vlanOffloadSet({ strip: false });
    port.start();
    expectTraffic(bench);
  });

  it('is as before where the host refuses to change it', () => {
    const bench = started({ config: { rxQueues: 1, txQueues: 1, vlanStrip: true, vlanInsert: true } });
    const { host, port, pool } = bench;
    host.answer = () => -16;
    expect(() => port.vlanOffloadSet({ strip: false, insert: false })).to.throw('EBUSY');
    host.refill();
    port.txBurst(0, Uint32Array.of(mbufFromBytes(pool, frame(60), { vlanTci: 5 })), 1);
    expect(host.sent(0).map(({ flags, tci }) => [flags, tci])).to.deep.equal([[abi.OL_TX_VLAN, 5]]);
    host.receive(0, [{ bytes: frame(60) }], { olFlags: abi.OL_RX_VLAN, vlanTci: 7 });
    expect(port.rxBurst(0, out, 4)).to.equal(1);
    expect(new MbufView().at(out[0]!)).to.include({ vlanTci: 7 });
  });

  it('is off where the host refuses to turn it on', () => {
    const { host, port, pool } = started();
    host.answer = () => -16;
    expect(() => port.vlanOffloadSet({ strip: true, insert: true })).to.throw('EBUSY');
    host.refill();
    port.txBurst(0, Uint32Array.of(mbufFromBytes(pool, frame(60), { vlanTci: 5 })), 1);
    expect([host.sent(0), port.xstatsGet()['tx_q0_dropped_vlan_off']]).to.deep.equal([[], 1]);
    host.receive(0, [{ bytes: frame(60) }], { olFlags: abi.OL_RX_VLAN, vlanTci: 7 });
    expect(port.rxBurst(0, out, 4)).to.equal(1);
    expect(new MbufView().at(out[0]!).olFlags & MBUF_RX_VLAN).to.equal(0);
  });
});

describe('driver: attach and VLAN offload', () => {
  const WISHES = { config: { rxQueues: 1, txQueues: 1, vlanStrip: true, vlanInsert: true } };

  it('goes on without a feature that the new host lacks, tells the application, and uses it again later', () => {
    const bench = started(WISHES);
    const { host, port, pool } = bench;
    const events = recordEvents(bench);
    host.migrate({ ...ELSEWHERE, features: 0 });
    expect(events.at(-1)).to.deep.equal(['attached', { lostFeatures: ['vlanStrip', 'vlanInsert'] }]);
    expect([lastConfig(host)[1], port.infoGet().vlanStrip]).to.deep.equal([0, false]);
    host.refill();
    const tagged = mbufFromBytes(pool, frame(60), { vlanTci: 5 });
    expect(port.txBurst(0, Uint32Array.of(tagged), 1)).to.equal(1);
    expect([host.sent(0), port.xstatsGet()['tx_q0_dropped_vlan_off']]).to.deep.equal([[], 1]);
    host.receive(0, [{ bytes: frame(60) }], { olFlags: abi.OL_RX_VLAN, vlanTci: 7 });
    expect(port.rxBurst(0, out, 4)).to.equal(1);
    expect(new MbufView().at(out[0]!).olFlags & MBUF_RX_VLAN).to.equal(0);
    mbufFree(out[0]!);
    host.migrate(HOME);
    expect(events.at(-1)).to.deep.equal(['attached', {}]);
    expect(lastConfig(host)[1]).to.equal(1);
    host.refill();
    port.txBurst(0, Uint32Array.of(mbufFromBytes(pool, frame(60), { vlanTci: 5 })), 1);
    expect(host.sent(0).map(({ flags, tci }) => [flags, tci])).to.deep.equal([[abi.OL_TX_VLAN, 5]]);
    host.receive(0, [{ bytes: frame(60) }], { olFlags: abi.OL_RX_VLAN, vlanTci: 7 });
    expect(port.rxBurst(0, out, 4)).to.equal(1);
    expect(new MbufView().at(out[0]!)).to.include({ vlanTci: 7 });
  });

  it('requests no feature that the application did not ask for', () => {
    const bench = started();
    bench.host.migrate({ ...ELSEWHERE, features: 0xffff_ffff });
    expect(lastConfig(bench.host)[1]).to.equal(0);
    expect(bench.port.eventsSince(0).at(-1)!.detail).to.deep.equal({});
  });

  it('lets the application change its wishes meanwhile, but requests nothing that the current host lacks', () => {
    const bench = started(WISHES);
    const { host, port } = bench;
    host.migrate({ ...ELSEWHERE, features: 0 });
    expect(() => port.vlanOffloadSet({ strip: true })).to.throw('does not offer');
    port.vlanOffloadSet({ insert: false });
    host.migrate(HOME);
    expect(lastConfig(host)[1]).to.equal(1);
    host.migrate({ ...ELSEWHERE, features: 0 });
    expect(port.eventsSince(0).at(-1)!.detail).to.deep.equal({ lostFeatures: ['vlanStrip'] });
    port.vlanOffloadSet({ strip: false });
    host.migrate(HOME);
    expect(lastConfig(host)[1]).to.equal(0);
  });
});
