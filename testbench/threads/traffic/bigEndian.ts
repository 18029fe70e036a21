/** Numbers in network byte order in the arena. */
import { load16, load8, store16, store8 } from '#mem';

/** Swaps the two bytes of a number: the arena is little-endian. */
function swap16(value: number): number {
  return ((value & 0xff) << 8) | ((value >>> 8) & 0xff);
}

/** @param at an even address. */
export function loadBe16(at: number): number {
  return swap16(load16(at));
}

/** @param at an even address. */
export function storeBe16(at: number, value: number): void {
  store16(at, swap16(value & 0xffff));
}

/** @param at any address. */
export function loadBe32(at: number): number {
  return ((load8(at) << 24) | (load8(at + 1) << 16) | (load8(at + 2) << 8) | load8(at + 3)) >>> 0;
}

/** @param at any address. */
export function storeBe32(at: number, value: number): void {
  store8(at, value >>> 24);
  store8(at + 1, (value >>> 16) & 0xff);
  store8(at + 2, (value >>> 8) & 0xff);
  store8(at + 3, value & 0xff);
}
