import { expect } from 'chai';
import {
  avpDriver,
  mbufFree,
  MbufView,
  Mempool,
  MBUF_RX_VLAN,
  MBUF_RX_VLAN_STRIPPED,
  type Port,
  ExternalBuffer,
} from '../../../driver';
import { asHost } from '../../../shared/actors';
import * as abi from '../../../shared/loops/layout';
import { store64 } from '../../../shared/u64';
import { expectErrno, frame, pieces, started, type BenchOptions } from './build';
import { FakeHost, type FakeHead, type FakeSegment } from './fakeHost';

const out = new Uint32Array(64);

interface Received {
  readonly bytes: Uint8Array;
  readonly port: number;
  readonly nbSegs: number;
  readonly olFlags: number;
  readonly vlanTci: number;
}

/** Receives one burst and frees it. */
function burst(port: Port, queue = 0, max = 64): Received[] {
  const count = port.rxBurst(queue, out, max);
  return Array.from(out.subarray(0, count), (mbuf) => {
    const { port: from, nbSegs, olFlags, vlanTci, pktLen } = new MbufView().at(mbuf);
    const bytes = new Uint8Array(new MbufView().at(mbuf).data());
    expect(pktLen).to.equal(bytes.length);
    mbufFree(mbuf);
    return { bytes, port: from, nbSegs, olFlags, vlanTci };
  });
}

/** Faulty packets, with the counter that each must raise; none is delivered. */
const FAULTS: readonly (readonly [
  what: string,
  counter: string,
  segments: readonly FakeSegment[],
  head?: FakeHead,
  options?: BenchOptions,
])[] = [
  ['pkt_len 0', 'dropped_short', [{ bytes: frame(60), dataLen: 0 }], { pktLen: 0 }],
  ['13 bytes', 'dropped_short', [{ bytes: frame(13) }]],
  [
    'more than max_rx_pkt_len',
    'dropped_long',
    [{ bytes: frame(1_001) }],
    {},
    { maxRxPktLen: 1_000, config: { mtu: 900 } },
  ],
  ['pkt_len above data_len', 'dropped_length', [{ bytes: frame(60) }], { pktLen: 61 }],
  ['pkt_len below data_len', 'dropped_length', [{ bytes: frame(60) }], { pktLen: 59 }],
  ['pkt_len below the sum of a chain', 'dropped_length', pieces(frame(100), 50), { pktLen: 80 }],
  ['nb_segs 0', 'dropped_segment_count', [{ bytes: frame(60) }], { nbSegs: 0 }],
  ['nb_segs 6', 'dropped_segment_count', pieces(frame(60), 10, 10, 10, 10, 10), { nbSegs: 6 }],
  ['a chain shorter than nb_segs', 'dropped_chain', [{ bytes: frame(60) }], { nbSegs: 2 }],
  ['a chain longer than nb_segs', 'dropped_chain', pieces(frame(60), 30), { nbSegs: 1, pktLen: 30 }],
  ['an empty segment', 'dropped_empty_segment', [{ bytes: frame(60) }, { bytes: new Uint8Array(0) }]],
  ['data_len above mbuf_size', 'dropped_segment_long', [{ bytes: frame(60), dataLen: 2_049 }], { pktLen: 2_049 }],
  ['data outside every pool', 'dropped_address', [{ bytes: frame(60), data: 0x1000n }]],
  ['data before its pool', 'dropped_address', [{ bytes: frame(60), data: 0x7f12_3400_0000n - 1n }]],
  ['data in the high half of nowhere', 'dropped_address', [{ bytes: frame(60), data: (1n << 64n) - 16n }]],
  ['next outside every pool', 'dropped_address', [{ bytes: frame(30), next: 0xdead_0000n }, { bytes: frame(30) }]],
  ['next not aligned', 'dropped_address', [{ bytes: frame(30), next: 0x7f12_3400_0020n }, { bytes: frame(30) }]],
  ['more than 5 guest mbufs', 'dropped_too_many_mbufs', [{ bytes: frame(321) }], {}, { dataRoomBytes: 128 + 64 }],
  ['a chain in simple mode', 'dropped_not_simple', pieces(frame(100), 50), {}, { maxRxPktLen: 1_518 }],
  ['a frame for another station', 'filtered_mac', [{ bytes: frame(60).with(5, 0x57) }]],
];

