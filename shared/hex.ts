/** Numbers as messages and reports print them. */

/** `0x` and at least `digits` hexadecimal digits. */
export function hex(value: number | bigint, digits = 1): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}

/** `0x` and 8 digits: a register, a magic, an offset. */
export function hex32(value: number): string {
  return hex(value, 8);
}

/** `0x` and 16 digits: a physical or virtual address. */
export function hex64(value: bigint): string {
  return hex(value, 16);
}
