/**
 * What threads share about a flow of frames, as a block in the arena: how its frames are made,
 * how many were sent, and a bit for each that has arrived. Frames are written and checked where
 * they lie: numbers in, numbers out, nothing is allocated for a frame.
 */
import { compareExchange32, load32, loadAcquire32, storeRelease32 } from '#mem';

/** A flow ends after so many frames. */
export const MAX_FRAMES = 1 << 25;

/** Bytes at the start of a block that belong to the maker of its frames (`probeFrames.ts`, `capturedFrames.ts`). */
export const MAKER_BYTES = 64;
/** Frames sent so far. The thread that sends the flow writes. */
const SENT = MAKER_BYTES;
/** A bit for each frame that has arrived. Any thread that receives sets. */
const ARRIVED = 128;
export const BLOCK_BYTES = ARRIVED + MAX_FRAMES / 8;

/** Frames of the flow that the sender has handed to the driver, or is about to. */
export function sentOf(block: number): number {
  return loadAcquire32(block + SENT);
}

/** To be called before the frames go: whoever receives one must find it counted. */
export function publishSent(block: number, frames: number): void {
  storeRelease32(block + SENT, frames);
}

/** Notes the arrival of a frame below `MAX_FRAMES`. False where it has arrived before, in whatever thread. */
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
