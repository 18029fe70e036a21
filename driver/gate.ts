/**
 * How bursts and control operations keep out of each other's way. Loop dialect.
 *
 * A burst announces itself, then looks whether the port is blocked; whoever blocks the port
 * sets the flag, then looks whether a burst is announced. A full fence stands between the two
 * steps on both sides, so at least one of them sees the other, however long either is
 * preempted in between.
 */
import { fence, load32, loadAcquire32, store32, storeRelease32 } from '#mem';
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

/** Adds bits to what blocks the port. Only the holder of the port's lock calls this. */
export function blockPort(port: u32, bits: u32): void {
  store32(port + PORT_BLOCKED, (load32(port + PORT_BLOCKED) | bits) >>> 0);
  fence();
}

/** Takes bits away again, after everything that bursts will read is in place. */
export function unblockPort(port: u32, bits: u32): void {
  storeRelease32(port + PORT_BLOCKED, (load32(port + PORT_BLOCKED) & ~bits) >>> 0);
}
