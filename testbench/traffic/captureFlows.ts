import { writeBytes } from '#mem';
import { type Capture, flowHash } from '../../emulator';
import type { FrameFlow } from './trafficOracle';
import { markFrame } from './frameMark';
import { allocate, release } from '../../shared/arena';
import { UsageError } from '../../shared/errors';
import { MAC_BYTES } from '../../shared/ethernet';
import { MAX_PACKET_BYTES } from '../../shared/loops/layout';
import { BOTH } from '../../shared/loops/rights';

/** MAC addresses that replace those of the captured frames. */
export interface CaptureEnds {
  readonly sourceMac: Uint8Array;
  readonly destinationMac: Uint8Array;
}

/** A flow that repeats captured frames over and over, each with a mark appended. */
export interface CaptureFlow extends FrameFlow {
  readonly frames: readonly Uint8Array[];
}

/** The flows of captures, and the order of their frames in the captures. */
export interface CaptureFlows {
  readonly flows: readonly CaptureFlow[];
  /** For each frame of the captures the index of its flow. */
  readonly order: readonly number[];
}

/** Hashes frames as a host does to choose a queue. Frames with the same hash stay in order. */
function hashesOf(frames: readonly Uint8Array[]): number[] {
  const address = allocate(MAX_PACKET_BYTES, { rights: BOTH, label: 'bench: captured frame' });
  try {
    return frames.map((frame) => {
      writeBytes(address, frame);
      return flowHash(address, frame.length);
    });
  } finally {
    release(address);
  }
}

/**
 * Makes flows that repeat the frames of captures over and over, with other MAC addresses and with
 * a mark appended to each frame. Frames that a network keeps in order are one flow.
 * @param nextId gives the number of the next flow.
 * @throws UsageError for captures without a frame.
 */
export function captureFlows(
  captures: readonly Capture[],
  { sourceMac, destinationMac }: CaptureEnds,
  nextId: () => number,
): CaptureFlows {
  const frames = captures.flatMap((capture) => capture.frames.map(({ bytes }) => Uint8Array.from(bytes)));
  if (frames.length === 0) throw new UsageError('a load from captures without a frame: expected at least one');
  for (const frame of frames) {
    frame.set(destinationMac, 0);
    frame.set(sourceMac, MAC_BYTES);
  }
  const hashes = hashesOf(frames);
  const indexOfHash = new Map<number, number>();
  for (const hash of hashes) if (!indexOfHash.has(hash)) indexOfHash.set(hash, indexOfHash.size);
  const order = hashes.map((hash) => indexOfHash.get(hash)!);
  const groups = Array.from(indexOfHash, (): Uint8Array[] => []);
  frames.forEach((frame, index) => groups[order[index]!]!.push(frame));
  return { flows: groups.map((own) => repeating(own, nextId())), order };
}

/** Makes the flow that repeats these frames. */
function repeating(frames: readonly Uint8Array[], id: number): CaptureFlow {
  return { id, frames, frameAt: (sequence) => markFrame(frames[sequence % frames.length]!, { flow: id, sequence }) };
}
