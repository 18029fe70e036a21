import { readBytes, writeBytes } from '#mem';
import { allocate } from '../../../../../shared/arena';
import { BOTH } from '../../../../../shared/loops/rights';
import type { Size } from '../../../machine/definition';

const HEADER_BYTES = 14;

/** Bytes of a packet: one that fits a buffer, or one that takes three. */
export function packetBytes({ shape }: Size): number {
  return shape === 'simple' ? 64 : 150;
}

/** A broadcast frame whose every byte follows from its number, so that any mixture with another one shows. */
export function packet(number: number, bytes: number): Uint8Array {
  const frame = new Uint8Array(bytes).fill(0xff, 0, 6);
  frame.fill(0x02, 6, 12);
  frame.set([0x88, 0xb5], 12);
  for (let i = HEADER_BYTES; i < bytes; i++) frame[i] = (number * 31 + i * 7) & 0xff;
  frame[HEADER_BYTES] = number;
  return frame;
}

/** The number of a frame; 0 if any byte of it is not as it was made. */
export function packetNumber(frame: Uint8Array): number {
  const number = frame[HEADER_BYTES] ?? 0;
  const right = packet(number, frame.length);
  for (let i = 0; i < frame.length; i++) if (frame[i] !== right[i]) return 0;
  return number;
}

/**
 * The number of a frame of which any byte may read as ones, because the device has vanished meanwhile (section 16).
 * @param highest the highest number that a packet can have.
 * @returns the lowest number that fits; 0 if none does.
 */
export function packetNumberBelowOnes(frame: Uint8Array, highest: number): number {
  for (let number = 1; number <= highest; number++) {
    const right = packet(number, frame.length);
    if (frame.every((byte, i) => byte === right[i] || byte === 0xff)) return number;
  }
  return 0;
}

/** Puts a frame into memory. Returns its address. */
export function placed(frame: Uint8Array, label: string): number {
  const address = allocate(frame.length, { rights: BOTH, label });
  writeBytes(address, frame);
  return address;
}

export function packetNumberAt(address: number, bytes: number): number {
  return packetNumber(readBytes(address, bytes));
}
