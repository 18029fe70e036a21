import { writeBytes } from '#mem';
import { type Capture, flowHash } from '../../emulator';
import type { FrameFlow } from './trafficOracle';
import { markFrame } from './frameMark';
import { allocate, release } from '../../shared/arena';
import { UsageError } from '../../shared/errors';
import { MAC_BYTES } from '../../shared/ethernet';
import { MAX_PACKET_BYTES } from '../../shared/loops/layout';
import { BOTH } from '../../shared/loops/rights';

/** Where the frames of a capture are to go. */
export interface CaptureEnds {
  readonly sourceMac: Uint8Array;
  readonly destinationMac: Uint8Array;
}

/** A flow of captured frames: these over and over, each with a mark behind it. */
export interface CaptureFlow extends FrameFlow {
  readonly frames: readonly Uint8Array[];
}

/** Frames of captures as flows, and the order in which the capture has them. */
export interface CaptureFlows {
  readonly flows: readonly CaptureFlow[];
  /** For each frame of the capture the index of its flow. */
  readonly order: readonly number[];
}

/** The hashes by which a host deals frames out to queues: what has the same stays in order. */
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
 * Makes flows of the frames of captures, over and over again: with other hardware addresses, and
 * with a mark behind each by which it is known again. What a network keeps in order is one flow.
 * @param nextId gives each flow a number.
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
  const distinct = [...new Set(hashes)];
  const flows = distinct.map((hash): CaptureFlow => {
    const own = frames.filter((_frame, index) => hashes[index] === hash);
    const id = nextId();
    return { id, frames: own, frameAt: (sequence) => markFrame(own[sequence % own.length]!, { flow: id, sequence }) };
  });
  return { flows, order: hashes.map((hash) => distinct.indexOf(hash)) };
}
