/**
 * The block in the arena that the threads of a flow's two ends share: the template of its frames, how many were sent,
 * and a bit for each that has arrived. Frames are written and checked in place, without an allocation.
 */
import { compareExchange32, load32, loadAcquire32, storeRelease32 } from '#mem';

/** Largest number of frames of a flow. */
export const MAX_FRAMES = 1 << 25;

/** Bytes at the start of a block for the template of its frames (`probeFrames.ts`, `capturedFrames.ts`). */
const TEMPLATE_BYTES = 64;
/** Number of frames sent so far. The thread that sends the flow writes it. */
const SENT = TEMPLATE_BYTES;
/** A bit for each frame that has arrived. Any thread that receives sets bits. */
const ARRIVED = 128;
export const BLOCK_BYTES = ARRIVED + MAX_FRAMES / 8;

/** Number of frames that the sender has handed to the driver, or is about to. */
export function sentOf(block: number): number {
  return loadAcquire32(block + SENT);
}

/** Publishes the number of frames sent. Call it before a frame is sent, so that its receiver finds it counted. */
export function publishSent(block: number, frames: number): void {
  storeRelease32(block + SENT, frames);
}

/** Sets the bit of a frame. Returns false if any thread has set it before. @param sequence below `MAX_FRAMES`. */
export function noteArrival(block: number, sequence: number): boolean {
  const word = block + ARRIVED + (sequence >>> 5) * 4;
  const bit = (1 << (sequence & 31)) >>> 0;
  for (let found = load32(word); ;) {
    if ((found & bit) !== 0) return false;
    const before = compareExchange32(word, found, (found | bit) >>> 0);
    if (before === found) return true;
    found = before;
  }
}
