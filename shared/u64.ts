import { load32, store32 } from '#mem';

/** Access to 64-bit words for control code. The loops access the two halves instead. */

/** Loads the 64-bit word at an address, in two accesses. */
export function load64(address: number): bigint {
  return (BigInt(load32(address + 4)) << 32n) | BigInt(load32(address));
}

/** Stores a 64-bit word at an address, in two accesses. */
export function store64(address: number, value: bigint): void {
  store32(address, Number(value & 0xffff_ffffn));
  store32(address + 4, Number((value >> 32n) & 0xffff_ffffn));
}

/** Reads a counter of `countUp`. The value is exact up to 2^53. */
export function readCounter(address: number): number {
  return load32(address + 4) * 0x1_0000_0000 + load32(address);
}

/** Returns bits 0 to 31, unsigned. */
export function low32(value: bigint): number {
  return Number(value & 0xffff_ffffn);
}

/** Returns bits 32 to 63, unsigned. */
export function high32(value: bigint): number {
  return Number((value >> 32n) & 0xffff_ffffn);
}
