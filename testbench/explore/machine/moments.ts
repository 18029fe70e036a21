const WORD = 0x1_0000_0000;
/** High word of all moments of virtual time, in nanoseconds; a number that nothing else in a world comes near. */
const HIGH_WORD = 0x000a_5eed;
/** High words from the first one on that moments may have: more than a minute. */
const HIGH_WORDS = 16;

/** Virtual time at which worlds begin, in nanoseconds. So a number tells whether it is a moment of virtual time. */
export const BEGINNING_NS = HIGH_WORD * WORD;
const END_NS = BEGINNING_NS + HIGH_WORDS * WORD;

const NS_PER_UNIT = [1, 1_000, 1_000_000];

/** True for the high one of the two words of a moment in nanoseconds. */
export function isHighWord(word: number): boolean {
  return word >= HIGH_WORD && word < HIGH_WORD + HIGH_WORDS;
}

/** Recognizes moments of virtual time among the values of a state, and counts them from the present one. */
export class Moments {
  /** True once there was one. */
  met = false;

  constructor(private readonly nowNs: number) {}

  /** A number as it is, or the time from now to the moment that it is, in its unit: ns, us or ms. */
  numberOf(value: number): number {
    for (const unit of NS_PER_UNIT) {
      const ns = value * unit;
      if (!(ns >= BEGINNING_NS && ns < END_NS)) continue;
      this.met = true;
      return value - this.nowNs / unit;
    }
    return value;
  }

  /** Looks at a value of any type. */
  look(value: unknown): void {
    if (typeof value === 'number' || typeof value === 'bigint') this.numberOf(Number(value));
  }

  bigintOf(value: bigint): bigint {
    const number = Number(value);
    const counted = this.numberOf(number);
    return counted === number ? value : BigInt(Math.round(counted));
  }

  /** A word of memory as it is, or its part of the time from now to a moment in nanoseconds, of two words. */
  wordOf(words: Uint32Array, word: number): number {
    const value = words[word]!;
    if (isHighWord(value)) {
      this.met = true;
      return HIGH_WORD;
    }
    const high = words[word + 1]!;
    if (!isHighWord(high)) return value;
    this.met = true;
    return (high * WORD + value - this.nowNs) | 0;
  }
}
