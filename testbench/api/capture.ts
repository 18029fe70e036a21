import type { Capture } from '../../emulator/capture';

/** Why a frame can't be played: the capture lacks its end, or it is no frame that a NIC takes. */
export type UnfitCause = 'cut' | 'too_short' | 'too_long';

/** A capture and what was left out of it. */
export interface FitCapture extends Capture {
  /** Frames that were left out, by cause; no entry for a cause that did not occur. */
  readonly skipped?: Readonly<Partial<Record<UnfitCause, number>>>;
}

export interface FitOptions {
  /** `refuse` (default) or `skip`. A string, as settings are. */
  readonly unfit?: string;
  /** The longest frame that can be played, in bytes. Default 9,238. */
  readonly maxFrameBytes?: number;
}
