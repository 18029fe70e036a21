/**
 * When packets last moved on a port, and the longest silence between two: the downtime as the
 * application sees it. In the arena, because several threads serve the queues of a port.
 */
import { compareExchange32, exchange32, loadAcquire32, storeRelease32 } from '#mem';

/** Microseconds modulo 2^32 by the clock that all threads share, 0 before the first packet. */
const LAST_US = 0;
const LONGEST_US = 4;
export const PULSE_BYTES = 64;

const US_PER_MS = 1_000;
/** A difference beyond this is another thread's stamp that is later than ours. */
const HALF = 0x8000_0000;

/** A packet has moved. */
export function beat(pulse: number, nowMs: number): void {
  const nowUs = Math.floor(nowMs * US_PER_MS) >>> 0;
  const before = exchange32(pulse + LAST_US, nowUs);
  const gap = (nowUs - before) >>> 0;
  if (before === 0 || gap >= HALF) return;
  for (let found = loadAcquire32(pulse + LONGEST_US); gap > found;) {
    const seen = compareExchange32(pulse + LONGEST_US, found, gap);
    if (seen === found) return;
    found = seen;
  }
}

/** Forgets the longest silence. */
export function restartPulse(pulse: number): void {
  storeRelease32(pulse + LONGEST_US, 0);
}

export interface PulseReading {
  /** The longest silence between two packets; one that still lasts is not counted. */
  readonly longestMs: number;
  /** When a packet moved last, modulo 2^32 microseconds. */
  readonly lastUs: number;
}

export function readPulse(pulse: number): PulseReading {
  // In this order: a silence that ended with the last packet is among those looked at.
  const lastUs = loadAcquire32(pulse + LAST_US);
  return { lastUs, longestMs: loadAcquire32(pulse + LONGEST_US) / US_PER_MS };
}

/** Whether a packet has moved since a moment of the shared clock. */
export function movedSince({ lastUs }: PulseReading, momentMs: number): boolean {
  return (lastUs - Math.floor(momentMs * US_PER_MS)) >>> 0 < HALF && lastUs !== 0;
}
