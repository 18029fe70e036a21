/** A hash of 64 bits in two halves. */
export interface Key {
  low: number;
  high: number;
}

/** Mixes a number into a key. */
export function mixInto(key: Key, value: number): void {
  let low = Math.imul(key.low ^ value, 0x9e37_79b1);
  low ^= low >>> 15;
  let high = Math.imul(key.high ^ low ^ Math.imul(value, 0x27d4_eb2f), 0x85eb_ca6b);
  high ^= high >>> 13;
  key.low = (Math.imul(low, 0xc2b2_ae35) + high) | 0;
  key.high = high;
}

const LOW_HALF = 0x20_0000;

/** 53 bits of a key, as a number. */
export function numberOf({ low, high }: Key): number {
  return (high >>> 0) * LOW_HALF + (low & (LOW_HALF - 1));
}

const NS_PER_WORD = 0x1_0000_0000;

/** Mixes a moment of virtual time into a key. */
export function mixTime(key: Key, timeNs: number): void {
  mixInto(key, (timeNs % NS_PER_WORD) | 0);
  mixInto(key, Math.floor(timeNs / NS_PER_WORD));
}
