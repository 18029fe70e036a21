/** Counters of 64 bits in the arena, each with one writer. Loop dialect. */
import { load32, store32 } from '#mem';

/**
 * What an inspection returns for a packet without fault. Any other value is the offset of the
 * counter of the fault in its block of counters; none of those is the first of its block.
 */
export const NO_FAULT: u32 = 0;

/** Adds to the counter at `address`. Only the counter's one writer calls this. */
export function countUp(address: u32, amount: u32): void {
  const before = load32(address);
  const after = (before + amount) >>> 0;
  store32(address, after);
  if (after < before) store32(address + 4, (load32(address + 4) + 1) >>> 0);
}
