import { expect } from 'chai';
import { avpDriver, Mempool, type Port, type PortConfig } from '../../../driver';
import type { ErrnoName } from '../../../shared/errno';
import { ErrnoError } from '../../../shared/errors';
import { FakeHost, MAC, type FakeOptions } from './fakeHost';

export interface Bench {
  readonly host: FakeHost;
  readonly port: Port;
  readonly pool: Mempool;
}

export interface BenchOptions extends FakeOptions {
  readonly config?: Partial<PortConfig>;
  readonly mbufs?: number;
  readonly dataRoomBytes?: number;
}

/** Makes a host and a started port whose queues share one mempool. */
export function started(options: BenchOptions = {}): Bench {
  const host = new FakeHost(options);
  const port = avpDriver.probe(host.pci, host.platform);
  const config = { rxQueues: 1, txQueues: 1, ...options.config };
  const room = options.dataRoomBytes === undefined ? {} : { dataRoomBytes: options.dataRoomBytes };
  const pool = Mempool.create({ mbufs: options.mbufs ?? 64, ...room });
  port.configure(config);
  for (let queue = 0; queue < config.rxQueues; queue++) port.rxQueueSetup(queue, { mempool: pool });
  for (let queue = 0; queue < config.txQueues; queue++) port.txQueueSetup(queue);
  port.start();
  return { host, port, pool };
}

/** A frame for this port's MAC address, whose other bytes follow from `seed`. */
export function frame(bytes: number, seed = 1): Uint8Array {
  const result = Uint8Array.from({ length: bytes }, (_unused, i) => (i * 7 + seed * 31) & 0xff);
  result.set(MAC.subarray(0, Math.min(6, bytes)));
  return result;
}

/** Cuts a frame into segments of the given sizes, with the rest in a last one. */
export function pieces(bytes: Uint8Array, ...sizes: number[]): { bytes: Uint8Array }[] {
  const parts: { bytes: Uint8Array }[] = [];
  let at = 0;
  for (const size of sizes) {
    parts.push({ bytes: bytes.subarray(at, at + size) });
    at += size;
  }
  return at < bytes.length ? [...parts, { bytes: bytes.subarray(at) }] : parts;
}

/** Expects that `body` throws an ErrnoError with this code and a message that matches. */
export function expectErrno(code: ErrnoName, message: RegExp, body: () => unknown): void {
  let caught: unknown;
  try {
    body();
  } catch (error) {
    caught = error;
  }
  expect(caught, `expected ${code}`).to.be.instanceOf(ErrnoError);
  expect((caught as ErrnoError).message).to.match(message);
  expect((caught as ErrnoError).code).to.equal(code);
}
