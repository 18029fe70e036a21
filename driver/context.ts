import { loadAcquire32 } from '#mem';
import type { ErrnoName } from '../shared/errno';
import { ErrnoError } from '../shared/errors';
import { countUp } from '../shared/loops/counter';
import { MAX_QUEUES } from '../shared/loops/layout';
import { PciFunction, type Platform } from '../shared/pci';
import { blockPort, unblockPort } from './loops/gate';
import {
  BLOCKED_DETACHED,
  BLOCKED_SETTLING,
  loadPortBlocked,
  loadPortPci,
  loadPortState,
  PORT_COUNTERS,
  PORT_MIGRATIONS,
  PORT_REMOVED,
  RX_QUEUE_BUSY,
  STATE_CLOSED,
  TX_QUEUE_BUSY,
} from './loops/records';
import { rxQueueAt } from './loops/rx';
import { txQueueAt } from './loops/tx';

/** Shared base of the driver's control code: the port, its checks, and the wait for running bursts. */

/** Context of control code: the port's record, and the platform of the calling thread. */
export interface PortContext {
  /** Arena address of the port's record. */
  readonly address: number;
  readonly platform: Platform;
}

/** Longest time that a control operation waits for bursts that are under way. */
const DRAIN_WAIT_MS = 1_000;

/** A refusal that names the field, the value and what was expected. */
export function refusal(code: ErrnoName, field: string, value: string | number | bigint, expected: string): ErrnoError {
  return new ErrnoError(code, `${field} is ${value}: expected ${expected}`);
}

/** @throws ErrnoError EINVAL unless `value` is an integer from `low` to `high`. */
export function needInteger(field: string, value: number, low: number, high: number, why = ''): void {
  if (!Number.isInteger(value) || value < low || value > high)
    throw refusal('EINVAL', field, value, `an integer from ${low} to ${high}${why}`);
}

/** Returns the port's PCI function. */
export function pciOf(port: PortContext): PciFunction {
  return PciFunction.at(loadPortPci(port.address));
}

/** True once the device has been taken away: nothing of it may be touched any more. */
export function isRemoved(port: PortContext): boolean {
  return loadAcquire32(port.address + PORT_REMOVED) !== 0;
}

/** False once the device has vanished or has been taken away. */
export function isPresent(port: PortContext): boolean {
  return !isRemoved(port) && pciOf(port).present;
}

/** True from the detach of a live migration until the next attach. */
export function isDetached(port: PortContext): boolean {
  return (loadPortBlocked(port.address) & BLOCKED_DETACHED) !== 0;
}

/** @throws ErrnoError ENODEV once the device has vanished (section 16) or the port is closed. */
export function needDevice(port: PortContext): void {
  if (loadPortState(port.address) === STATE_CLOSED)
    throw new ErrnoError('ENODEV', 'the port is closed: probe the device again');
  if (!isPresent(port)) throw new ErrnoError('ENODEV', 'the device has been removed: close the port');
}

/** @throws ErrnoError ENODEV as `needDevice`, ENOTSUP while the port is detached (section 14). */
export function needAttached(port: PortContext): void {
  needDevice(port);
  if (isDetached(port))
    throw new ErrnoError('ENOTSUP', 'the port is detached for a live migration: wait until it is attached');
}

/** Counts an event of the control channel. Only the holder of the port's lock calls this. */
export function countControl(port: PortContext, counter: number): void {
  countUp(port.address + PORT_COUNTERS + counter, 1);
}

/** Counts the outcome of a migration event. Only the holder of the port's lock calls this. */
export function countMigration(port: PortContext, counter: number): void {
  countUp(port.address + PORT_MIGRATIONS + counter, 1);
}

function burstsRun(port: number): boolean {
  for (let queue = 0; queue < MAX_QUEUES; queue++) {
    if (loadAcquire32(rxQueueAt(port, queue) + RX_QUEUE_BUSY) !== 0) return true;
    if (loadAcquire32(txQueueAt(port, queue) + TX_QUEUE_BUSY) !== 0) return true;
  }
  return false;
}

/** Waits until no burst runs on any queue; the port is blocked. False where one does not end. */
export function drainBursts(port: PortContext): boolean {
  const { clock } = port.platform;
  const untilMs = clock.nowMs() + DRAIN_WAIT_MS;
  while (burstsRun(port.address)) {
    if (clock.nowMs() >= untilMs) return false;
    clock.sleepMs(1);
  }
  return true;
}

/** @throws ErrnoError EBUSY where a burst does not end. */
export function needDrained(port: PortContext): void {
  if (!drainBursts(port)) throw new ErrnoError('EBUSY', 'a burst is still running on a queue of the port');
}

/**
 * Returns once every burst that began before this call has ended. Later bursts see everything that
 * was stored before the call. Bursts are blocked only meanwhile.
 * @throws ErrnoError EBUSY where one does not end.
 */
export function settleBursts(port: PortContext): void {
  blockPort(port.address, BLOCKED_SETTLING);
  try {
    needDrained(port);
  } finally {
    unblockPort(port.address, BLOCKED_SETTLING);
  }
}
