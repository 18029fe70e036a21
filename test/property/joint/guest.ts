/**
 * The application that uses a port: its mempools and bursts. It checks every mbuf that the driver delivers.
 */
import { load32 } from '#mem';
import { expect } from 'chai';
import {
  MBUF_RX_VLAN,
  MBUF_RX_VLAN_STRIPPED,
  mbufFree,
  mbufFromBytes,
  MbufView,
  Mempool,
  type PacketOptions,
  type Port,
  type PortConfig,
} from '../../../driver';
import { loadMbufDataOff, loadMbufPool, loadMbufRefcnt, MEMPOOL_BYTES } from '../../../driver/loops/records';
import { HEADROOM_BYTES, MAX_BURST, MAX_SEGMENTS, MIN_PACKET_BYTES } from '../../../shared/loops/layout';
import { ensure } from './ensure';

export interface GuestOptions extends PortConfig {
  /** Number of mbufs in each receive queue's pool; default 64. */
  readonly rxMbufs?: number;
  /** Data bytes per mbuf of each receive queue; repeats if there are more queues. Default 2,048. */
  readonly rxMbufBytes?: readonly number[];
  readonly txMbufs?: number;
  readonly txMbufBytes?: number;
}

/** Returns the port's own part of the options. */
export function configOf(options: GuestOptions): PortConfig {
  const { rxMbufs: _rxMbufs, rxMbufBytes: _rxMbufBytes, ...rest } = options;
  const { txMbufs: _txMbufs, txMbufBytes: _txMbufBytes, ...config } = rest;
  return config;
}

/** A packet that the driver delivered. */
export interface Received {
  readonly bytes: Uint8Array;
  readonly vlanTci: number | null;
}

/** Transmit counts of the application. */
export interface Attempts {
  /** Packets that the application made. */
  attempted: number;
  /** Packets that `txBurst` took. */
  taken: number;
}

const BOTH_FLAGS = MBUF_RX_VLAN | MBUF_RX_VLAN_STRIPPED;
const QUEUES = 8;

export class Guest {
  readonly rxPools: Mempool[];
  readonly txPool: Mempool;
  readonly attempts: Attempts = { attempted: 0, taken: 0 };
  /** Packets that the application still owns and wants to send, by queue. */
  readonly backlog: number[][] = Array.from({ length: QUEUES }, () => []);
  /** Received mbufs that the application has not freed. */
  private readonly kept: number[] = [];
  private readonly slots = new Uint32Array(128);
  private readonly view = new MbufView();

  /** Makes the pools, and leaves the port alone until `setUp`. */
  constructor(
    readonly port: Port,
    readonly options: GuestOptions,
  ) {
    const { rxQueues, rxMbufs = 64, rxMbufBytes = [2_048], txMbufs = 96, txMbufBytes = 2_048 } = options;
    this.rxPools = Array.from({ length: rxQueues }, (_unused, queue) =>
      Mempool.create({
        mbufs: rxMbufs,
        dataRoomBytes: rxMbufBytes[queue % rxMbufBytes.length]! + HEADROOM_BYTES,
        label: `rx pool ${queue}`,
      }),
    );
    this.txPool = Mempool.create({ mbufs: txMbufs, dataRoomBytes: txMbufBytes + HEADROOM_BYTES, label: 'tx pool' });
  }

  /** Configures the port and sets its queues up. */
  setUp(): this {
    this.port.configure(configOf(this.options));
    this.rxPools.forEach((mempool, queue) => this.port.rxQueueSetup(queue, { mempool }));
    for (let queue = 0; queue < this.options.txQueues; queue++) this.port.txQueueSetup(queue);
    return this;
  }

  start(): this {
    this.port.start();
    return this;
  }

  /** Runs one receive burst into an array larger than any burst, and frees the mbufs unless `keep` is set. */
  receive(queue: number, max: number, keep = false): Received[] {
    const count = this.port.rxBurst(queue, this.slots, max);
    ensure(count >= 0 && count <= Math.min(max, MAX_BURST), () => `rx burst of ${max} gave ${count}`);
    return Array.from({ length: count }, (_unused, i) => {
      const mbuf = this.slots[i]!;
      const packet = this.inspect(queue, mbuf);
      if (keep) this.kept.push(mbuf);
      else mbufFree(mbuf);
      return packet;
    });
  }

  /** Receives on all queues until a round brings no packet. */
  receiveAll(burst = MAX_BURST): Received[] {
    const all: Received[] = [];
    for (let before = -1; before !== all.length;) {
      before = all.length;
      for (let queue = 0; queue < this.options.rxQueues; queue++) all.push(...this.receive(queue, burst));
    }
    return all;
  }

