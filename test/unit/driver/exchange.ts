import { expect } from 'chai';
import * as mem from '#mem';
import { mbufFree, mbufFromBytes, MbufView, type PortEvent, type PortEventDetail } from '../../../driver';
import { asHost } from '../../../shared/actors';
import { REQ_CONFIG } from '../../../shared/loops/layout';
import { frame, type Bench } from './build';
import type { FakeHost } from './fakeHost';

const out = new Uint32Array(64);

/** Receives all packets of one queue, and frees their mbufs. */
export function receiveAll({ port }: Bench, queue = 0): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let count = -1; count !== 0;) {
    count = port.rxBurst(queue, out, 64);
    for (const mbuf of out.subarray(0, count)) {
      frames.push(new Uint8Array(new MbufView().at(mbuf).data()));
      mbufFree(mbuf);
    }
  }
  return frames;
}

/** Sends a frame on a transmit queue and receives one from a receive FIFO; expects each to arrive once. */
export function expectTraffic(bench: Bench, seed = 1, txQueue = 0, rxFifo = 0, rxQueue = 0): void {
  const { host, port, pool } = bench;
  const [inward, outward] = [frame(900, seed), frame(1_300, seed + 1)];
  host.refill();
  host.receive(rxFifo, [{ bytes: inward }]);
  expect(receiveAll(bench, rxQueue)).to.deep.equal([inward]);
  expect(host.reclaim(rxFifo)).to.equal(1);
  expect(port.txBurst(txQueue, Uint32Array.of(mbufFromBytes(pool, outward)), 1)).to.equal(1);
  expect(host.sent(txQueue).map(({ bytes }) => bytes)).to.deep.equal([outward]);
}

/** Expects that a blocked port moves no packet and touches no mbuf. */
export function expectNoTraffic(bench: Bench): void {
  const { port, pool } = bench;
  const before = pool.available;
  const mbuf = mbufFromBytes(pool, frame(60));
  expect([port.rxBurst(0, out, 64), port.txBurst(0, Uint32Array.of(mbuf), 1)]).to.deep.equal([0, 0]);
  expect(port.linkGet().up).to.equal(false);
  mbufFree(mbuf);
  expect(pool.available).to.equal(before);
}

/** Collects the events of a port from now on. */
export function recordEvents({ port }: Pick<Bench, 'port'>): [PortEvent, PortEventDetail][] {
  const events: [PortEvent, PortEventDetail][] = [];
  port.onEvent((event, detail) => events.push([event, detail]));
  return events;
}

/** The migration counters that are not 0, without the prefix `migration_`. */
export function migrationCounters({ port }: Pick<Bench, 'port'>): Record<string, number> {
  const all = Object.entries(port.xstatsGet()).filter(([name, value]) => name.startsWith('migration_') && value !== 0);
  return Object.fromEntries(all.map(([name, value]) => [name.replace('migration_', ''), value]));
}

/** Fields of the last request 3: device id, features, transmit queues, receive FIFOs, link. */
export function lastConfig(host: FakeHost): unknown[] {
  const { body } = host.requests.findLast(({ id }) => id === REQ_CONFIG)!;
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  return [
    view.getBigUint64(0, true),
    view.getUint32(16, true),
    view.getUint16(20, true),
    view.getUint16(22, true),
    view.getUint8(24),
  ];
}

/** Expects that the memory below that of the current host still has its filler bytes. */
export function expectGapIntact(host: FakeHost): void {
  const bytes = asHost(() => mem.readBytes(host.bars[2]!, host.options.gapBytes!));
  expect(Buffer.compare(bytes, Buffer.alloc(bytes.length, 0xa5))).to.equal(0);
}
