import fc from 'fast-check';

/** Where 32-bit arithmetic and doubles part, and what lies beside it. */
export const EDGES = [
  0, 1, 2, 3, 4, 5, 7, 8, 13, 14, 15, 16, 31, 32, 63, 64, 65, 127, 128, 255, 256, 4_095, 4_096, 65_535, 65_536,
  0x7fff_ffff, 0x8000_0000, 0x8000_0001, 0xffff_ff00, 0xffff_fff0, 0xffff_fffe, 0xffff_ffff,
] as const;

/** Any 32-bit value, the extreme ones often. */
export const extreme32: fc.Arbitrary<number> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...EDGES) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xffff_ffff }) },
);

/** Mostly a sound value, now and then an extreme one. */
export function mostly(sound: fc.Arbitrary<number>, weight = 6): fc.Arbitrary<number> {
  return fc.oneof({ weight, arbitrary: sound }, { weight: 1, arbitrary: extreme32 });
}

/** What becomes of a word of hostile memory: an extreme value, or one a little beside the sound one. */
export const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ set: extreme32 }),
  fc.record({ add: fc.constantFrom(-64, -1, 1, 64, 0x1_0000, -0x1_0000) }),
);
export type Change = { readonly set: number } | { readonly add: number };

export function changed(value: number, change: Change): number {
  return 'set' in change ? change.set : (value + change.add) >>> 0;
}
