const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x0100_0193;

/** Computes the 32-bit FNV-1a hash of a text's UTF-8 bytes, 0 to 2^32 - 1, the same on every machine. */
export function fnv1a(text: string): number {
  let hash = OFFSET_BASIS;
  for (const byte of Buffer.from(text, 'utf8')) hash = Math.imul(hash ^ byte, PRIME);
  return hash >>> 0;
}
