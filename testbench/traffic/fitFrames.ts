import type { Capture, CapturedFrame } from '../../emulator/capture';
import { UsageError } from '../../shared/errors';
import { ETHERNET_HEADER_BYTES } from '../../shared/ethernet';
import type { FitCapture, FitOptions, UnfitCause } from '../api/capture';

/** The longest frame that a host with default settings takes, in bytes. */
export const DEFAULT_MAX_FRAME_BYTES = 9_238;

/** Policies for frames that can't be played: refuse the capture, or skip and count them. */
const UNFIT_POLICIES: readonly string[] = ['refuse', 'skip'];

/** Returns why a frame can't be played, null where it can. */
export function unfitCause({ bytes, originalLength }: CapturedFrame, maxFrameBytes: number): UnfitCause | null {
  if (originalLength > bytes.length) return 'cut';
  if (bytes.length < ETHERNET_HEADER_BYTES) return 'too_short';
  return bytes.length > maxFrameBytes ? 'too_long' : null;
}

const NO_OFFLOADS = 'switch off TSO, GSO and GRO when capturing';

/** Says what is wrong with a frame, and what to do about the capture. */
function describeUnfit({ bytes, originalLength }: CapturedFrame, cause: UnfitCause, maxFrameBytes: number): string {
  if (cause === 'cut') {
    const advice = `capture whole frames (tcpdump -s 0)${originalLength > maxFrameBytes ? `, and ${NO_OFFLOADS}` : ''}`;
    return `is cut to ${bytes.length} of ${originalLength} bytes: ${advice}`;
  }
  const advice = cause === 'too_short' ? 'too short to be Ethernet' : NO_OFFLOADS;
  return `has ${bytes.length} bytes, expected ${ETHERNET_HEADER_BYTES} to ${maxFrameBytes}: ${advice}`;
}

/**
 * Refuses a capture with a frame that can't be played.
 * @param where what the message calls the capture's owner.
 * @throws UsageError names the first such frame.
 */
export function requireFit(
  where: string,
  { frames }: Capture,
  maxFrameBytes = DEFAULT_MAX_FRAME_BYTES,
  more = '',
): void {
  frames.forEach((frame, index) => {
    const cause = unfitCause(frame, maxFrameBytes);
    if (cause === null) return;
    const what = describeUnfit(frame, cause, maxFrameBytes);
    throw new UsageError(`${where}: frame ${index + 1} of the capture ${what}${more}`);
  });
}

/**
 * Keeps the frames of a capture that can be played.
 * @param where what a message calls the capture.
 * @throws UsageError where a frame can't be played and `unfit` is `refuse`, and where no frame is left.
 */
export function fitFrames(where: string, capture: Capture, options: FitOptions = {}): FitCapture {
  const { unfit = 'refuse', maxFrameBytes = DEFAULT_MAX_FRAME_BYTES } = options;
  if (!UNFIT_POLICIES.includes(unfit))
    throw new UsageError(`${where}: unfit '${unfit}', expected ${UNFIT_POLICIES.join(' or ')}`);
  if (unfit === 'refuse') requireFit(where, capture, maxFrameBytes, '; unfit=skip leaves such frames out');
  const fit = unfit === 'refuse' ? capture : withoutUnfit(capture, maxFrameBytes);
  if (fit.frames.length > 0) return fit;
  const which = capture.frames.length === 0 ? '' : ` that fit, of ${capture.frames.length}`;
  throw new UsageError(`${where}: the capture holds no frames${which}; give another file, or capture again`);
}

function withoutUnfit(capture: Capture, maxFrameBytes: number): FitCapture {
  const skipped: Partial<Record<UnfitCause, number>> = {};
  const frames = capture.frames.filter((frame) => {
    const cause = unfitCause(frame, maxFrameBytes);
    if (cause !== null) skipped[cause] = (skipped[cause] ?? 0) + 1;
    return cause === null;
  });
  return { interfaces: capture.interfaces, frames, skipped };
}
