import * as watched from '#mem';
import {
  FIFO_BYTES,
  FIFO_ELEM_BYTES,
  FIFO_ELEM_SIZE,
  FIFO_LEN,
  FIFO_MIN_LEN,
  FIFO_READ,
  FIFO_WRITE,
} from '../../../shared/loops/layout';
import * as plain from '../../../shared/mem/plain';

/** The primitives that access a ring. */
type Words = Pick<typeof plain, 'load32' | 'store32' | 'loadAcquire32' | 'storeRelease32'>;

/**
 * A FIFO of section 6 as a kernel driver uses it: it reads both indices and the length from the header
 * each time and keeps nothing. It therefore notices a ring that the host has initialised again.
 */
export class Ring {
  private constructor(
    private readonly base: number,
    private readonly words: Words,
  ) {}

  static at(base: number): Ring {
    return new Ring(base, watched);
  }

  /**
   * Accesses the ring without rights checks, for two things that the watched build forbids and a Linux
   * driver does (section 17): it writes the host's end of alloc, and reads rx before the host has granted it.
   */
  static unwatched(base: number): Ring {
    return new Ring(base, plain);
  }

  private get len(): number {
    return this.words.load32(this.base + FIFO_LEN);
  }

  private slot(index: number): number {
    return this.base + FIFO_BYTES + FIFO_ELEM_BYTES * index;
  }

  /** Checks the header as a driver does at probe and attach. Returns what is wrong, null where nothing is. */
  fault(): string | null {
    const { len } = this;
    if (len < FIFO_MIN_LEN || (len & (len - 1)) !== 0)
      return `len ${len}: expected a power of two, at least ${FIFO_MIN_LEN}`;
    for (const [name, offset] of [
      ['write', FIFO_WRITE],
      ['read', FIFO_READ],
    ] as const) {
      const index = this.words.load32(this.base + offset);
      if (index >= len) return `${name} ${index}: expected less than len, ${len}`;
    }
    const bytes = this.words.load32(this.base + FIFO_ELEM_SIZE);
    return bytes === FIFO_ELEM_BYTES ? null : `elem_size ${bytes}: expected ${FIFO_ELEM_BYTES}`;
  }

  filled(): number {
    const write = this.words.loadAcquire32(this.base + FIFO_WRITE);
    return (write - this.words.loadAcquire32(this.base + FIFO_READ)) & (this.len - 1);
  }

  room(): number {
    return this.len - 1 - this.filled();
  }

  /** Consumer: takes at most `most` entries and publishes the read index once. */
  get(most: number): bigint[] {
    const count = Math.min(most, this.filled());
    if (count === 0) return [];
    const read = this.words.load32(this.base + FIFO_READ);
    const mask = this.len - 1;
    const entries = Array.from({ length: count }, (_unused, i) => {
      const slot = this.slot((read + i) & mask);
      return (BigInt(this.words.load32(slot + 4)) << 32n) | BigInt(this.words.load32(slot));
    });
    this.words.storeRelease32(this.base + FIFO_READ, (read + count) & mask);
    return entries;
  }

  /** Producer: puts as many entries as fit and publishes the write index once. Returns how many. */
  put(entries: readonly bigint[]): number {
    const count = Math.min(entries.length, this.room());
    if (count === 0) return 0;
    const write = this.words.load32(this.base + FIFO_WRITE);
    const mask = this.len - 1;
    for (let i = 0; i < count; i++) {
      const slot = this.slot((write + i) & mask);
      this.words.store32(slot, Number(entries[i]! & 0xffff_ffffn));
      this.words.store32(slot + 4, Number(entries[i]! >> 32n));
    }
    this.words.storeRelease32(this.base + FIFO_WRITE, (write + count) & mask);
    return count;
  }
}
