import { add32, fence, loadAcquire32, readBytes, storeRelease32, writeBytes } from '#mem';
import { errnoName } from '../shared/errno';
import type { ErrnoError } from '../shared/errors';
import {
  EVENT_SLOT_BYTES,
  EVENT_SLOT_MESSAGE,
  EVENT_SLOT_SEQUENCE,
  EVENT_SLOTS,
  LOST_MTU,
  LOST_VLAN_INSERT,
  LOST_VLAN_STRIP,
  loadEventSlotErrno,
  loadEventSlotEvent,
  loadEventSlotLost,
  loadEventSlotMessageBytes,
  loadEventSlotPhase,
  PORT_EVENT_COUNT,
  PORT_EVENTS,
  storeEventSlotErrno,
  storeEventSlotEvent,
  storeEventSlotLost,
  storeEventSlotMessageBytes,
  storeEventSlotPhase,
} from './loops/records';

/**
 * Events that a port reports to its application. The interrupt handler may run in another thread than the
 * application, so the port's record holds the events. Each thread reads them there and notifies its
 * own listener at the end of a call.
 */

/** Names of events, by their number in the record. */
const EVENTS = [
  'none',
  /** The port has started, or the link is up again after an attach (section 13). */
  'link-up',
  /** The port has stopped, or was detached while its link was up (section 13). */
  'link-down',
  /** The device is gone, and every operation fails with ENODEV from now on (section 16). */
  'removed',
  /** The driver has let go of the host's memory for a migration. Bursts do nothing until `attached` (section 15). */
  'detached',
  /** The driver works with the new host; `lostFeatures` says what that one lacks (section 15). */
  'attached',
  /** The driver has answered a detach or an attach with ack 3; `phase`, `errno` and `message` say why (section 15). */
  'migration-failed',
] as const;
/** Names of phases, by their number in the record. */
const PHASES = ['none', 'detach', 'attach'] as const;

/**
 * An event of a port. After `detached` the link is down until `attached`. After `migration-failed`
 * with phase `detach` the port goes on as before; with phase `attach` it stays detached and waits for
 * another attach. After `removed` the device is gone and nothing works any more.
 */
export type PortEvent = Exclude<(typeof EVENTS)[number], 'none'>;

/** Bits of features that an application asks for and a host may lack. */
const LOST = {
  /** The host offers no VLAN offload, so tags stay in received frames (section 12). */
  vlanStrip: LOST_VLAN_STRIP,
  /** The host offers no VLAN offload, so frames that ask for a tag are dropped (section 12). */
  vlanInsert: LOST_VLAN_INSERT,
  /** The host delivers no frames as long as the MTU allows (section 14). */
  mtu: LOST_MTU,
} as const;

/** Something that the application asked for: an offload, or the MTU, if the host's frame limit is too low for it. */
export type LostFeature = keyof typeof LOST;

/** Details of an event. Properties that do not apply to the event are absent. */
export interface PortEventDetail {
  /** With `migration-failed`: the half of a migration that failed. */
  readonly phase?: 'detach' | 'attach';
  /** With `migration-failed`: the errno's name, as in `ErrnoError.code`: `ETIME`. */
  readonly errno?: string;
  /** Why it failed; with `attached`, the limit that was lost. */
  readonly message?: string;
  /** With `attached`: what this host lacks. It comes back with a host that has it. */
  readonly lostFeatures?: readonly LostFeature[];
}

/** An event as a port keeps it. A port keeps the last 16. */
export interface PortEventEntry {
  /** Number of the event on this port, from 1. */
  readonly sequence: number;
  /** The event's name. */
  readonly event: PortEvent;
  /** Its details. */
  readonly detail: PortEventDetail;
}

/** Hears of a port's events, in the thread that set it, at the end of a call of the port. */
export type PortListener = (event: PortEvent, detail: PortEventDetail) => void;

const MESSAGE_MAX_BYTES = EVENT_SLOT_BYTES - EVENT_SLOT_MESSAGE;

function slotOf(port: number, sequence: number): number {
  return port + PORT_EVENTS + ((sequence - 1) % EVENT_SLOTS) * EVENT_SLOT_BYTES;
}

function lostBits(lost: readonly LostFeature[]): number {
  return lost.reduce((bits, name) => bits | LOST[name], 0);
}

