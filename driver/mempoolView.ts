import { protect, store32 } from '#mem';
import { allocate, release } from '../shared/arena';
import { ErrnoError } from '../shared/errors';
import { HEADROOM_BYTES } from '../shared/loops/layout';
import { DRIVER_ONLY, NO_RIGHTS } from '../shared/loops/rights';
import { refusal } from './context';
import { guestLoops } from './guestLoops';
import { enterBuffers, refusedFrees, removeBuffers } from './mempoolTable';
import {
  loadMempoolAvailable,
  loadMempoolFirst,
  loadMempoolRoomBytes,
  loadMempoolSize,
  loadMempoolStride,
  MBUF_BYTES,
  MBUF_GUARD_BYTES,
  MEMPOOL_BYTES,
  storeMbufDataRoom,
  storeMbufPool,
  storeMbufRoomBytes,
  storeMempoolAvailable,
  storeMempoolFirst,
  storeMempoolRoomBytes,
  storeMempoolSize,
  storeMempoolInverseHi,
  storeMempoolInverseLo,
  storeMempoolStride,
  storeMempoolStrideShift,
} from './loops/records';

const DEFAULT_ROOM_BYTES = 2_048 + HEADROOM_BYTES;
/** The size of a data room fits 16 bits, as in DPDK. */
const MAX_ROOM_BYTES = 65_535;

/** Size of a mempool. */
export interface MempoolOptions {
  /**
   * Number of mbufs.
   * @range 1 to 1,048,576
   * @unit mbufs
   */
  readonly mbufs: number;
  /**
   * Bytes of each data room, including 128 of headroom.
   * @defaultValue 2_176
   * @range 129 to 65,535
   */
  readonly dataRoomBytes?: number;
  /**
   * Name in dumps and violations.
   * @defaultValue 'mempool'
   */
  readonly label?: string;
}

function roundUp(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}

function check(field: string, value: number, low: number, high: number): void {
  if (!Number.isInteger(value) || value < low || value > high)
    throw refusal('EINVAL', `mempool: ${field}`, value, `${low} to ${high}`);
}

/** Stores a stride with what divides by it: see `isMbufInUse`. */
function storeStride(pool: number, stride: number): void {
  const shift = 31 - Math.clz32(stride & -stride);
  const odd = stride >>> shift;
  // Newton's iteration: each step doubles the number of low bits that are right, of which there are 3 at first.
  let inverse = odd;
  for (let bits = 3; bits < 32; bits *= 2) inverse = Math.imul(inverse, 2 - Math.imul(odd, inverse));
  storeMempoolStride(pool, stride);
  storeMempoolStrideShift(pool, shift);
  storeMempoolInverseLo(pool, inverse & 0xffff);
  storeMempoolInverseHi(pool, inverse >>> 16);
}

/** Initialises the heads of all mbufs, and stacks them so that the first one is taken first. */
function fillPool(pool: number): void {
  const size = loadMempoolSize(pool);
  const stride = loadMempoolStride(pool);
  for (let index = 0; index < size; index++) {
    const mbuf = loadMempoolFirst(pool) + index * stride;
    storeMbufPool(mbuf, pool);
    storeMbufRoomBytes(mbuf, loadMempoolRoomBytes(pool));
    storeMbufDataRoom(mbuf, mbuf + MBUF_BYTES);
    store32(pool + MEMPOOL_BYTES + (size - 1 - index) * 4, mbuf);
  }
  protect(loadMempoolFirst(pool), size * stride, NO_RIGHTS);
}

/** A pool of mbufs: a view of a record in the arena that any thread can make from its address. */
export class Mempool {
  private constructor(
    /** Arena address of the mempool's record. */
    readonly address: number,
  ) {}

  /** Makes a view of an existing mempool from its `address`. */
  static at(address: number): Mempool {
    return new Mempool(address);
  }

  /**
   * Makes a mempool, with all its mbufs free.
   * @throws ErrnoError EINVAL for a number out of range, ENOMEM if the arena is full or has 250 mempools and external
   *   buffers.
   */
  static create(options: MempoolOptions): Mempool {
    const { mbufs, dataRoomBytes = DEFAULT_ROOM_BYTES, label = 'mempool' } = options;
    check('mbufs', mbufs, 1, 1 << 20);
    check('dataRoomBytes', dataRoomBytes, HEADROOM_BYTES + 1, MAX_ROOM_BYTES);
    const headBytes = roundUp(MEMPOOL_BYTES + mbufs * 4, 64);
    const stride = MBUF_BYTES + roundUp(dataRoomBytes, 64) + MBUF_GUARD_BYTES;
    const pool = allocate(headBytes + mbufs * stride, { rights: DRIVER_ONLY, label });
    storeMempoolSize(pool, mbufs);
    storeMempoolRoomBytes(pool, dataRoomBytes);
    storeMempoolFirst(pool, pool + headBytes);
    storeStride(pool, stride);
    fillPool(pool);
    storeMempoolAvailable(pool, mbufs);
    try {
      enterBuffers(pool, pool + headBytes, stride, mbufs * stride);
    } catch (error) {
      release(pool);
      throw error;
    }
    return new Mempool(pool);
  }

  /** Number of free mbufs. */
  get available(): number {
    return loadMempoolAvailable(this.address);
  }

  /** Number of all mbufs. */
  get size(): number {
    return loadMempoolSize(this.address);
  }

  /** Bytes of a packet that one mbuf holds after its headroom. */
  get mbufBytes(): number {
    return Math.max(0, loadMempoolRoomBytes(this.address) - HEADROOM_BYTES);
  }

  /** Allocates an empty packet of one segment; 0 if the pool is empty. */
  alloc(): number {
    const { mbufReset, mempoolTakeOne } = guestLoops();
    const mbuf = mempoolTakeOne(this.address);
    if (mbuf !== 0) mbufReset(mbuf, 0, 0);
    return mbuf;
  }

  /**
   * Frees the memory. No port may be set up with the pool any more.
   * @throws ErrnoError EBUSY while mbufs are in use.
   */
  release(): void {
    if (this.available !== this.size)
      throw new ErrnoError(
        'EBUSY',
        `mempool: ${this.size - this.available} of ${this.size} mbufs are in use: free them first`,
      );
    removeBuffers(this.address);
    release(this.address);
  }

  /**
   * Number of addresses that were given to `mbufFree`, or followed from a packet that is being freed, and at which
   * no mbuf in use starts. Counted for all mempools of the process, modulo 2^32.
   */
  static get refusedFrees(): number {
    return refusedFrees();
  }
}
