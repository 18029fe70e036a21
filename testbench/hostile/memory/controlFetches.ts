import { REQUEST_RESULT } from '../../../shared/loops/layout';
import { Broken } from '../finding';
import type { Follower, MemoryRange } from './attack';
import type { SharedMemory } from './sharedMemory';

/**
 * Follows what the driver's control operations fetch: the result once for each entry that it takes off resp, and the
 * device info once to read it, and once more to see whether it is still the same.
 */
export class ControlFetches implements Follower {
  /** Fetches of the whole device info in this operation. */
  descriptions = 0;
  private results = 0;
  private readonly result: number;
  private readonly slots: MemoryRange;

  /** @param info the device info. */
  constructor(
    memory: SharedMemory,
    private readonly info: MemoryRange,
  ) {
    this.result = memory.sync + REQUEST_RESULT;
    const resp = memory.fifo('resp', 0);
    this.slots = { address: memory.slot(resp, 0), bytes: 8 * resp.slots };
  }

  /** Begins an operation. */
  begin(): void {
    this.descriptions = 0;
    this.results = 0;
  }

  load(address: number, bytes: number): void {
    if (address === this.info.address && bytes === this.info.bytes) this.descriptions++;
    else if (address >= this.slots.address && address < this.slots.address + this.slots.bytes) this.results = 0;
    else if (address === this.result && ++this.results > 1)
      throw new Broken('single-fetch', 'fetches the result of a request again, after it was checked');
  }

  copy(): void {}
}
