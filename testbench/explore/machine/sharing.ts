import { MACHINE_BYTES } from './bytes';

/** Most actors of a world: each has a bit for reading a word and one for writing it. */
export const MAX_PARTIES = 12;
const READERS = (1 << MAX_PARTIES) - 1;
export const SHARED = 1 << 30;

/**
 * Actors that have touched each word, in all runs since the last `set`. A word is shared once two have touched it, one
 * of them to write.
 */
export class Sharing {
  /** For each word the bits of its readers, those of its writers, and `SHARED`. */
  readonly touched = new Uint32Array(MACHINE_BYTES >>> 2);
  private words: number[] = [];

  /** Number of shared words. */
  get count(): number {
    return this.words.length;
  }

  /** Addresses of the shared words, in ascending order. */
  addresses(): number[] {
    return this.words.map((word) => word * 4).sort((one, other) => one - other);
  }

  /** Sets the shared words, and forgets which actors have touched which words. */
  set(addresses: readonly number[]): void {
    this.touched.fill(0);
    this.words = [];
    for (const address of addresses) this.share(address >>> 2);
  }

  /** Notes that an actor has touched a word. Returns true if it is shared. */
  touch(word: number, bit: number): boolean {
    const former = this.touched[word];
    if (former === undefined) return false;
    const seen = former | bit;
    this.touched[word] = seen;
    if ((former & SHARED) !== 0) return true;
    const writers = seen >>> MAX_PARTIES;
    const all = (seen & READERS) | writers;
    if (writers === 0 || (all & (all - 1)) === 0) return false;
    this.share(word);
    return true;
  }

  /** Makes a range of words shared. */
  shareAll(first: number, last: number): void {
    for (let word = first; word <= last; word++) if ((this.touched[word]! & SHARED) === 0) this.share(word);
  }

  private share(word: number): void {
    this.touched[word] = this.touched[word]! | SHARED;
    this.words.push(word);
  }
}