  /** Checks everything that section 10 promises about a delivered mbuf. */
  private inspect(queue: number, mbuf: number): Received {
    const { view } = this;
    const pool = this.rxPools[queue]!;
    const { port, pktLen, nbSegs, olFlags, vlanTci } = view.at(mbuf);
    const need = (holds: boolean, what: string): void =>
      ensure(
        holds,
        () => `mbuf of rx queue ${queue}: ${what} (pkt_len ${pktLen}, nb_segs ${nbSegs}, ol_flags ${olFlags})`,
      );
    need(port === this.port.address, 'wrong port');
    need(nbSegs >= 1 && nbSegs <= MAX_SEGMENTS && pktLen >= MIN_PACKET_BYTES, 'invalid lengths');
    need(olFlags === BOTH_FLAGS || (olFlags === 0 && vlanTci === 0), 'flags and vlan_tci');
    let left = pktLen;
    let segment = mbuf;
    for (let i = 0; i < nbSegs; i++) {
      need(
        segment !== 0 && loadMbufPool(segment) === pool.address && loadMbufRefcnt(segment) === 1,
        `segment ${i} is not the caller's`,
      );
      const { dataLen, next } = view.at(segment);
      need(
        loadMbufDataOff(segment) === HEADROOM_BYTES && dataLen === Math.min(left, pool.mbufBytes),
        `data of segment ${i}`,
      );
      left -= dataLen;
      segment = next;
    }
    need(segment === 0 && left === 0, 'the chain and its lengths');
    return { bytes: view.at(mbuf).data(), vlanTci: olFlags === 0 ? null : vlanTci };
  }

  /** Appends a packet to the backlog; `change` may make it invalid. Returns false if the pool is empty. */
  offer(
    queue: number,
    bytes: Uint8Array,
    options: PacketOptions = {},
    change: (head: MbufView) => void = () => {},
  ): boolean {
    const mbuf = mbufFromBytes(this.txPool, bytes, options);
    if (mbuf === 0) return false;
    change(this.view.at(mbuf));
    this.backlog[queue]!.push(mbuf);
    this.attempts.attempted++;
    return true;
  }

  /** Runs one transmit burst with the first `max` packets of the backlog. Returns how many the driver took. */
  send(queue: number, max: number): number {
    const waiting = this.backlog[queue]!;
    const offered = waiting.slice(0, Math.min(max, this.slots.length));
    this.slots.set(offered);
    const taken = this.port.txBurst(queue, this.slots, offered.length);
    ensure(
      taken >= 0 && taken <= Math.min(offered.length, MAX_BURST),
      () => `tx burst of ${offered.length} took ${taken}`,
    );
    waiting.splice(0, taken);
    this.attempts.taken += taken;
    return taken;
  }

  /** Takes up to `count` mbufs out of every receive pool. */
  hold(count: number): void {
    for (const pool of this.rxPools)
      for (let i = Math.min(count, pool.available); i > 0; i--) this.kept.push(pool.alloc());
  }

  /** Frees the packets that were not sent. */
  dropBacklog(): void {
    for (const waiting of this.backlog) for (const mbuf of waiting.splice(0)) mbufFree(mbuf);
  }

  /** Frees the mbufs that `receive` and `hold` kept. */
  freeKept(): void {
    for (const mbuf of this.kept.splice(0)) mbufFree(mbuf);
  }

  get backlogged(): number {
    return this.backlog.reduce((sum, waiting) => sum + waiting.length, 0);
  }

  private segmentsOf(heads: readonly number[], pool: Mempool): number {
    let count = 0;
    for (const head of heads)
      for (let mbuf = head; mbuf !== 0; mbuf = this.view.at(mbuf).next)
        if (loadMbufPool(mbuf) === pool.address) count++;
    return count;
  }

  /** Expects that each mbuf of each pool is either free, once, or held by the application. */
  checkPools(): void {
    const held = [...this.kept, ...this.backlog.flat()];
    for (const pool of [...this.rxPools, this.txPool]) {
      expect(pool.available + this.segmentsOf(held, pool), 'free and held mbufs').to.equal(pool.size);
      const free = new Set(
        Array.from({ length: pool.available }, (_unused, i) => load32(pool.address + MEMPOOL_BYTES + 4 * i)),
      );
      expect(free.size, 'free mbufs are on the stack once').to.equal(pool.available);
    }
  }

  /** Frees all mbufs and releases the pools. Close the port first. */
  release(): void {
    this.dropBacklog();
    this.freeKept();
    for (const pool of [...this.rxPools, this.txPool]) {
      expect(pool.available, 'free mbufs at the end').to.equal(pool.size);
      pool.release();
    }
  }
}
