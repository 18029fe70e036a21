import { expect } from 'chai';
import { mbufAttach, mbufFree, mbufFromBytes, MbufView, Mempool, type PacketOptions, type Port } from '../../../driver';
import {
  loadMbufDataRoom,
  storeMbufDataOff,
  storeMbufDataRoom,
  storeMbufRoomBytes,
} from '../../../driver/loops/records';
import { asHost } from '../../../shared/actors';
import * as abi from '../../../shared/loops/layout';
import { store64 } from '../../../shared/u64';
import { frame, started, type Bench, type BenchOptions } from './build';

const view = new MbufView();

function send(port: Port, mbufs: readonly number[], queue = 0): number {
  return port.txBurst(queue, Uint32Array.from(mbufs), mbufs.length);
}

function packet(bench: Bench, bytes: number, options: PacketOptions = {}): number {
  return mbufFromBytes(bench.pool, frame(bytes), options);
}

/** Packets that can never be sent, with the counter that each must raise. */
const FAULTS: readonly (readonly [
  what: string,
  counter: string,
  make: (bench: Bench) => number,
  options?: BenchOptions,
])[] = [
  ['an empty packet', 'dropped_short', (b) => packet(b, 0)],
  ['13 bytes', 'dropped_short', (b) => packet(b, 13)],
  ['more than 5 buffers', 'dropped_too_many_buffers', (b) => packet(b, 5 * 256 + 1), { mbufSize: 256 }],
  ['more than 65,535 bytes', 'dropped_long', (b) => packet(b, 65_536), { mbufSize: 16_384, buffers: 16, mbufs: 64 }],
  ['more buffers than alloc ever holds', 'dropped_alloc_small', (b) => packet(b, 4_097), { fifoLen: 2 }],
  ['a tag that was not negotiated', 'dropped_vlan_off', (b) => packet(b, 60, { vlanTci: 5 })],
  [
    'pkt_len above the data',
    'dropped_chain',
    (b) => {
      const m = packet(b, 60);
      view.at(m).pktLen = 61;
      return m;
    },
  ],
  [
    'pkt_len below the data',
    'dropped_chain',
    (b) => {
      const m = packet(b, 60);
      view.at(m).pktLen = 59;
      return m;
    },
  ],
  [
    'nb_segs above the chain',
    'dropped_chain',
    (b) => {
      const m = packet(b, 60);
      view.at(m).nbSegs = 2;
      return m;
    },
  ],
  [
    'nb_segs below the chain',
    'dropped_chain',
    (b) => {
      const m = packet(b, 60, { segmentBytes: 30 });
      view.at(m).nbSegs = 1;
      return m;
    },
  ],
  [
    'nb_segs 0',
    'dropped_chain',
    (b) => {
      const m = packet(b, 60);
      view.at(m).nbSegs = 0;
      return m;
    },
  ],
  [
    'data_len beyond the data room',
    'dropped_chain',
    (b) => {
      const m = packet(b, 60);
      view.at(m).dataLen = 2_049;
      view.pktLen = 2_049;
      return m;
    },
  ],
  ...(
    [
      ['an offset beyond the data room', (m) => storeMbufDataOff(m, 2_177)],
      ['an offset that leaves too little of the data room', (m) => storeMbufDataOff(m, 2_176 - 59)],
      ['the data room of another mbuf', (m) => storeMbufDataRoom(m, loadMbufDataRoom(m) + 64)],
      [
        'a data room longer than its mbuf',
        (m) => {
          storeMbufRoomBytes(m, 4_096);
          storeMbufDataOff(m, 2_500);
        },
      ],
    ] as const satisfies readonly (readonly [string, (mbuf: number) => void])[]
  ).map(
    ([what, spoil]) =>
      [
        what,
        'dropped_chain',
        (b: Bench): number => {
          const m = packet(b, 60);
          spoil(m);
          return m;
        },
      ] as const,
  ),
  [
    'a chain that loops',
    'dropped_chain',
    (b) => {
      const m = packet(b, 60, { segmentBytes: 30 });
      view.at(view.at(m).next).next = m;
      view.at(m).nbSegs = 60_000;
      return m;
    },
  ],
  [
    'a loop of empty segments',
    'dropped_chain',
    (b) => {
      const m = packet(b, 60);
      view.at(m).dataLen = 0;
      view.next = m;
      view.nbSegs = 0xffff_ffff;
      return m;
    },
  ],
];

/** Sends one packet in a burst of its own, and returns what the host gets. */
function sent(bench: Bench, mbuf: number): Uint8Array[] {
  bench.host.refill(true);
  expect(send(bench.port, [mbuf])).to.equal(1);
  return bench.host.sent(0).map((one) => one.bytes);
}

