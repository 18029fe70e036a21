import { DESC_DATA, DESC_DATA_LEN, DESC_NEXT, FIFO_READ, FIFO_WRITE } from '../../../shared/loops/layout';
import { words16, words32 } from '../../../shared/mem/memory';
import { Broken } from '../finding';
import type { FifoKind, SharedMemory } from './sharedMemory';

/** Descriptors and cache lines have this many bytes. */
const LINE_SHIFT = 6;
const LAST_OF_LINE = 63;

/** FIFOs of which a side takes entries, and those on which it puts some. */
export interface FetchedFifos {
  readonly takes: readonly FifoKind[];
  readonly puts: readonly FifoKind[];
}

/**
 * Proves that one side fetches each shared field once for each use. A use begins with a burst, which entitles the side
 * to one fetch of the neighbour's index and of each slot. A pointer that it finds there, or in `next`, entitles it to
 * one fetch of each field of that descriptor; `data` and `data_len` together to one fetch of the data. A burst that
 * finds the same descriptor twice uses it twice. Any fetch beyond that breaks the promise: the neighbour may have
 * changed the field since the first one, after it was checked.
 */
export class Fetches {
  private readonly base: Uint16Array;
  private readonly allowed: Uint16Array;
  private readonly fetched: Uint16Array;
  /** Values of words as the side last loaded them, which the neighbour may have overwritten since. */
  private readonly seen: Uint32Array;
  private readonly isSlot: Uint8Array;
  private readonly uses: Uint16Array;
  private readonly dataFetches: Uint16Array;
  private readonly lengthFetches: Uint16Array;
  private readonly dataAt: Uint32Array;
  private readonly lengths: Uint32Array;
  /** Ranges of bytes, and lines of descriptors, that this use has changed above. */
  private readonly touched: [from: number, to: number][] = [];
  private readonly lines: number[] = [];

  constructor(
    private readonly memory: SharedMemory,
    fifos: FetchedFifos,
  ) {
    const { bytes } = memory;
    const lines = (bytes >>> LINE_SHIFT) + 1;
    this.base = new Uint16Array(bytes);
    this.allowed = new Uint16Array(bytes);
    this.fetched = new Uint16Array(bytes);
    this.seen = new Uint32Array((bytes >>> 2) + 1);
    this.isSlot = new Uint8Array((bytes >>> 2) + 1);
    this.uses = new Uint16Array(lines);
    this.dataFetches = new Uint16Array(lines);
    this.lengthFetches = new Uint16Array(lines);
    this.dataAt = new Uint32Array(lines);
    this.lengths = new Uint32Array(lines);
    this.entitle(fifos);
  }

  private entitle({ takes, puts }: FetchedFifos): void {
    const { memory } = this;
    for (const fifo of memory.fifos) {
      const at = fifo.base - memory.bar;
      if (puts.includes(fifo.kind)) this.base.fill(1, at + FIFO_READ, at + FIFO_READ + 4);
      if (!takes.includes(fifo.kind)) continue;
      this.base.fill(1, at + FIFO_WRITE, at + FIFO_WRITE + 4);
      const slots = memory.slot(fifo, 0) - memory.bar;
      this.base.fill(1, slots, slots + 8 * fifo.slots);
      this.isSlot.fill(1, slots >>> 2, (slots + 8 * fifo.slots) >>> 2);
    }
  }

  /** Begins a use: forgets all fetches. */
  begin(): void {
    for (const [from, to] of this.touched) {
      this.allowed.fill(0, from, to);
      this.fetched.fill(0, from, to);
    }
    for (const line of this.lines) this.uses[line] = this.dataFetches[line] = this.lengthFetches[line] = 0;
    this.touched.length = this.lines.length = 0;
  }

  /** Notes a load of 1, 2 or 4 bytes inside BAR 2, right after it was made. */
  load(address: number, bytes: number): void {
    this.fetch(address, bytes);
    const offset = address - this.memory.bar;
    const line = offset >>> LINE_SHIFT;
    const within = offset & LAST_OF_LINE;
    if (bytes === 4) this.loadWord(address, offset, line, within);
    else if (bytes === 2 && within === DESC_DATA_LEN && this.uses[line] !== 0) {
      this.lengths[line] = words16[address >>> 1]!;
      this.lengthFetches[line]!++;
      if (this.lengthFetches[line] === this.dataFetches[line]) this.grantData(line);
    }
  }

  private loadWord(address: number, offset: number, line: number, within: number): void {
    const word = offset >>> 2;
    const value = words32[address >>> 2]!;
    this.seen[word] = value;
    if ((offset & 4) === 0) return;
    const isDesc = this.uses[line] !== 0;
    if (this.isSlot[word] === 1 || (isDesc && within === DESC_NEXT + 4))
      this.grantDesc(this.memory.place(this.seen[word - 1]!, value));
    else if (isDesc && within === DESC_DATA + 4) {
      this.dataAt[line] = this.memory.place(this.seen[word - 1]!, value);
      this.dataFetches[line]!++;
      if (this.lengthFetches[line] === this.dataFetches[line]) this.grantData(line);
    }
  }

  /** Notes a copy out of BAR 2. */
  copy(source: number, bytes: number): void {
    this.fetch(source, bytes);
  }

  private grantDesc(desc: number): void {
    if (desc === 0 || (desc & LAST_OF_LINE) !== 0) return;
    const line = (desc - this.memory.bar) >>> LINE_SHIFT;
    this.uses[line]!++;
    this.lines.push(line);
    this.allow(desc, LAST_OF_LINE + 1);
  }

  private grantData(line: number): void {
    this.allow(this.dataAt[line]!, this.lengths[line]!);
  }

  private allow(address: number, bytes: number): void {
    if (address === 0) return;
    const from = address - this.memory.bar;
    const to = Math.min(from + bytes, this.memory.bytes);
    this.touched.push([from, to]);
    for (let at = from; at < to; at++) this.allowed[at]!++;
  }

  private fetch(address: number, bytes: number): void {
    const { base, allowed, fetched } = this;
    const from = address - this.memory.bar;
    this.touched.push([from, from + bytes]);
    for (let at = from; at < from + bytes; at++)
      if (++fetched[at]! > base[at]! + allowed[at]!) throw this.broken(address, bytes, at);
  }

  private broken(address: number, bytes: number, at: number): Broken {
    const uses = this.base[at]! + this.allowed[at]!;
    const what = `${bytes} bytes at ${this.memory.nameOf(address)}`;
    if (uses === 0) return new Broken('single-fetch', `fetches ${what}, to which nothing in this burst leads`);
    return new Broken('single-fetch', `fetches ${what} for the ${this.fetched[at]}. time, in ${uses} uses`);
  }
}
