import type { Capture } from '../../emulator/capture';

/** Why a frame can't be played: the capture lacks its end, or it is no frame that a NIC takes. */
export type UnfitCause = 'cut' | 'too_short' | 'too_long';

/** A capture and what was left out of it. */
export interface FitCapture extends Capture {
  /** Frames that were left out, by cause; no entry for a cause that did not occur. */
  readonly skipped?: Readonly<Partial<Record<UnfitCause, number>>>;
}

/** Treatment of the frames of a capture that can't be played. */
export interface FitOptions {
  /**
   * `refuse` the capture, or `skip` the frames and count them. A string, as settings are.
   * @defaultValue 'refuse'
   */
  readonly unfit?: string;
  /**
   * The longest frame that can be played.
   * @defaultValue 9_238
   */
  readonly maxFrameBytes?: number;
}
