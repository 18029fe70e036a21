/** Numbers in the order of the wire, in the arena. */
import { load16, load8, store16, store8 } from '#mem';

/** Between the order of the wire and the arena's. */
function swapped(value: number): number {
  return ((value & 0xff) << 8) | ((value >>> 8) & 0xff);
}

/** At an even address. */
export function wire16(at: number): number {
  return swapped(load16(at));
}

/** At an even address. */
export function putWire16(at: number, value: number): void {
  store16(at, swapped(value & 0xffff));
}

/** At any address. */
export function wire32(at: number): number {
  return ((load8(at) << 24) | (load8(at + 1) << 16) | (load8(at + 2) << 8) | load8(at + 3)) >>> 0;
}

/** At any address. */
export function putWire32(at: number, value: number): void {
  store8(at, value >>> 24);
  store8(at + 1, (value >>> 16) & 0xff);
  store8(at + 2, (value >>> 8) & 0xff);
  store8(at + 3, value & 0xff);
}
