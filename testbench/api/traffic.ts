import type { Capture } from '../../emulator';

/** Bytes of a frame without CRC and without its tag: one size, or a range from which each frame's size is drawn. */
export type FrameBytes =
  | number
  | {
      /** Shortest frame, bytes. */
      readonly min: number;
      /** Longest frame, bytes. */
      readonly max: number;
    };

/** Rate and shape of a load. An option out of range is refused with `UsageError`. */
export interface LoadOptions {
  /**
   * Frames that the application makes in each millisecond.
   * @defaultValue 8
   * @range above 0
   * @unit frames/ms
   */
  readonly framesPerMs?: number;
  /**
   * Length of the frames, without CRC and without a tag.
   * @defaultValue { min: 64, max: 1_514 }
   * @range 14 to 65,535
   * @unit bytes
   */
  readonly frameBytes?: FrameBytes;
  /**
   * Number of flows that take turns.
   * @defaultValue 4
   * @range 1 to 65,536
   * @unit flows
   */
  readonly flows?: number;
  /**
   * Share of the frames, drawn at random, that go to the first flow out of turn.
   * @defaultValue 0
   * @range 0 to 100
   */
  readonly firstFlowPercent?: number;
  /**
   * 802.1Q tag control information of every frame; null for untagged frames.
   * @defaultValue null
   * @range 0 to 65,535
   * @unit none
   */
  readonly vlanTci?: number | null;
  /**
   * The receiver answers each frame that arrives with one of the same kind.
   * @defaultValue false
   */
  readonly reply?: boolean;
  /**
   * Total number of frames.
   * @defaultValue unlimited
   * @range 0 or more
   * @unit frames
   */
  readonly frames?: number;
  /**
   * Send the frames of these captures in their order, over and over, instead of generated ones.
   * @defaultValue none
   */
  readonly captures?: readonly Capture[];
}

/** Counts of a load so far. */
export interface LoadReport {
  /** Frames that the application gave to its port. */
  readonly sent: number;
  /** Frames that arrived intact, once, in the order of their flow. */
  readonly delivered: number;
  /** Frames that were sent and have not arrived. */
  readonly missing: number;
  /** Sum of the four counts below; all of them include replies. */
  readonly wrong: number;
  /** Frames whose bytes are not those that were sent. */
  readonly corrupted: number;
  /** Frames that arrived once more. */
  readonly duplicated: number;
  /** Frames that arrived after a later one of their flow. */
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
  /** Counts so far. May be called at any time. */
  report(): LoadReport;
}

/** Amount and shape of the frames of an exchange. An option out of range is refused with `UsageError`. */
export interface ExchangeOptions {
  /**
   * Total number of frames, or of requests.
   * @range 0 or more
   * @unit frames
   */
  readonly frames: number;
  /**
   * Length of the frames, without CRC and without a tag.
   * @defaultValue { min: 64, max: 1_514 }
   * @range 14 to 65,535
   * @unit bytes
   */
  readonly frameBytes?: FrameBytes;
  /**
   * Number of flows that take turns.
   * @defaultValue 4
   * @range 1 to 65,536
   * @unit flows
   */
  readonly flows?: number;
  /**
   * 802.1Q tag control information of every frame.
   * @defaultValue untagged
   * @range 0 to 65,535
   * @unit none
   */
  readonly vlanTci?: number;
}

/** Counts of an exchange that has ended. */
export interface ExchangeReport {
  /** Frames, or requests, that the application gave to its port. */
  readonly sent: number;
  /** Frames that arrived intact, once, in the order of their flow. */
  readonly delivered: number;
  /** Replies that arrived intact, once, in the order of their flow. */
  readonly answered: number;
  /** Frames missing, corrupted, duplicated, reordered or foreign, in both directions. */
  readonly wrong: number;
}
