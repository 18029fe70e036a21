import { expect } from 'chai';
import * as mem from '#mem';
import { avpDriver, mbufFromBytes, Mempool, type Port } from '../../../driver';
import { PORT_BLOCKED, PORT_LOCK, RX_QUEUE_BUSY } from '../../../driver/loops/records';
import { rxQueueAt } from '../../../driver/loops/rx';
import { asHost } from '../../../shared/actors';
import { fifoBytes, fifoOpen } from '../../../shared/loops/fifo';
import * as abi from '../../../shared/loops/layout';
import { addWatcher } from '../../../shared/mem/watched';
import { load64 } from '../../../shared/u64';
import { frame, started } from './build';
import { expectGapIntact, expectTraffic, recordEvents, lastConfig, migrationCounters, receiveAll } from './exchange';
import { ELSEWHERE, FakeHost, MAC, type FakeOptions } from './fakeHost';
import { itWatched } from '../../support/watched';

const { MIGRATION_ATTACHED, MIGRATION_DETACHED } = abi;
const RINGS = ['tx', 'alloc', 'rx', 'free'] as const;
const HOME: FakeOptions = {};
const out = new Uint32Array(64);

describe('driver: attach', () => {
  it('adopts a host with other addresses, and uses none of the old host', () => {
    const bench = started();
    const { host, port } = bench;
    for (let i = 0; i < 3; i++) expectTraffic(bench, i);
    const events = recordEvents(bench);
    host.migrate(ELSEWHERE);
    expect(port.detached).to.equal(false);
    expect(port.linkGet().up).to.equal(true);
    expect(events).to.deep.equal([
      ['detached', {}],
      ['attached', {}],
    ]);
    expect(migrationCounters(bench)).to.deep.equal({ detached: 1, attached: 1 });
    expect(lastConfig(host)).to.deep.equal([0x99n, 0, 1, 1, 1]);
    for (let i = 0; i < 90; i++) expectTraffic(bench, i);
    expectGapIntact(host);
  });

  it('migrates ten times without losing an mbuf', () => {
    const bench = started();
    for (let round = 0; round < 5; round++) {
      bench.host.migrate({ ...ELSEWHERE, fifoLen: 32, buffers: 40 });
      expectTraffic(bench, round);
      bench.host.migrate(HOME);
      expectTraffic(bench, round);
    }
    expect(migrationCounters(bench)).to.deep.equal({ detached: 10, attached: 10 });
    expect(bench.pool.available).to.equal(bench.pool.size);
  });

  it('forgets the buffers that it took from alloc, and the entries of the old rings', () => {
    const bench = started();
    const { host, port, pool } = bench;
    host.refill();
    host.receive(0, [{ bytes: frame(60) }]);
    port.txBurst(0, Uint32Array.of(mbufFromBytes(pool, frame(60))), 1);
    host.migrate(ELSEWHERE);
    expect(receiveAll(bench)).to.deep.equal([]);
    expect(host.sent(0)).to.deep.equal([]);
    expectTraffic(bench);
  });

  it('keeps no address of the old host in the fields that bursts use', () => {
    const bench = started({ maxRx: 4, config: { rxQueues: 4, txQueues: 2 } });
    const { host, port } = bench;
    /** Words of the port's burst fields that point into the exported memory below `end`. */
    const stale = (end: number): number[] => {
      const words = Array.from({ length: PORT_LOCK / 4 }, (_unused, i) => mem.load32(port.address + i * 4));
      return words.filter((word) => word >= host.bars[2]! && word < end);
    };
    for (const queue of [0, 1]) expectTraffic(bench, 5, queue, queue, queue);
    expect(stale(host.bars[2]! + (1 << 23))).to.not.deep.equal([]);
    host.raiseMigration(MIGRATION_DETACHED);
    expect(stale(host.bars[2]! + (1 << 23))).to.deep.equal([]);
    host.migrate(HOME);
    for (const queue of [0, 1]) expectTraffic(bench, 5, queue, queue, queue);
    host.become({ ...ELSEWHERE, maxRx: 1 });
    expect(host.raiseMigration(MIGRATION_ATTACHED)).to.equal(MIGRATION_ATTACHED);
    expect(stale(host.bars[2]! + ELSEWHERE.gapBytes!)).to.deep.equal([]);
    expectTraffic(bench);
  });

  itWatched('touches only the ring headers between the detach ack and the answer to request 3', () => {
    const bench = started();
    const { host, port, pool } = bench;
    const mbuf = mbufFromBytes(pool, frame(60));
    host.raiseMigration(MIGRATION_DETACHED);
    host.become(ELSEWHERE);
    host.refill();
    host.receive(0, [{ bytes: frame(60) }]);
    const rings = RINGS.flatMap((kind) => [0, 1].map((index) => host.fifo(kind, index)));
    const touched: string[] = [];
    let answered = false;
    host.answer = () => {
      expect([port.rxBurst(0, out, 64), port.txBurst(0, Uint32Array.of(mbuf), 1)]).to.deep.equal([0, 0]);
      answered = true;
      return 0;
    };
    const stopWatching = addWatcher((kind, address, _bytes, actor) => {
      const ring = rings.find((base) => address >= base && address < base + fifoBytes(64));
      if (actor === 0 || answered || ring === undefined) return;
      if (kind !== 'load' || address >= ring + abi.FIFO_BYTES) touched.push(`${kind} at ${address - ring}`);
    });
    try {
      port.rxBurst(0, out, 64);
      expect(host.raiseMigration(MIGRATION_ATTACHED)).to.equal(MIGRATION_ATTACHED);
    } finally {
      stopWatching();
    }
    expect([answered, touched]).to.deep.equal([true, []]);
    expect(port.rxBurst(0, out, 64)).to.equal(1);
  });

  itWatched('clears the blocked flag after every other field that bursts use, and acks after that', () => {
    const { host, port } = started();
    host.raiseMigration(MIGRATION_DETACHED);
    host.become(ELSEWHERE);
    const ack = host.bars[0]! + abi.REG_MIGRATION_ACK;
    let lowered = false;
    const after: number[] = [];
    const stopWatching = addWatcher((kind, address, bytes, actor) => {
      if (actor === 0 || kind === 'load' || kind === 'fence') return;
      if (address === port.address + PORT_BLOCKED) lowered = true;
      else if (address === ack) after.push(lowered ? ack : 0);
      else if (lowered && address < port.address + PORT_LOCK && address + bytes > port.address) after.push(address);
    });
    try {
      host.raiseMigration(MIGRATION_ATTACHED);
    } finally {
      stopWatching();
    }
    expect(after).to.deep.equal([ack]);
  });

  it('sends the link state in request 3, and no request for a port that was never configured', () => {
    const preparations: readonly (readonly [state: string, up: number | null, prepare: (port: Port) => void])[] = [
      ['probed', null, () => {}],
      ['configured', 0, (port) => port.configure({ rxQueues: 1, txQueues: 1 })],
      ['started', 1, (port) => start(port)],
      ['stopped', 0, (port) => (start(port), port.stop())],
    ];
    function start(port: Port): void {
      port.configure({ rxQueues: 1, txQueues: 1 });
      port.rxQueueSetup(0, { mempool: Mempool.create({ mbufs: 4 }) });
      port.txQueueSetup(0);
      port.start();
    }
    for (const [state, up, prepare] of preparations) {
      const host = new FakeHost();
      const port = avpDriver.probe(host.pci, host.platform);
      prepare(port);
      host.migrate(ELSEWHERE);
      const sent = host.requests.slice(host.requests.findLastIndex(({ id }) => id === abi.REQ_SHUTDOWN) + 1);
      expect([port.state, sent.map(({ id }) => id)]).to.deep.equal([state, up === null ? [] : [abi.REQ_CONFIG]]);
      if (up !== null) expect(lastConfig(host).at(-1)).to.equal(up);
      if (state !== 'started') start(port);
      expect(port.linkGet().up).to.equal(true);
    }
  });

  it('adopts the indices of the new rings', () => {
    const bench = started();
    const { host } = bench;
    host.raiseMigration(MIGRATION_DETACHED);
    host.become(ELSEWHERE);
    asHost(() => {
      for (const kind of RINGS) {
        abi.storeFifoWrite(host.fifo(kind), 61);
        abi.storeFifoRead(host.fifo(kind), 61);
        fifoOpen(host.end(kind, 0), host.fifo(kind), 64, 61);
      }
    });
    expect(host.raiseMigration(MIGRATION_ATTACHED)).to.equal(MIGRATION_ATTACHED);
    for (let i = 0; i < 8; i++) expectTraffic(bench, i);
  });

  it('keeps the MAC address that it read at the probe', () => {
    const bench = started();
    const { host, port } = bench;
    host.raiseMigration(MIGRATION_DETACHED);
    host.become(ELSEWHERE);
    asHost(() => mem.store8(host.info + abi.DEVICE_INFO_ETHADDR + 5, 0x99));
    expect(host.raiseMigration(MIGRATION_ATTACHED)).to.equal(MIGRATION_ATTACHED);
    expect(port.macAddrGet()).to.deep.equal(MAC);
    expectTraffic(bench);
  });

  it('does not wait for an overdue answer of the former host', () => {
    const bench = started();
    const { host, port } = bench;
    host.raiseMigration(MIGRATION_DETACHED);
    host.become(ELSEWHERE);
    host.answer = () => 'silent';
    host.raiseMigration(MIGRATION_ATTACHED);
    host.answer = () => 0;
    const startMs = host.clock.nowMs();
    host.become(HOME);
    expect(host.raiseMigration(MIGRATION_ATTACHED)).to.equal(MIGRATION_ATTACHED);
    expect(host.clock.nowMs() - startMs).to.be.below(20);
    port.stop();
  });
});

