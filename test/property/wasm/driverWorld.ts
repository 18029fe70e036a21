/**
 * A port record of the driver and host memory, both written by hand. They are sound at first; `plant` then
 * writes extreme values to any word that the host can write.
 */
import fc from 'fast-check';
import { load32, store32 } from '#mem';
import { Mempool } from '../../../driver/mempoolView';
import {
  PORT_BYTES,
  POOL_WINDOW_BYTES,
  PORT_WINDOW,
  storePoolWindowAddress,
  storePoolWindowLength,
  storePoolWindowVaHi,
  storePoolWindowVaLo,
  storePortFeatures,
  storePortMaxRxPktLen,
  storePortMbufSize,
  storePortPromiscuous,
  storePortRxVlan,
  storePortScattered,
  storePortWindowCount,
} from '../../../driver/loops/records';
import { allocate, resetArena } from '../../../shared/arena';
import { fifoBytes, fifoInit, fifoOpen } from '../../../shared/loops/fifo';
import {
  DESC_BYTES,
  FIFO_BYTES,
  FIFO_READ,
  FIFO_WRITE,
  storeDescDataHi,
  storeDescDataLo,
  storeDescNextHi,
  storeDescNextLo,
} from '../../../shared/loops/layout';
import { BOTH, DRIVER_ONLY } from '../../../shared/loops/rights';
import { change, changed, mostly } from './values';

export const BUFFERS = 12;
const GUEST_MBUFS = 24;
const FIFO_SLOTS = 16;

/** The parameters of a world. The driver validated them at probe and trusts them in bursts. */
export const worldOptions = fc.record({
  /** Host virtual addresses of the two pools. */
  bases: fc.tuple(poolBase(), poolBase()),
  mbufSize: fc.constantFrom(64, 100, 256),
  roomBytes: fc.constantFrom(128 + 40, 128 + 64, 128 + 300),
  maxRxPktLen: mostly(fc.constant(9_238)),
  scattered: fc.constantFrom(1, 1, 1, 0),
  vlan: fc.nat({ max: 1 }),
  promiscuous: fc.constantFrom(1, 1, 0),
  /** The initial value of all FIFO indices. */
  start: fc.nat({ max: FIFO_SLOTS - 1 }),
});
export type WorldOptions = typeof worldOptions extends fc.Arbitrary<infer T> ? T : never;

function poolBase(): fc.Arbitrary<bigint> {
  const low = fc.constantFrom(0, 0x40, 0x7fff_ffc0, 0x8000_0000, 0xffff_ff00, 0xffff_ffc0);
  const high = fc.constantFrom(0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff);
  return fc.tuple(high, low).map(([hi, lo]) => (BigInt(hi) << 32n) | BigInt(lo));
}

/** One word to change; `range` and `word` are taken modulo the number of ranges and words. */
export const plant = fc.record({ range: fc.nat({ max: 40 }), word: fc.nat({ max: 40 }), change });
export type Plant = typeof plant extends fc.Arbitrary<infer T> ? T : never;

/** A range of memory that the host may write. */
interface HostileRange {
  readonly address: number;
  readonly words: number;
}

export class DriverWorld {
  readonly port: number;
  readonly mempool: Mempool;
  /** A table of 64 mbufs for bursts. */
  readonly table: number;
  private readonly stride: number;
  private readonly memory: number;
  private readonly hostile: HostileRange[] = [];

  constructor(readonly options: WorldOptions) {
    resetArena();
    this.stride = DESC_BYTES + Math.ceil(options.mbufSize / 64) * 64;
    this.memory = allocate(BUFFERS * this.stride, { rights: BOTH, label: 'host buffers' });
    this.port = allocate(PORT_BYTES, { rights: DRIVER_ONLY, label: 'port' });
    this.table = allocate(64 * 4, { rights: DRIVER_ONLY, label: 'burst table' });
    this.mempool = Mempool.create({ mbufs: GUEST_MBUFS, dataRoomBytes: options.roomBytes });
    this.setPort();
    for (let index = 0; index < BUFFERS; index++) this.setBuffer(index);
  }

  private setPort(): void {
    const { port, options } = this;
    storePortMbufSize(port, options.mbufSize);
    storePortMaxRxPktLen(port, options.maxRxPktLen);
    storePortScattered(port, options.scattered);
    storePortFeatures(port, options.vlan);
    storePortRxVlan(port, options.vlan);
    storePortPromiscuous(port, options.promiscuous);
    storePortWindowCount(port, 2);
    for (const half of [0, 1]) {
      const window = port + PORT_WINDOW + half * POOL_WINDOW_BYTES;
      const bytes = (BUFFERS / 2) * this.stride;
      storePoolWindowVaLo(window, Number(options.bases[half]! & 0xffff_ffffn));
      storePoolWindowVaHi(window, Number(options.bases[half]! >> 32n));
      storePoolWindowLength(window, bytes);
      storePoolWindowAddress(window, this.memory + half * bytes);
    }
  }

  /** The host virtual address of a byte in a buffer, as two 32-bit halves. */
  va(index: number, byte = 0): [lo: number, hi: number] {
    const half = index < BUFFERS / 2 ? 0 : 1;
    const place = BigInt((index % (BUFFERS / 2)) * this.stride + byte);
    const value = (this.options.bases[half] + place) & 0xffff_ffff_ffff_ffffn;
    return [Number(value & 0xffff_ffffn), Number(value >> 32n)];
  }

  descAt(index: number): number {
    return this.memory + index * this.stride;
  }

  private setBuffer(index: number): void {
    const [lo, hi] = this.va(index, DESC_BYTES);
    storeDescDataLo(this.descAt(index), lo);
    storeDescDataHi(this.descAt(index), hi);
    this.hostile.push({ address: this.descAt(index), words: DESC_BYTES / 4 });
    for (let byte = DESC_BYTES; byte < this.stride; byte += 4)
      store32(this.descAt(index) + byte, 0x0101_0101 * (index + 1));
  }

  setNext(index: number, next: number | null): void {
    const [lo, hi] = next === null ? [0, 0] : this.va(next);
    storeDescNextLo(this.descAt(index), lo);
    storeDescNextHi(this.descAt(index), hi);
  }

  /** Makes a FIFO that holds the descriptors of these buffers, and opens the driver's private end of it. */
  addFifo(end: number, buffers: readonly number[], side: 'consumer' | 'producer'): void {
    const { start } = this.options;
    const base = allocate(fifoBytes(FIFO_SLOTS), { rights: BOTH, label: 'fifo' });
    fifoInit(base, FIFO_SLOTS);
    store32(base + FIFO_READ, start);
    store32(base + FIFO_WRITE, (start + buffers.length) % FIFO_SLOTS);
    buffers.forEach((buffer, ahead) => {
      const slot = base + FIFO_BYTES + ((start + ahead) % FIFO_SLOTS) * 8;
      this.va(buffer).forEach((half, place) => store32(slot + place * 4, half));
    });
    fifoOpen(end, base, FIFO_SLOTS, (start + (side === 'producer' ? buffers.length : 0)) % FIFO_SLOTS);
    this.hostile.push({ address: base, words: 2 }, { address: base + FIFO_BYTES, words: FIFO_SLOTS * 2 });
  }

  /** Overwrites a word of hostile memory. */
  plant({ range, word, change: how }: Plant): void {
    const { address, words } = this.hostile[range % this.hostile.length]!;
    const at = address + (word % words) * 4;
    store32(at, changed(load32(at), how));
  }
}
