/**
 * How bursts and control operations keep out of each other's way. Loop dialect.
 *
 * A burst announces itself, then looks whether the port is blocked; whoever blocks the port
 * sets the flag, then looks whether a burst is announced. A full fence stands between the two
 * steps on both sides, so at least one of them sees the other, however long either is
 * preempted in between.
 */
import { compareExchange32, fence, load32, loadAcquire32, store32, storeRelease32 } from '#mem';
import { PORT_BLOCKED } from './records';

/** Announces a burst in its queue's `busy` word. False: the port is blocked, do nothing. */
export function enterBurst(port: u32, busy: u32): bool {
  store32(busy, 1);
  fence();
  if (loadAcquire32(port + PORT_BLOCKED) === 0) return true;
  storeRelease32(busy, 0);
  return false;
}

/** Ends the announcement; all that the burst did is visible to whoever sees this. */
export function leaveBurst(busy: u32): void {
  storeRelease32(busy, 0);
}

/** Adds bits to what blocks the port. */
export function blockPort(port: u32, bits: u32): void {
  let found: u32 = load32(port + PORT_BLOCKED);
  let before: u32 = compareExchange32(port + PORT_BLOCKED, found, (found | bits) >>> 0);
  while (before !== found) {
    found = before;
    before = compareExchange32(port + PORT_BLOCKED, found, (found | bits) >>> 0);
  }
  fence();
}

/** Takes bits away again, after everything that bursts will read is in place. */
export function unblockPort(port: u32, bits: u32): void {
  let found: u32 = load32(port + PORT_BLOCKED);
  let before: u32 = compareExchange32(port + PORT_BLOCKED, found, (found & ~bits) >>> 0);
  while (before !== found) {
    found = before;
    before = compareExchange32(port + PORT_BLOCKED, found, (found & ~bits) >>> 0);
  }
}
