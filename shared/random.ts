import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** A seeded random number generator. A seed gives the same values on every machine. */
export class Random {
  private readonly generator;

  /** @param seed an integer, of which the low 32 bits count. */
  constructor(
    /** Seed that the generator was made from. */
    readonly seed: number,
  ) {
    this.generator = xoroshiro128plus(seed | 0);
  }

  /** Returns an integer from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return uniformInt(this.generator, low, high);
  }

  /** Returns an integer from 0 to `limit - 1`. */
  below(limit: number): number {
    return this.between(0, limit - 1);
  }

  /** Returns true with a probability from 0 to 1. */
  chance(probability: number): boolean {
    return this.below(1_000_000) < probability * 1_000_000;
  }

  /** Returns an integer from 0 to 2^32 - 1. */
  u32(): number {
    return this.between(0, 0xffff_ffff);
  }

  /** Returns an integer from 0 to 2^64 - 1. */
  u64(): bigint {
    return (BigInt(this.u32()) << 32n) | BigInt(this.u32());
  }

  /** Returns random bytes. */
  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }

  /** Returns one of the items. */
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** Returns a new array with the items in a random order. */
  shuffled<T>(items: readonly T[]): T[] {
    const result = [...items];
    for (let i = result.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [result[i], result[j]] = [result[j]!, result[i]!];
    }
    return result;
  }

  /** Makes an independent generator, seeded from this one's state. */
  fork(): Random {
    return new Random(this.u32());
  }
}
