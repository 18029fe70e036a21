import { add32, storeRelease32 } from '#mem';
import { release } from '../shared/arena';
import { drainBursts, pciOf, type PortContext } from './context';
import { listen, notifyListener } from './events';
import { PORT_REMOVED, PORT_USERS } from './loops/records';

/**
 * Lifetime of a port's record. Threads may work on it while another one removes the port, so it
 * counts its users: the bus, from probe to removal; each thread that has views, until it leaves the
 * last one; each call under way. The last user to go frees the record. A thread that has a view may
 * thus call the port at any time: once the port is removed, bursts return 0 and control operations fail.
 */

/** Number of this thread's views of each port, keyed by the port's address. */
const views = new Map<number, number>();

/** Counts the bus as the first user of a new record. */
export function beginLife(port: number): void {
  storeRelease32(port + PORT_USERS, 1);
  views.delete(port);
  listen(port, null);
}

/** Counts a new view. With the first one the thread becomes a user. The port must not have been removed yet. */
export function hold(port: number): void {
  const before = views.get(port) ?? 0;
  views.set(port, before + 1);
  if (before > 0) return;
  listen(port, null);
  add32(port + PORT_USERS, 1);
}

function letGo(port: PortContext): void {
  if (add32(port.address + PORT_USERS, 0xffff_ffff) !== 1) return;
  // A burst that does not end still writes to the record, so leaking the record is the lesser evil.
  if (drainBursts(port)) release(port.address);
}

/** Runs a call on the port, which may be removed meanwhile, and then notifies the listener. */
export function during<T>(port: PortContext, call: () => T): T {
  add32(port.address + PORT_USERS, 1);
  try {
    return call();
  } finally {
    try {
      notifyListener(port.address);
    } finally {
      letGo(port);
    }
  }
}

/** Ends all views of the calling thread, its listener and its interrupt handler. */
function leaveAll(port: PortContext): void {
  if (!views.delete(port.address)) return;
  listen(port.address, null);
  pciOf(port).forgetInterruptHandler();
  letGo(port);
}

/** Ends one view of the calling thread. */
export function leave(port: PortContext): void {
  const left = (views.get(port.address) ?? 0) - 1;
  if (left > 0) views.set(port.address, left);
  else leaveAll(port);
}

/** Ends the use by the bus, and by the thread that does this for it. */
export function endLife(port: PortContext): void {
  leaveAll(port);
  letGo(port);
}

/** Frees the record of a probe that failed. Nobody else has seen it. */
export function takeBack(port: number): void {
  views.delete(port);
  release(port);
}

/** Marks the device as removed: nothing of it may be touched any more. */
export function markRemoved(port: PortContext): void {
  storeRelease32(port.address + PORT_REMOVED, 1);
}
