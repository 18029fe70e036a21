import { DESC_BYTES, FIFO_BYTES, REQUEST_BYTES } from '../../../shared/loops/layout';
import { Broken } from '../finding';
import type { Follower } from './attack';
import type { Fetches } from './fetches';
import type { SharedMemory } from './sharedMemory';

/** FIFOs whose slots the host fills. */
const FROM_HOST: ReadonlySet<string> = new Set(['rx', 'alloc', 'resp']);

/** Follows the host: its fetches in the loops and of requests, and its stores everywhere in BAR 2. */
export class HostAccesses implements Follower {
  private readonly mayWrite: Uint8Array;
  /** True while a loop of the host runs, whose fetches are counted. */
  inLoop = false;
  /** Fetches of each byte of the sync area since a request was taken off req. */
  private readonly syncFetches = new Uint8Array(REQUEST_BYTES);
  private readonly reqSlots: { readonly from: number; readonly to: number };

  constructor(
    private readonly memory: SharedMemory,
    private readonly fetches: Fetches,
  ) {
    this.mayWrite = new Uint8Array(memory.bytes);
    const allow = (address: number, bytes: number): void => {
      this.mayWrite.fill(1, address - memory.bar, address - memory.bar + bytes);
    };
    for (const { kind, base, slots } of memory.fifos)
      allow(base, FROM_HOST.has(kind) ? FIFO_BYTES + 8 * slots : FIFO_BYTES);
    for (const { desc, data } of memory.buffers) {
      allow(desc, DESC_BYTES);
      allow(data, memory.mbufSize);
    }
    allow(memory.sync, REQUEST_BYTES);
    const req = memory.fifo('req', 0);
    this.reqSlots = { from: memory.slot(req, 0), to: memory.slot(req, 0) + 8 * req.slots };
  }

  /** Begins a case. */
  begin(): void {
    this.inLoop = false;
    this.syncFetches.fill(0);
  }

  load(address: number, bytes: number): void {
    if (this.inLoop) this.fetches.load(address, bytes);
    else if (address >= this.reqSlots.from && address < this.reqSlots.to) this.syncFetches.fill(0);
    else this.fetchRequest(address, bytes);
  }

  copy(source: number, bytes: number): void {
    if (this.inLoop) this.fetches.copy(source, bytes);
    else this.fetchRequest(source, bytes);
  }

  /** A request is fetched once, after its entry was taken off req. */
  private fetchRequest(address: number, bytes: number): void {
    const from = address - this.memory.sync;
    if (from < 0 || from >= REQUEST_BYTES) return;
    for (let at = from; at < Math.min(from + bytes, REQUEST_BYTES); at++)
      if (++this.syncFetches[at]! > 1)
        throw new Broken(
          'single-fetch',
          `fetches ${bytes} bytes at ${this.memory.nameOf(address)} again for a request`,
        );
  }

  stored(address: number, bytes: number): void {
    const from = address - this.memory.bar;
    for (let at = from; at < from + bytes; at++)
      if (this.mayWrite[at] === 0)
        throw new Broken('rights', `the host writes ${bytes} bytes at ${this.memory.nameOf(address)}`);
  }
}
