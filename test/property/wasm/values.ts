import fc from 'fast-check';

/** Values at which 32-bit arithmetic and doubles differ, other edges, and their neighbours. */
export const EDGES = [
  0, 1, 2, 3, 4, 5, 7, 8, 13, 14, 15, 16, 31, 32, 63, 64, 65, 127, 128, 255, 256, 4_095, 4_096, 65_535, 65_536,
  0x7fff_ffff, 0x8000_0000, 0x8000_0001, 0xffff_ff00, 0xffff_fff0, 0xffff_fffe, 0xffff_ffff,
] as const;

/** Any 32-bit value, often an extreme one. */
export const extreme32: fc.Arbitrary<number> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...EDGES) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xffff_ffff }) },
);

/** Usually a sound value, sometimes an extreme one. */
export function mostly(sound: fc.Arbitrary<number>, weight = 6): fc.Arbitrary<number> {
  return fc.oneof({ weight, arbitrary: sound }, { weight: 1, arbitrary: extreme32 });
}

/** A change to a word of memory that the other side may write: to an extreme value, or by a small amount. */
export const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ set: extreme32 }),
  fc.record({ add: fc.constantFrom(-64, -1, 1, 64, 0x1_0000, -0x1_0000) }),
);
export type Change = { readonly set: number } | { readonly add: number };

export function changed(value: number, change: Change): number {
  return 'set' in change ? change.set : (value + change.add) >>> 0;
}
