/**
 * Keeps bursts and control operations apart. Loop dialect.
 *
 * A burst sets its queue's `busy` word, then checks whether the port is blocked. A control operation
 * blocks the port, then checks whether any `busy` word is set. A full fence separates the two steps
 * on both sides, so at least one of them sees the other, however long either is preempted between
 * its steps.
 */
import { compareExchange32, fence, load32, loadAcquire32, store32, storeRelease32 } from '#mem';
import { PORT_BLOCKED } from './records';

/** Begins a burst: sets its queue's `busy` word. Returns false if the port is blocked; the burst must do nothing then. */
export function enterBurst(port: u32, busy: u32): bool {
  store32(busy, 1);
  fence();
  if (loadAcquire32(port + PORT_BLOCKED) === 0) return true;
  storeRelease32(busy, 0);
  return false;
}

/** Ends a burst: clears `busy`. A thread that sees it cleared also sees everything that the burst stored. */
export function leaveBurst(busy: u32): void {
  storeRelease32(busy, 0);
}

/** Sets `BLOCKED_...` bits, which block bursts. */
export function blockPort(port: u32, bits: u32): void {
  let found: u32 = load32(port + PORT_BLOCKED);
  let before: u32 = compareExchange32(port + PORT_BLOCKED, found, (found | bits) >>> 0);
  while (before !== found) {
    found = before;
    before = compareExchange32(port + PORT_BLOCKED, found, (found | bits) >>> 0);
  }
  fence();
}

/** Clears `BLOCKED_...` bits. Everything that bursts will read must be in place before. */
export function unblockPort(port: u32, bits: u32): void {
  let found: u32 = load32(port + PORT_BLOCKED);
  let before: u32 = compareExchange32(port + PORT_BLOCKED, found, (found & ~bits) >>> 0);
  while (before !== found) {
    found = before;
    before = compareExchange32(port + PORT_BLOCKED, found, (found & ~bits) >>> 0);
  }
}
