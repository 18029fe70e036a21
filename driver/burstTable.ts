import { allocate, release } from '../shared/arena';
import { MAX_BURST } from '../shared/loops/layout';
import { DRIVER_ONLY } from '../shared/loops/rights';
import { words32 } from '../shared/mem/memory';
import { needInteger } from './context';

/**
 * Addresses of mbufs, in the arena. Bursts fill such a table and send from it in place, whereas they copy the addresses
 * from and to any other array. One thread at a time uses a table.
 */
export class BurstTable {
  private constructor(
    /** Arena address. */
    readonly address: number,
    /** The addresses, which the application may read and write. Empty once the table is released. */
    public handles: Uint32Array,
  ) {}

  /**
   * Makes a table.
   * @param length most addresses that it holds.
   * @throws ErrnoError EINVAL for a length that is no integer from 1 to 65,536, ENOMEM if the arena is full.
   */
  static create(length = MAX_BURST): BurstTable {
    needInteger('length of the burst table', length, 1, 65_536);
    const address = allocate(length * 4, { rights: DRIVER_ONLY, label: 'burst table' });
    return new BurstTable(address, words32.subarray(address >>> 2, (address >>> 2) + length));
  }

  /** Most addresses that the table holds; 0 once it is released. */
  get length(): number {
    return this.handles.length;
  }

  /** Frees the memory. The mbufs in the table stay their owner's. Bursts with a released table do nothing. */
  release(): void {
    if (this.length > 0) release(this.address);
    this.handles = this.handles.subarray(0, 0);
  }
}
