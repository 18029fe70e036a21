import { load8 } from '#mem';

/**
 * MAC addresses as numbers: two (`macHigh`, `macLow`) for a hash table, one (`macKey`) as the key
 * of a `Map`.
 */
const LOW = 0x1_0000_0000;

/** The first two bytes of the MAC address at an arena address. */
export function macHigh(at: number): number {
  return (load8(at) << 8) | load8(at + 1);
}

/** The last four bytes of the MAC address at an arena address. */
export function macLow(at: number): number {
  return ((load8(at + 2) << 24) | (load8(at + 3) << 16) | (load8(at + 4) << 8) | load8(at + 5)) >>> 0;
}

/** All six bytes of the MAC address at an arena address. */
export function macKey(at: number): number {
  return macHigh(at) * LOW + macLow(at);
}

/** The key of a MAC address given as six bytes. */
export function macKeyOf(mac: Uint8Array): number {
  return mac.reduce((key, byte) => key * 256 + byte, 0);
}

/** Whether the MAC address at an arena address is a multicast or broadcast one. */
export function isGroup(at: number): boolean {
  return (load8(at) & 1) === 1;
}
