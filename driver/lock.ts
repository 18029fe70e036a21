import { compareExchange32, exchange32, fence, loadAcquire32, storeRelease32 } from '#mem';
import { release } from '../shared/arena';
import { ErrnoError } from '../shared/errors';
import { drainBursts, type PortContext } from './context';
import { announce, listen } from './events';
import { blockPort } from './gate';
import { serveInterrupt } from './interrupt';
import {
  BLOCKED_REMOVED,
  BLOCKED_STOPPED,
  loadPortState,
  PORT_INTERRUPT_WAITING,
  PORT_LOCK,
  PORT_REMOVAL_WAITING,
  STATE_CLOSED,
} from './records';

/**
 * The control lock: one control operation at a time on a port, over all threads. Bursts, link,
 * statistics and promiscuous mode never take it.
 *
 * An interrupt or a removal may come while it is held, even by a function further down on the
 * same stack. Neither waits for it: they leave a note, and whoever gives the lock back looks
 * for notes afterwards.
 */

/** Enough for a request that first waits for an answer owed to the one before. */
const LOCK_WAIT_MS = 1_500;
const RETRY_MS = 1;

function tryLock(port: PortContext): boolean {
  return compareExchange32(port.address + PORT_LOCK, 0, 1) === 0;
}

function noted(port: PortContext, note: number): boolean {
  return loadAcquire32(port.address + note) !== 0;
}

/** The very end: the record goes back, unless a burst that does not end still works with it. */
function clearUp(port: PortContext): void {
  blockPort(port.address, BLOCKED_STOPPED);
  const drained = drainBursts(port);
  announce(port.address, 'removed');
  listen(port.address, null);
  if (drained) release(port.address);
}

/** Serves what was noted, as long as nobody else holds the lock: that one will serve it then. */
function serveNotes(port: PortContext): void {
  while (noted(port, PORT_INTERRUPT_WAITING) || noted(port, PORT_REMOVAL_WAITING)) {
    if (!tryLock(port)) return;
    if (noted(port, PORT_REMOVAL_WAITING)) return clearUp(port);
    const due = exchange32(port.address + PORT_INTERRUPT_WAITING, 0) !== 0;
    if (due && loadPortState(port.address) !== STATE_CLOSED) serveInterrupt(port);
    storeRelease32(port.address + PORT_LOCK, 0);
    fence();
  }
}

/** Gives the lock back. The port's record may be gone afterwards. */
export function unlock(port: PortContext): void {
  storeRelease32(port.address + PORT_LOCK, 0);
  fence();
  serveNotes(port);
}

/**
 * Carries out a control operation under the lock.
 * @throws ErrnoError EBUSY where another one holds it for longer than any should take.
 */
export function withLock<T>(port: PortContext, body: () => T): T {
  const { clock } = port.platform;
  const untilMs = clock.nowMs() + LOCK_WAIT_MS;
  while (!tryLock(port)) {
    if (clock.nowMs() >= untilMs) throw new ErrnoError('EBUSY', 'another control operation on the port is under way');
    clock.sleepMs(RETRY_MS);
  }
  try {
    return body();
  } finally {
    unlock(port);
  }
}

/** The interrupt handler: never waits, never throws. */
export function noteInterrupt(port: PortContext): void {
  storeRelease32(port.address + PORT_INTERRUPT_WAITING, 1);
  fence();
  serveNotes(port);
}

/**
 * The device is being taken away: bursts end before this returns, because the BARs may go then.
 * The record is released now, or by whoever holds the lock.
 */
export function noteRemoval(port: PortContext): void {
  blockPort(port.address, BLOCKED_REMOVED);
  drainBursts(port);
  storeRelease32(port.address + PORT_REMOVAL_WAITING, 1);
  fence();
  serveNotes(port);
}
