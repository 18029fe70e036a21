import type { Capture } from '../../emulator';

/** Bytes of a frame without CRC and without its tag: one size, or a range from which each frame's size is drawn. */
export type FrameBytes = number | { readonly min: number; readonly max: number };

export interface LoadOptions {
  /** Frames that the application makes in each millisecond. Default 8. */
  readonly framesPerMs?: number;
  /** Default 64 to 1,514. */
  readonly frameBytes?: FrameBytes;
  /** Number of flows that take turns. Default 4. */
  readonly flows?: number;
  /** Percentage of frames, drawn at random, that go to the first flow out of turn. Default 0. */
  readonly firstFlowPercent?: number;
  /** 802.1Q tag of every frame; untagged where it is null or left out. */
  readonly vlanTci?: number | null;
  /** The receiver answers each frame that arrives with one of the same kind. Default false. */
  readonly reply?: boolean;
  /** Total number of frames. Default unlimited. */
  readonly frames?: number;
  /** Send the frames of these captures in their order, over and over, instead of generated ones. */
  readonly captures?: readonly Capture[];
}

/** What has become of a load so far. */
export interface LoadReport {
  readonly sent: number;
  /** Frames that arrived intact, once, in the order of their flow. */
  readonly delivered: number;
  /** Frames that were sent and have not arrived. */
  readonly missing: number;
  /** Sum of the four counts below; all of them include replies. */
  readonly wrong: number;
  readonly corrupted: number;
  readonly duplicated: number;
  readonly reordered: number;
  /** Frames that arrived although nobody sent them. */
  readonly unexpected: number;
  /** Replies that were sent. */
  readonly replied: number;
  /** Replies that arrived intact, once, in the order of their flow. */
  readonly answered: number;
  /** Delivered frames of each flow. */
  readonly flows: readonly number[];
}

/** Frames from one port to another while time passes; each is checked on arrival. */
export interface Load {
  /** True once every frame that was asked for has been sent, or the sending port is closed. */
  readonly done: boolean;
  /** Stops sending. Frames under way still arrive and are answered. */
  stop(): void;
  report(): LoadReport;
}

export interface ExchangeOptions {
  /** Total number of frames, or of requests. */
  readonly frames: number;
  /** Default 64 to 1,514. */
  readonly frameBytes?: FrameBytes;
  /** Number of flows that take turns. Default 4. */
  readonly flows?: number;
  /** 802.1Q tag of every frame; untagged where it is left out. */
  readonly vlanTci?: number;
}

/** What became of an exchange. */
export interface ExchangeReport {
  readonly sent: number;
  /** Frames that arrived intact, once, in the order of their flow. */
  readonly delivered: number;
  /** Replies that arrived intact, once, in the order of their flow. */
  readonly answered: number;
  /** Frames missing, corrupted, duplicated, reordered or foreign, in both directions. */
  readonly wrong: number;
}
