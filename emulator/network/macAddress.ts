import { load8 } from '#mem';

/**
 * MAC addresses of frames in the arena as numbers: two of them where they are hashed, one
 * (`macKey`) where a `Map` holds them.
 */
const LOW = 0x1_0000_0000;

/** First two bytes of a MAC address in the arena. */
export function macHigh(at: number): number {
  return (load8(at) << 8) | load8(at + 1);
}

/** The other four. */
export function macLow(at: number): number {
  return ((load8(at + 2) << 24) | (load8(at + 3) << 16) | (load8(at + 4) << 8) | load8(at + 5)) >>> 0;
}

/** All six bytes of an address in the arena. */
export function macKey(at: number): number {
  return macHigh(at) * LOW + macLow(at);
}

/** The same of six bytes elsewhere. */
export function macKeyOf(mac: Uint8Array): number {
  return mac.reduce((key, byte) => key * 256 + byte, 0);
}

export function isGroup(at: number): boolean {
  return (load8(at) & 1) === 1;
}
