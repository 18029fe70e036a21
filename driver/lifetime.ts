import { add32, storeRelease32 } from '#mem';
import { release } from '../shared/arena';
import { drainBursts, pciOf, type PortContext } from './context';
import { listen, notifyListener } from './events';
import { PORT_REMOVED, PORT_USERS } from './loops/records';

/**
 * How long a port's record lives. Threads may be at work on it when another one removes the
 * port, so it has users: the bus, from probe to removal; every thread that has a view, from the
 * first one on until it leaves; every call that is under way. The last one to go releases it.
 * A thread that has a view may thus call the port at any time: once the port is removed its
 * bursts give nothing and its control operations fail.
 */

/** How many views of a port this thread has, by address. */
const views = new Map<number, number>();

/** A record has been made: the bus uses it. */
export function beginLife(port: number): void {
  storeRelease32(port + PORT_USERS, 1);
  views.delete(port);
  listen(port, null);
}

/** A view is made: with the first one the thread becomes a user. The port must not have been removed yet. */
export function hold(port: number): void {
  const before = views.get(port) ?? 0;
  views.set(port, before + 1);
  if (before > 0) return;
  listen(port, null);
  add32(port + PORT_USERS, 1);
}

function letGo(port: PortContext): void {
  if (add32(port.address + PORT_USERS, 0xffff_ffff) !== 1) return;
  // A burst that does not end still writes to the record: better a leak than that.
  if (drainBursts(port)) release(port.address);
}

/** Runs a call on the port, which may be removed meanwhile; then the listener hears of what happened. */
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

/** The calling thread is done with all views: its listener and its interrupt handler go. */
function leaveAll(port: PortContext): void {
  if (!views.delete(port.address)) return;
  listen(port.address, null);
  pciOf(port).forgetInterruptHandler();
  letGo(port);
}

/** The calling thread is done with one view. */
export function leave(port: PortContext): void {
  const left = (views.get(port.address) ?? 0) - 1;
  if (left > 0) views.set(port.address, left);
  else leaveAll(port);
}

/** The bus, and the thread that does this for it, are done with the port. */
export function endLife(port: PortContext): void {
  leaveAll(port);
  letGo(port);
}

/** A probe fails after all: nobody else has seen the record. */
export function takeBack(port: number): void {
  views.delete(port);
  release(port);
}

/** Says that nothing of the device may be touched any more. */
export function markRemoved(port: PortContext): void {
  storeRelease32(port.address + PORT_REMOVED, 1);
}
