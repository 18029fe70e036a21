/**
 * When packets last moved on a port, and the longest silence between two: the downtime as the application sees it. The
 * record lies in the arena, because the threads of all queues of the port write it.
 */
import { compareExchange32, exchange32, loadAcquire32, storeRelease32 } from '#mem';

/** Microseconds modulo 2^32 on the clock that all threads share; 0 before the first packet. */
const LAST_US = 0;
const LONGEST_US = 4;
export const SILENCE_BYTES = 64;

const US_PER_MS = 1_000;
/** A greater difference means that another thread wrote a later time. */
const HALF_RANGE = 0x8000_0000;

/** Call it in a queue's thread when a packet has moved. */
export function notePacket(record: number, nowMs: number): void {
  const nowUs = Math.floor(nowMs * US_PER_MS) >>> 0;
  const beforeUs = exchange32(record + LAST_US, nowUs);
  const gapUs = (nowUs - beforeUs) >>> 0;
  if (beforeUs === 0 || gapUs >= HALF_RANGE) return;
  for (let longestUs = loadAcquire32(record + LONGEST_US); gapUs > longestUs;) {
    const found = compareExchange32(record + LONGEST_US, longestUs, gapUs);
    if (found === longestUs) return;
    longestUs = found;
  }
}

/** Forgets the longest silence. */
export function resetSilence(record: number): void {
  storeRelease32(record + LONGEST_US, 0);
}

export interface SilenceReading {
  /** The longest silence between two packets since the last reset. A silence that still lasts does not count. */
  readonly longestMs: number;
  /** When a packet last moved, in microseconds modulo 2^32. */
  readonly lastUs: number;
}

export function readSilence(record: number): SilenceReading {
  // In this order, so that `longestMs` covers the silence which the packet at `lastUs` ended.
  const lastUs = loadAcquire32(record + LAST_US);
  return { lastUs, longestMs: loadAcquire32(record + LONGEST_US) / US_PER_MS };
}

/** Whether a packet has moved since a time on the shared clock. */
export function movedSince({ lastUs }: SilenceReading, sinceMs: number): boolean {
  return (lastUs - Math.floor(sinceMs * US_PER_MS)) >>> 0 < HALF_RANGE && lastUs !== 0;
}
