import { compareExchange32, exchange32, fence, loadAcquire32, storeRelease32 } from '#mem';
import { ErrnoError } from '../shared/errors';
import { BAR_MMIO, INTERRUPT_MIGRATION, REG_INTERRUPT_STATUS } from '../shared/loops/layout';
import { countControl, drainBursts, isPresent, isRemoved, needDevice, pciOf, type PortContext } from './context';
import { notifyListener, recordEvent } from './events';
import { during, endLife, markRemoved } from './lifetime';
import { blockPort } from './loops/gate';
import {
  BLOCKED_REMOVED,
  CONTROL_COUNTERS_UNEXPECTED_INTERRUPTS,
  loadPortState,
  PORT_INTERRUPT_WAITING,
  PORT_LOCK,
  STATE_CLOSED,
} from './loops/records';
import { serveMigration } from './migration';

/**
 * The control lock: one control operation at a time on a port, over all threads. Bursts, link,
 * statistics and promiscuous mode never take it.
 *
 * An interrupt may come while the lock is held, even by a function further down on the same stack.
 * Its handler does not wait: it leaves a note, and whoever releases the lock serves the note.
 */

/** Enough for a start that asks again for the config: bursts to end, an answer owed, and two requests. */
const LOCK_WAIT_MS = 3_000;
const RETRY_MS = 1;
/** An operation under way notices at its next poll for an answer, 5 ms later at most, that the device is gone. */
const LAST_OPERATION_MS = 20;

function tryLock(port: PortContext): boolean {
  return compareExchange32(port.address + PORT_LOCK, 0, 1) === 0;
}

function lockWithin(port: PortContext, waitMs: number): boolean {
  const { clock } = port.platform;
  const untilMs = clock.nowMs() + waitMs;
  while (!tryLock(port)) {
    if (clock.nowMs() >= untilMs) return false;
    clock.sleepMs(RETRY_MS);
  }
  return true;
}

/** Serves an interrupt. Bits other than the migration's are counted and get no ack (section 3). */
function serveInterrupt(port: PortContext): void {
  if (!isPresent(port)) return;
  const status = pciOf(port).read32(BAR_MMIO, REG_INTERRUPT_STATUS);
  if (!isPresent(port)) return;
  if ((status & ~INTERRUPT_MIGRATION) !== 0 || status === 0) countControl(port, CONTROL_COUNTERS_UNEXPECTED_INTERRUPTS);
  if ((status & INTERRUPT_MIGRATION) === 0) return;
  serveMigration(port);
}

/** Serves the notes. Stops where another thread holds the lock, because that thread serves them. */
function serveNotes(port: PortContext): void {
  while (loadAcquire32(port.address + PORT_INTERRUPT_WAITING) !== 0) {
    if (!tryLock(port)) return;
    try {
      const due = exchange32(port.address + PORT_INTERRUPT_WAITING, 0) !== 0;
      if (due && loadPortState(port.address) !== STATE_CLOSED) serveInterrupt(port);
    } finally {
      storeRelease32(port.address + PORT_LOCK, 0);
      fence();
    }
  }
}

/** Releases the lock. */
export function unlock(port: PortContext): void {
  storeRelease32(port.address + PORT_LOCK, 0);
  fence();
  serveNotes(port);
}

/**
 * Runs a control operation under the lock.
 * @throws ErrnoError EBUSY where another operation holds the lock for longer than any should take.
 */
export function withLock<T>(port: PortContext, body: () => T): T {
  return during(port, () => {
    if (!lockWithin(port, LOCK_WAIT_MS))
      throw new ErrnoError('EBUSY', 'another control operation on the port is under way');
    try {
      return body();
    } finally {
      unlock(port);
    }
  });
}

/** The interrupt handler. It waits for bursts and for the host, but never for the lock. */
function noteInterrupt(port: PortContext): void {
  during(port, () => {
    storeRelease32(port.address + PORT_INTERRUPT_WAITING, 1);
    fence();
    serveNotes(port);
  });
}

/**
 * Makes the calling thread the one that serves the device's interrupt. The caller holds the lock.
 * @throws ErrnoError ENODEV once the port is closed or the device is gone.
 */
export function serveInterruptsHere(port: PortContext): void {
  needDevice(port);
  pciOf(port).setInterruptHandler(() => noteInterrupt(port));
}

/**
 * Takes the port off a device that goes away. When this returns, bursts and control operations have
 * ended and the BARs may go. Operations further down on the same stack go on afterwards, and see
 * then that the device is gone.
 */
export function removePort(port: PortContext): void {
  during(port, () => {
    if (isRemoved(port)) return;
    pciOf(port).setInterruptHandler(null);
    blockPort(port.address, BLOCKED_REMOVED);
    markRemoved(port);
    drainBursts(port);
    if (lockWithin(port, LAST_OPERATION_MS)) unlock(port);
    recordEvent(port.address, 'removed');
    try {
      notifyListener(port.address);
    } finally {
      endLife(port);
    }
  });
}