describe('driver: attach without a detach', () => {
  itWatched('changes nothing if the host is still the same', () => {
    const bench = started();
    const { host, port } = bench;
    expectTraffic(bench);
    const [requests, events] = [host.requests.length, recordEvents(bench)];
    host.receive(0, [{ bytes: frame(333) }]);
    const blocked: number[] = [];
    const stopWatching = addWatcher((kind, address) => {
      if (kind === 'update' && address === port.address + PORT_BLOCKED) blocked.push(address);
    });
    try {
      for (let i = 0; i < 3; i++) expect(host.raiseMigration(MIGRATION_ATTACHED)).to.equal(MIGRATION_ATTACHED);
    } finally {
      stopWatching();
    }
    expect([host.requests.length, events, blocked]).to.deep.equal([requests, [], []]);
    expect(migrationCounters(bench)).to.deep.equal({ repeated: 3 });
    expect(receiveAll(bench)).to.deep.equal([frame(333)]);
    host.reclaim(0);
    expectTraffic(bench);
  });

  it('adopts another host, even one that differs only in its memory map', () => {
    const split = (host: FakeHost): void => {
      const map = host.bars[4]! + abi.MEMMAP_INFO_MAPS;
      abi.storeMemmapInfoNbMaps(host.bars[4]!, 2);
      mem.store32(map + abi.MEMMAP_LENGTH, 1 << 22);
      mem.store32(map + abi.MEMMAP_BYTES + abi.MEMMAP_LENGTH, 1 << 22);
      mem.store32(map + abi.MEMMAP_BYTES + abi.MEMMAP_LENGTH + 4, 0);
      mem.store32(map + abi.MEMMAP_BYTES + abi.MEMMAP_PHYS_ADDR, (1 << 22) >>> 0);
      mem.store32(map + abi.MEMMAP_BYTES + abi.MEMMAP_PHYS_ADDR + 4, 1);
    };
    const others: readonly ((host: FakeHost) => void)[] = [
      (host) => host.become(ELSEWHERE),
      (host) => asHost(() => split(host)),
      (host) => asHost(() => mem.store32(host.info + abi.DEVICE_INFO_DEVICE_ID, 1)),
    ];
    for (const change of others) {
      const bench = started();
      const { host, port } = bench;
      const events = recordEvents(bench);
      change(host);
      host.answer = (id) => {
        expect([id, port.detached]).to.deep.equal([abi.REQ_CONFIG, true]);
        return 0;
      };
      expect(host.raiseMigration(MIGRATION_ATTACHED)).to.equal(MIGRATION_ATTACHED);
      expect(events).to.deep.equal([
        ['detached', { phase: 'attach' }],
        ['attached', {}],
      ]);
      expect(migrationCounters(bench)).to.deep.equal({ attached: 1 });
      expect(lastConfig(host)[0]).to.equal(load64(host.info + abi.DEVICE_INFO_DEVICE_ID));
      expectTraffic(bench);
    }
  });

  it('adopts the new host after a detach that it refused', () => {
    const bench = started();
    const { host } = bench;
    host.answer = () => -5;
    host.raiseMigration(MIGRATION_DETACHED);
    host.answer = () => 0;
    host.become(ELSEWHERE);
    expect(host.raiseMigration(MIGRATION_ATTACHED)).to.equal(MIGRATION_ATTACHED);
    expectTraffic(bench);
    expectGapIntact(host);
  });

  it('stays detached while a burst on the old host runs, and attaches once it has ended', () => {
    const bench = started();
    const { host, port } = bench;
    const word = rxQueueAt(port.address, 0) + RX_QUEUE_BUSY;
    mem.store32(word, 1);
    host.become(ELSEWHERE);
    for (let i = 0; i < 2; i++) expect(host.raiseMigration(MIGRATION_ATTACHED)).to.equal(abi.MIGRATION_ERROR);
    expect([port.detached, migrationCounters(bench)]).to.deep.equal([true, { refused_burst: 2 }]);
    mem.store32(word, 0);
    expect(host.raiseMigration(MIGRATION_ATTACHED)).to.equal(MIGRATION_ATTACHED);
    expectTraffic(bench);
  });
});