function lostFrom(bits: number): LostFeature[] {
  return (Object.keys(LOST) as LostFeature[]).filter((name) => (bits & LOST[name]) !== 0);
}

/** Details of an event that is to be recorded. */
export interface EventNote {
  readonly phase?: 'detach' | 'attach';
  readonly error?: ErrnoError;
  readonly lost?: readonly LostFeature[];
  /** Text of an event that is no failure. */
  readonly message?: string;
}

/** Records an event. Listeners are notified at the end of the call. */
export function recordEvent(
  port: number,
  event: PortEvent,
  { phase, error, lost = [], message: text }: EventNote = {},
): void {
  const sequence = add32(port + PORT_EVENT_COUNT, 1) + 1;
  const slot = slotOf(port, sequence);
  storeRelease32(slot + EVENT_SLOT_SEQUENCE, 0);
  fence();
  const message = Buffer.from(error?.message ?? text ?? '', 'latin1').subarray(0, MESSAGE_MAX_BYTES);
  storeEventSlotEvent(slot, EVENTS.indexOf(event));
  storeEventSlotPhase(slot, phase === undefined ? 0 : PHASES.indexOf(phase));
  storeEventSlotErrno(slot, error?.errno ?? 0);
  storeEventSlotLost(slot, lostBits(lost));
  storeEventSlotMessageBytes(slot, message.length);
  writeBytes(slot + EVENT_SLOT_MESSAGE, message);
  storeRelease32(slot + EVENT_SLOT_SEQUENCE, sequence);
}

function detailAt(slot: number): PortEventDetail {
  const phase = PHASES[loadEventSlotPhase(slot)]!;
  const errno = loadEventSlotErrno(slot);
  const message = Buffer.from(readBytes(slot + EVENT_SLOT_MESSAGE, loadEventSlotMessageBytes(slot))).toString('latin1');
  const lostFeatures = lostFrom(loadEventSlotLost(slot));
  return {
    ...(phase === 'none' ? {} : { phase }),
    ...(errno === 0 ? {} : { errno: errnoName(errno) }),
    ...(message === '' ? {} : { message }),
    ...(lostFeatures.length === 0 ? {} : { lostFeatures }),
  };
}

/** Reads an event by its number; null if its slot holds a later event, or is being written. */
function entryAt(port: number, sequence: number): PortEventEntry | null {
  const slot = slotOf(port, sequence);
  if (loadAcquire32(slot + EVENT_SLOT_SEQUENCE) !== sequence) return null;
  const entry = { sequence, event: EVENTS[loadEventSlotEvent(slot)] as PortEvent, detail: detailAt(slot) };
  fence();
  return loadAcquire32(slot + EVENT_SLOT_SEQUENCE) === sequence ? entry : null;
}

/** Returns the number of the last event, 0 before the first. */
export function eventCount(port: number): number {
  return loadAcquire32(port + PORT_EVENT_COUNT);
}

/** Returns the events after number `sequence`, oldest first. Of more than 16 only the last are left. */
export function eventsAfter(port: number, sequence: number): PortEventEntry[] {
  const last = eventCount(port);
  const entries: PortEventEntry[] = [];
  for (let at = Math.max(sequence, last - EVENT_SLOTS) + 1; at <= last; at++) {
    const entry = entryAt(port, at);
    // An event that is still being written comes next time, and so do all after it.
    if (entry === null && loadAcquire32(slotOf(port, at) + EVENT_SLOT_SEQUENCE) < at) break;
    if (entry !== null) entries.push(entry);
  }
  return entries;
}

interface Listening {
  readonly listener: PortListener;
  /** Number of the last event of which it was notified. */
  told: number;
}

/** Listeners of this thread, keyed by the port's address. */
const listeners = new Map<number, Listening>();

/** Sets this thread's listener to a port's events, null to remove it. It hears of later events only. */
export function listen(port: number, listener: PortListener | null): void {
  if (listener === null) listeners.delete(port);
  else listeners.set(port, { listener, told: eventCount(port) });
}

/** Notifies this thread's listener of new events. The listener may change listeners and call the port. */
export function notifyListener(port: number): void {
  for (;;) {
    const listening = listeners.get(port);
    const next = listening === undefined ? undefined : eventsAfter(port, listening.told)[0];
    if (listening === undefined || next === undefined) return;
    listening.told = next.sequence;
    listening.listener(next.event, next.detail);
  }
}
