import { readBytes } from '#mem';
import { asHost } from '../../shared/actors';
import type { Clock } from '../../shared/clock';
import { UsageError } from '../../shared/errors';
import type { Capture, CapturedFrame } from '../../emulator/capture';
import type { Endpoint, FrameSink } from '../../emulator/network/endpoint';
import { DEFAULT_MAX_FRAME_BYTES, requireFit } from './fitFrames';
import { FrameSource } from './frameSource';

const DEFAULT_MAX_FRAMES = 1_000_000;

/** Options of a player of a capture. */
export interface CapturePlayerOptions {
  /** Name in messages and captures. */
  readonly name: string;
  /** Frames to play, in file order. None may be cut, shorter than 14 bytes, or longer than `maxFrameBytes`. */
  readonly capture: Capture;
  /** Clock for the pace of the capture. */
  readonly clock: Clock;
  /**
   * `capture` plays each frame as long after the first `step` as the capture says; a frame whose
   * time goes backwards follows at once. Otherwise a number of frames is played each step. Default 32.
   */
  readonly pace?:
    | 'capture'
    | {
        /** Number of frames that each `step` plays, 1 or more. */
        readonly framesPerStep: number;
      };
  /** Number of times that the capture is played, one after another without a pause. Default 1. */
  readonly rounds?: number;
  /** Longest frame that the capture may hold, in bytes. Default 9,238. */
  readonly maxFrameBytes?: number;
}

/** Plays the frames of a capture, in file order, into the port that it is connected to. */
export class CapturePlayer implements Endpoint {
  uplink: FrameSink | null = null;
  readonly name: string;
  /** Frames sent. */
  sent = 0;
  /** Frames that were due while the player was not connected. */
  unsent = 0;
  /** Frames that the network delivered. */
  received = 0;
  private readonly frames: readonly CapturedFrame[];
  private readonly clock: Clock;
  private readonly framesPerStep: number | null;
  private readonly source: FrameSource;
  /** Index of the next frame. */
  private next = 0;
  /** Frames still to play, of all rounds. */
  private left: number;
  /** When the present round began. */
  private startNs = 0n;

  /** @throws UsageError for a frame that is cut, too short or too long, naming it; ErrnoError ENOMEM. */
  constructor(options: CapturePlayerOptions) {
    const { name, capture, clock, pace = { framesPerStep: 32 }, maxFrameBytes = DEFAULT_MAX_FRAME_BYTES } = options;
    this.name = name;
    this.clock = clock;
    this.framesPerStep = pace === 'capture' ? null : requireCount(name, 'framesPerStep', pace.framesPerStep);
    const rounds = requireCount(name, 'rounds', options.rounds ?? 1);
    requireFit(`player '${name}'`, capture, maxFrameBytes);
    this.frames = capture.frames;
    this.left = this.frames.length * rounds;
    this.source = new FrameSource(name, maxFrameBytes);
  }

  /** True once every frame has been played. */
  get done(): boolean {
    return this.left === 0;
  }

  /** Plays the frames that are due. */
  step(): void {
    for (let played = 0; !this.done && this.isDue(played); played++) {
      this.play(this.frames[this.next]!.bytes);
      this.left--;
      this.next = (this.next + 1) % this.frames.length;
    }
  }

  /** Counts a frame and drops it. */
  deliver(_address: number, _bytes: number): void {
    this.received++;
  }

  /** Frees the memory. The player can no longer play. */
  destroy(): void {
    this.left = 0;
    this.source.destroy();
  }

  /** @param played frames that this step has played. */
  private isDue(played: number): boolean {
    if (this.framesPerStep !== null) return played < this.framesPerStep;
    const nowNs = this.clock.nowNs();
    if (this.next === 0) this.startNs = nowNs;
    return this.frames[this.next]!.timeNs - this.frames[0]!.timeNs <= nowNs - this.startNs;
  }

  private play(frame: Uint8Array): void {
    if (this.uplink === null) this.unsent++;
    else {
      this.sent++;
      this.source.send(this.uplink, frame);
    }
  }
}

function requireCount(name: string, option: string, count: number): number {
  if (!Number.isSafeInteger(count) || count < 1)
    throw new UsageError(`player '${name}': ${option} ${count}, expected a whole number from 1`);
  return count;
}

/** Called with a copy of a frame. */
export type OnFrame = (frame: Uint8Array) => void;

/** Hands a copy of each frame delivered to it to a function, and keeps none. */
export class FrameListener implements Endpoint {
  uplink: FrameSink | null = null;
  /** Frames handed over. */
  heard = 0;

  constructor(
    readonly name: string,
    private readonly onFrame: OnFrame,
  ) {}

  deliver(address: number, bytes: number): void {
    this.heard++;
    this.onFrame(asHost(() => readBytes(address, bytes)));
  }
}

/** A frame that a sink kept: its time of arrival by the sink's clock, and a copy of its bytes. */
export interface KeptFrame {
  /** Time of arrival, nanoseconds on the sink's clock. */
  readonly timeNs: bigint;
  /** Copy of the frame, without CRC. */
  readonly bytes: Uint8Array;
}

/** An endpoint that keeps copies of the frames delivered to it. */
export class CaptureSink implements Endpoint {
  uplink: FrameSink | null = null;
  /** Kept frames, in order of arrival. */
  readonly frames: KeptFrame[] = [];
  /** Frames that came when the sink was full. */
  dropped = 0;

  constructor(
    readonly name: string,
    private readonly clock: Clock,
    private readonly maxFrames = DEFAULT_MAX_FRAMES,
  ) {}

  deliver(address: number, bytes: number): void {
    if (this.frames.length >= this.maxFrames) {
      this.dropped++;
      return;
    }
    this.frames.push({ timeNs: this.clock.nowNs(), bytes: asHost(() => readBytes(address, bytes)) });
  }
}
