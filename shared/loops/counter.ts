/** 64-bit counters in the arena. Each counter has one writer. Loop dialect. */
import { load32, store32 } from '#mem';

/**
 * Result of an inspection that found no fault. Any other result is the offset of the fault's
 * counter in its block of counters; the first counter of a block never counts a fault.
 */
export const NO_FAULT: u32 = 0;

/** Adds to the counter at `address`. Only the counter's one writer calls this. */
export function countUp(address: u32, amount: u32): void {
  const before = load32(address);
  const after = (before + amount) >>> 0;
  store32(address, after);
  if (after < before) store32(address + 4, (load32(address + 4) + 1) >>> 0);
}