describe('driver: transmit', () => {
  for (const [what, counter, make, options = {}] of FAULTS)
    for (const [where, former] of [
      ['', 0],
      [' behind packets that took the straight path', 2],
    ] as const)
      it(`takes, frees and counts ${what}${where}, and sends the next packet`, () => {
        const bench = started(options);
        bench.host.refill();
        // The first packet tells the straight path the mempool, and the second one takes it.
        for (let i = 0; i < former; i++) {
          expect(send(bench.port, [packet(bench, 64)])).to.equal(1);
          expect(bench.host.sent(0)).to.have.length(1);
          bench.host.refill();
        }
        expect(send(bench.port, [make(bench), packet(bench, 64)])).to.equal(2);
        expect(bench.host.sent(0).map((one) => one.bytes)).to.deep.equal([frame(64)]);
        expect(bench.port.xstatsGet()[`tx_q0_${counter}`]).to.equal(1);
        const opackets = former + 1;
        expect(bench.port.statsGet()).to.include({ opackets, obytes: opackets * 64, oerrors: 1, ierrors: 0 });
        expect(bench.pool.available).to.equal(bench.pool.size);
      });

  it('sends frames of 14 bytes, of one buffer and of five buffers unchanged, whatever the buffers of alloc hold', () => {
    const bench = started();
    const sizes = [14, 60, 2_048, 2_049, 9_216, 10_240];
    bench.host.refill(true);
    expect(
      send(
        bench.port,
        sizes.map((bytes) => packet(bench, bytes)),
      ),
    ).to.equal(6);
    const sent = bench.host.sent(0);
    expect(sent.map((one) => one.bytes)).to.deep.equal(sizes.map((bytes) => frame(bytes)));
    expect(sent.map(({ segments, flags, tci, pktLen }) => [segments, flags, tci, pktLen])).to.deep.equal(
      sizes.map((bytes) => [Math.ceil(bytes / 2_048), 0, 0, bytes]),
    );
    expect(bench.pool.available).to.equal(bench.pool.size);
  });

  it('sends each of them unchanged behind others too, in descriptors whose fields are all written', () => {
    const bench = started();
    for (const bytes of [60, 14, 2_048, 2_047, 2_049, 60, 15]) {
      expect(sent(bench, packet(bench, bytes))).to.deep.equal([frame(bytes)]);
      expect(bench.pool.available).to.equal(bench.pool.size);
    }
    bench.host.refill(true);
    expect(send(bench.port, [packet(bench, 60), packet(bench, 61), packet(bench, 62)])).to.equal(3);
    expect(bench.host.sent(0).map(({ segments, flags, tci, pktLen }) => [segments, flags, tci, pktLen])).to.deep.equal(
      [60, 61, 62].map((bytes) => [1, 0, 0, bytes]),
    );
    expect(bench.port.statsGet()).to.include({
      opackets: 10,
      oerrors: 0,
      obytes: 60 + 14 + 2_048 + 2_047 + 2_049 + 60 + 15 + 183,
    });
  });

  it('sends what an indirect mbuf refers to, behind others too, and not its own data room', () => {
    const bench = started();
    for (let turn = 0; turn < 3; turn++) {
      const [indirect, owner] = [packet(bench, 90), mbufFromBytes(bench.pool, frame(200, 7))];
      mbufAttach(indirect, owner, 128 + 20, 90);
      expect(sent(bench, indirect)).to.deep.equal([frame(200, 7).slice(20, 110)]);
      mbufFree(owner);
      expect(bench.pool.available).to.equal(bench.pool.size);
    }
  });

  it('sends mbuf chains with empty and odd segments, in simple mode too', () => {
    for (const maxRxPktLen of [9_238, 1_518]) {
      const bench = started({ maxRxPktLen });
      bench.host.refill();
      const chain = packet(bench, 3_000, { segmentBytes: 700 });
      const empty = bench.pool.alloc();
      const second = view.at(chain).next;
      view.at(empty).next = second;
      view.at(chain).next = empty;
      view.nbSegs += 1;
      expect(send(bench.port, [chain])).to.equal(1);
      expect(bench.host.sent(0).map((one) => [one.bytes, one.segments])).to.deep.equal([[frame(3_000), 2]]);
      expect(bench.pool.available).to.equal(bench.pool.size);
    }
  });

  it('sends a tag if VLAN offload is negotiated, even for insertion alone', () => {
    const bench = started({ config: { vlanInsert: true } });
    bench.host.refill(true);
    expect(send(bench.port, [packet(bench, 60, { vlanTci: 0x6123 }), packet(bench, 60)])).to.equal(2);
    expect(bench.host.sent(0).map(({ flags, tci }) => [flags, tci])).to.deep.equal([
      [abi.OL_TX_VLAN, 0x6123],
      [0, 0],
    ]);
  });

  it('leaves packets that find no buffer or no room with the caller', () => {
    const bench = started({ fifoLen: 8, mbufs: 128, config: { txQueues: 2 } });
    bench.host.refill();
    const jumbo = packet(bench, 9_000);
    expect(
      send(bench.port, [packet(bench, 60), packet(bench, 60), packet(bench, 60), jumbo, packet(bench, 60)]),
    ).to.equal(3);
    expect(view.at(jumbo).pktLen).to.equal(9_000);
    expect(bench.port.statsGet()).to.include({ opackets: 3, oerrors: 0 });
    bench.host.refill();
    expect(
      send(
        bench.port,
        Array.from({ length: 7 }, () => packet(bench, 60)),
      ),
    ).to.equal(4);
    bench.host.refill();
    expect(send(bench.port, [packet(bench, 60)])).to.equal(0);
    expect(bench.host.sent(0)).to.have.length(7);
    expect(bench.port.statsGet().oerrors).to.equal(0);
  });

  it('takes at most 64 packets, and none on a queue that does not exist', () => {
    const bench = started({ fifoLen: 128, buffers: 256, mbufs: 128 });
    bench.host.refill();
    const mbufs = Array.from({ length: 70 }, () => packet(bench, 60));
    expect(send(bench.port, mbufs)).to.equal(64);
    for (const queue of [1, 7, 8, -1]) expect(send(bench.port, mbufs.slice(64), queue)).to.equal(0);
    expect(bench.port.txBurst(0, Uint32Array.from(mbufs.slice(64)), 100)).to.equal(6);
    expect(bench.host.sent(0)).to.have.length(70);
  });

  it('skips unusable entries of alloc once each, and loses no packet', () => {
    const bench = started();
    const [bad, ...good] = bench.host.descs.slice(0, 5);
    asHost(() => store64(bad!.address + abi.DESC_DATA, bad!.dataVa + (1n << 40n)));
    const entries = [0n, bad!.va, good[0]!.va, 0x40n, good[1]!.va, (1n << 64n) - 1n];
    entries.forEach((va) => bench.host.push('alloc', 0, va));
    // Two usable buffers are too few for the large packet and enough for the small one.
    const [large, small] = [packet(bench, 5_000), packet(bench, 3_000)];
    expect(send(bench.port, [large])).to.equal(0);
    expect(bench.port.xstatsGet()['tx_q0_refused_buffer']).to.equal(0);
    expect(send(bench.port, [small])).to.equal(1);
    expect(bench.port.xstatsGet()['tx_q0_refused_buffer']).to.equal(3);
    expect(bench.host.sent(0).map((one) => one.bytes)).to.deep.equal([frame(3_000)]);
    expect(send(bench.port, [large])).to.equal(0);
    expect(bench.port.xstatsGet()['tx_q0_refused_buffer']).to.equal(4);
    for (const { va } of good.slice(2)) bench.host.push('alloc', 0, va);
    bench.host.push('alloc', 0, bench.host.descs[7]!.va);
    expect(send(bench.port, [large])).to.equal(1);
    expect(bench.host.sent(0).map((one) => one.bytes)).to.deep.equal([frame(5_000)]);
    expect(bench.port.statsGet().oerrors).to.equal(0);
  });

  it('only counts while an index of the host is out of range', () => {
    const bench = started();
    bench.host.refill();
    const mbuf = packet(bench, 60);
    asHost(() => abi.storeFifoRead(bench.host.fifo('tx'), 64));
    expect(send(bench.port, [mbuf])).to.equal(0);
    asHost(() => abi.storeFifoRead(bench.host.fifo('tx'), 0));
    const write = asHost(() => abi.loadFifoWrite(bench.host.fifo('alloc')));
    asHost(() => abi.storeFifoWrite(bench.host.fifo('alloc'), 0xffff_ffff));
    expect(send(bench.port, [mbuf])).to.equal(0);
    asHost(() => abi.storeFifoWrite(bench.host.fifo('alloc'), write));
    expect(send(bench.port, [mbuf])).to.equal(1);
    expect(bench.port.xstatsGet()).to.include({ tx_q0_refused_tx_index: 1, tx_q0_refused_alloc_index: 1 });
  });

  it('frees each mbuf to its own pool', () => {
    const bench = started();
    bench.host.refill();
    const other = Mempool.create({ mbufs: 4 });
    const mixed = [
      packet(bench, 60),
      mbufFromBytes(other, frame(60)),
      packet(bench, 60),
      mbufFromBytes(other, frame(4_000)),
    ];
    expect(send(bench.port, mixed)).to.equal(4);
    expect([bench.pool.available, other.available]).to.deep.equal([bench.pool.size, 4]);
  });

  it('survives a burst with the same mbuf twice', () => {
    const bench = started();
    bench.host.refill();
    const mbuf = packet(bench, 60);
    expect(send(bench.port, [mbuf, mbuf])).to.equal(2);
    expect(bench.pool.available).to.equal(bench.pool.size);
    const all = Array.from({ length: bench.pool.size }, () => bench.pool.alloc());
    expect(new Set(all).size).to.equal(bench.pool.size);
    all.forEach(mbufFree);
  });
});