describe('driver: receive', () => {
  for (const [what, counter, segments, head = {}, options = {}] of FAULTS)
    it(`drops and counts ${what}, and returns its buffer`, () => {
      const { host, port, pool } = started(options);
      const bad = host.receive(0, segments, head);
      const good = host.receive(0, [{ bytes: frame(64, 2) }]);
      expect(burst(port).map((one) => one.bytes)).to.deep.equal([frame(64, 2)]);
      expect(host.drain('free', 0)).to.deep.equal([bad, good]);
      expect(port.xstatsGet()[`rx_q0_${counter}`]).to.equal(1);
      const { ierrors, ipackets, ibytes } = port.statsGet();
      expect({ ierrors, ipackets, ibytes }).to.deep.equal({
        ierrors: counter === 'filtered_mac' ? 0 : 1,
        ipackets: 1,
        ibytes: 64,
      });
      expect(pool.available).to.equal(pool.size);
    });

  it('drops entries of rx that are not descriptors, and returns them unchanged', () => {
    const { host, port, pool } = started();
    const wild = [0n, 1n, 0x7f12_3400_0001n, (1n << 64n) - 64n, 0x7f12_3400_0000n - 64n, 0x7f13_3400_0000n];
    wild.forEach((va) => host.push('rx', 0, va));
    expect(burst(port)).to.deep.equal([]);
    expect(host.drain('free', 0)).to.deep.equal(wild);
    expect(port.xstatsGet()['rx_q0_dropped_address']).to.equal(wild.length);
    expect(pool.available).to.equal(pool.size);
  });

  it('drops a chain that loops', () => {
    const { host, port } = started();
    const first = host.receive(0, pieces(frame(60), 20, 20), { nbSegs: 5, pktLen: 100 });
    asHost(() => store64(host.descAt(first)!.address + abi.DESC_NEXT, first));
    expect(burst(port)).to.deep.equal([]);
    expect(port.xstatsGet()['rx_q0_dropped_chain']).to.equal(1);
  });

  it('delivers frames of 14 bytes, of one mbuf, and of five segments in five mbufs', () => {
    const { host, port, pool } = started();
    const frames = [frame(14), frame(2_048), frame(9_216), frame(9_238)];
    host.receive(0, [{ bytes: frames[0]! }]);
    host.receive(0, [{ bytes: frames[1]! }]);
    host.receive(0, pieces(frames[2]!, 2_048, 2_048, 2_048, 2_048));
    host.receive(0, pieces(frames[3]!, 2_048, 2_047, 2_047, 2_048));
    const received = burst(port);
    expect(received.map((one) => one.bytes)).to.deep.equal(frames);
    expect(received.map((one) => one.nbSegs)).to.deep.equal([1, 1, 5, 5]);
    expect(received.every((one) => one.port === port.address)).to.equal(true);
    expect(pool.available).to.equal(pool.size);
  });

  it('joins short segments, even if they split the MAC addresses', () => {
    const { host, port } = started();
    host.receive(0, pieces(frame(70), 1, 2, 3, 60));
    expect(burst(port).map(({ bytes, nbSegs }) => ({ bytes, nbSegs }))).to.deep.equal([
      { bytes: frame(70), nbSegs: 1 },
    ]);
  });

  it('serves each queue from its own pool', () => {
    const host = new FakeHost();
    const port = avpDriver.probe(host.pci, host.platform);
    const pools = [Mempool.create({ mbufs: 8 }), Mempool.create({ mbufs: 8, dataRoomBytes: 128 + 256 })];
    port.configure({ rxQueues: 2, txQueues: 0 });
    pools.forEach((mempool, queue) => port.rxQueueSetup(queue, { mempool }));
    port.start();
    for (const queue of [0, 1]) host.receive(queue, [{ bytes: frame(600, queue) }]);
    expect(port.rxBurst(0, out, 64)).to.equal(1);
    expect(pools.map((pool) => pool.available)).to.deep.equal([7, 8]);
    expect(new MbufView().at(out[0]!).nbSegs).to.equal(1);
    mbufFree(out[0]!);
    expect(burst(port, 1).map((one) => one.nbSegs)).to.deep.equal([3]);
    expect(pools.map((pool) => pool.available)).to.deep.equal([8, 8]);
  });

  it('counts packets for which there is no mbuf, and goes on once there is one', () => {
    const { host, port, pool } = started({ mbufs: 2 });
    for (let seed = 0; seed < 4; seed++) host.receive(0, [{ bytes: frame(60, seed) }]);
    const held = pool.alloc();
    expect(burst(port)).to.have.length(1);
    expect(port.statsGet()).to.include({ rxNombuf: 3, ierrors: 0, ipackets: 1 });
    expect(host.drain('free', 0)).to.have.length(4);
    mbufFree(held);
    host.receive(0, [{ bytes: frame(60) }]);
    expect(burst(port)).to.have.length(1);
    expect(pool.available).to.equal(2);
  });

  it('takes at most the requested number, 64, and as many as free has room for', () => {
    const { host, port } = started({ fifoLen: 128, buffers: 128, mbufs: 128 });
    for (let seed = 0; seed < 100; seed++) host.receive(0, [{ bytes: frame(60, seed) }]);
    expect(burst(port, 0, 3)).to.have.length(3);
    expect(burst(port, 0, 1_000)).to.have.length(64);
    expect(burst(port, 0, 0)).to.have.length(0);
    expect(burst(port, 0, -1)).to.have.length(0);
    expect(burst(port, 7, 64)).to.have.length(0);
    expect(burst(port, 8, 64)).to.have.length(0);
    expect(burst(port)).to.have.length(33);
    for (let seed = 0; seed < 28; seed++) host.receive(0, [{ bytes: frame(60, seed) }]);
    expect(burst(port)).to.have.length(27);
    expect(burst(port)).to.have.length(0);
    host.drain('free', 0);
    expect(burst(port)).to.have.length(1);
  });

  it('gives each queue a run of FIFOs, longer runs first, and lets no FIFO starve', () => {
    const { host, port } = started({ maxRx: 8, minRx: 8, config: { rxQueues: 3 } });
    for (let fifo = 0; fifo < 8; fifo++) host.receive(fifo, [{ bytes: frame(60, fifo) }]);
    const perQueue = [0, 1, 2].map((queue) =>
      [0, 1, 2, 3].map(() => burst(port, queue).map((one) => one.bytes[6])).flat(),
    );
    expect(perQueue).to.deep.equal(
      [
        [0, 1, 2],
        [3, 4, 5],
        [6, 7],
      ].map((fifos) => fifos.map((fifo) => frame(60, fifo)[6])),
    );
    host.receive(4, [{ bytes: frame(60, 4) }]);
    host.receive(4, [{ bytes: frame(60, 5) }]);
    expect(burst(port, 1, 1)).to.have.length(1);
    host.receive(3, [{ bytes: frame(60, 3) }]);
    expect(burst(port, 1, 1)[0]!.bytes[6]).to.equal(frame(60, 3)[6]);
  });

  it('only counts while an index of the host is out of range', () => {
    const { host, port } = started();
    host.receive(0, [{ bytes: frame(60) }]);
    asHost(() => abi.storeFifoWrite(host.fifo('rx'), 64));
    expect(burst(port)).to.deep.equal([]);
    asHost(() => abi.storeFifoWrite(host.fifo('rx'), 1));
    asHost(() => abi.storeFifoRead(host.fifo('free'), 0x8000_0000));
    expect(burst(port)).to.deep.equal([]);
    asHost(() => abi.storeFifoRead(host.fifo('free'), 0));
    expect(burst(port)).to.have.length(1);
    expect(port.xstatsGet()).to.include({ rx_q0_refused_rx_index: 1, rx_q0_refused_free_index: 1 });
  });

  it("is not misled by changes to the guest's own index or to the length", () => {
    const { host, port } = started();
    host.receive(0, [{ bytes: frame(60) }]);
    asHost(() => {
      abi.storeFifoRead(host.fifo('rx'), 17);
      abi.storeFifoLen(host.fifo('rx'), 1 << 20);
      abi.storeFifoWrite(host.fifo('free'), 99);
    });
    expect(burst(port)).to.have.length(1);
  });

  it('accepts own, broadcast and multicast frames, and others only in promiscuous mode', () => {
    const { host, port } = started();
    const to = (first: number): Uint8Array => frame(60).with(0, first);
    const all = [frame(60), to(0xff), to(0x01), to(0x50)];
    all.forEach((bytes) => host.receive(0, [{ bytes }]));
    expect(burst(port).map((one) => one.bytes)).to.deep.equal(all.slice(0, 3));
    expect(port.promiscuousGet()).to.equal(false);
    port.promiscuousEnable();
    expect(port.promiscuousGet()).to.equal(true);
    host.receive(0, [{ bytes: all[3]! }]);
    expect(burst(port).map((one) => one.bytes)).to.deep.equal([all[3]]);
    port.promiscuousDisable();
    host.receive(0, [{ bytes: all[3]! }]);
    expect(burst(port)).to.deep.equal([]);
    expect(port.xstatsGet()['rx_q0_filtered_mac']).to.equal(2);
  });

  it('delivers a stripped tag with both flags if negotiated, and otherwise drops the tag', () => {
    const on = started({ config: { vlanStrip: true } });
    on.host.receive(0, [{ bytes: frame(60) }], { olFlags: abi.OL_RX_VLAN, vlanTci: 0x6123 });
    on.host.receive(0, [{ bytes: frame(60) }], { olFlags: 0xf7ff, vlanTci: 0x6123 });
    expect(burst(on.port).map(({ olFlags, vlanTci }) => ({ olFlags, vlanTci }))).to.deep.equal([
      { olFlags: MBUF_RX_VLAN | MBUF_RX_VLAN_STRIPPED, vlanTci: 0x6123 },
      { olFlags: 0, vlanTci: 0 },
    ]);
    const off = started();
    off.host.receive(0, [{ bytes: frame(60) }], { olFlags: abi.OL_RX_VLAN, vlanTci: 0x6123 });
    expect(burst(off.port).map(({ olFlags, vlanTci }) => ({ olFlags, vlanTci }))).to.deep.equal([
      { olFlags: 0, vlanTci: 0 },
    ]);
    expect(off.port.xstatsGet()['rx_q0_vlan_refused']).to.equal(1);
  });

  it('translates with every pool, across 4 GiB, and with the base pair alone', () => {
    const vas = [0x7f00_0000_0000n, 0x1_ffff_f000n, 0xffff_8000_0000_0000n];
    for (const options of [
      { poolVas: vas, buffers: 20 },
      { poolVas: [0xffff_f000n], fillPools: false },
    ]) {
      const { host, port } = started({ ...options, mbufs: 128 });
      const total = host.descs.length;
      let received = 0;
      for (let i = 0; i < total; i++) {
        host.receive(0, [{ bytes: frame(60, i) }]);
        expect(burst(port)[0]!.bytes).to.deep.equal(frame(60, i));
        received += host.drain('free', 0).length;
      }
      expect(received).to.equal(total);
    }
  });

  it('refuses a pool whose mbufs hold less than 64 bytes', () => {
    const { port } = started();
    port.stop();
    const small = Mempool.create({ mbufs: 1, dataRoomBytes: 128 + 63 });
    expectErrno('EINVAL', /is 63: expected at least 64 bytes/, () => port.rxQueueSetup(0, { mempool: small }));
  });

  it('refuses a pool that was released, and an address that is no pool', () => {
    const { port, pool } = started();
    port.stop();
    const released = Mempool.create({ mbufs: 1 });
    released.release();
    const external = ExternalBuffer.over(pool.address, 64);
    const wrong = [released, Mempool.at(0), Mempool.at(pool.address + 64), Mempool.at(external.address)];
    for (const mempool of wrong)
      expectErrno('EINVAL', /expected a mempool that is not released/, () => port.rxQueueSetup(0, { mempool }));
  });
});
