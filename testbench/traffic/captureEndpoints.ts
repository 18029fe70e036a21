import { actAs, readBytes } from '#mem';
import type { Clock } from '../../shared/clock';
import { UsageError } from '../../shared/errors';
import { ETHERNET_HEADER_BYTES } from '../../shared/ethernet';
import { ACTOR_HOST } from '../../shared/loops/rights';
import type { Capture, CapturedFrame } from '../../emulator/capture';
import type { Endpoint, FrameSink } from '../../emulator/network/endpoint';
import { FrameSource } from './frameSource';

/** The longest frame that the seed's limit of a host packet lets through. */
const DEFAULT_MAX_FRAME_BYTES = 9_238;
const DEFAULT_MAX_FRAMES = 1_000_000;

export interface CapturePlayerOptions {
  readonly name: string;
  readonly capture: Capture;
  readonly clock: Clock;
  /**
   * `capture`: each frame as long after the first `step` as the capture says; frames whose times
   * go backwards follow at once. Otherwise so many frames each step. Default 32.
   */
  readonly pace?: 'capture' | { readonly framesPerStep: number };
  /** Longest frame that may be in the capture, default 9,238 bytes. */
  readonly maxFrameBytes?: number;
}

/** Plays the frames of a capture, in file order, into the port that it is connected to. */
export class CapturePlayer implements Endpoint {
  uplink: FrameSink | null = null;
  readonly name: string;
  /** Frames sent, frames that came while it was not connected, frames that came back. */
  sent = 0;
  unsent = 0;
  received = 0;
  private readonly frames: readonly CapturedFrame[];
  private readonly clock: Clock;
  private readonly framesPerStep: number | null;
  private readonly source: FrameSource;
  private next = 0;
  private startNs: bigint | null = null;

  /** @throws UsageError for a frame that is cut, too short or too long, naming it; ErrnoError ENOMEM. */
  constructor(options: CapturePlayerOptions) {
    const { name, capture, clock, pace = { framesPerStep: 32 }, maxFrameBytes = DEFAULT_MAX_FRAME_BYTES } = options;
    this.name = name;
    this.clock = clock;
    this.framesPerStep = pace === 'capture' ? null : checkPace(name, pace.framesPerStep);
    capture.frames.forEach((frame, index) => checkFrame(name, frame, index, maxFrameBytes));
    this.frames = capture.frames;
    this.source = new FrameSource(name, maxFrameBytes);
  }

  /** True once every frame has been played. */
  get done(): boolean {
    return this.next === this.frames.length;
  }

  /** Plays what is due. */
  step(): void {
    const due = this.framesPerStep === null ? this.dueByTime() : this.next + this.framesPerStep;
    while (this.next < due && !this.done) this.play(this.frames[this.next++]!.bytes);
  }

  /** Frames that come to it are counted and forgotten. */
  deliver(_address: number, _bytes: number): void {
    this.received++;
  }

  /** Gives its memory back. It can't play any more. */
  destroy(): void {
    this.next = this.frames.length;
    this.source.destroy();
  }

  /** Index behind the last frame that is due by now. */
  private dueByTime(): number {
    const nowNs = this.clock.nowNs();
    this.startNs ??= nowNs;
    const firstNs = this.frames[0]?.timeNs ?? 0n;
    let due = this.next;
    while (due < this.frames.length && this.frames[due]!.timeNs - firstNs <= nowNs - this.startNs) due++;
    return due;
  }

  private play(frame: Uint8Array): void {
    if (this.uplink === null) this.unsent++;
    else {
      this.sent++;
      this.source.send(this.uplink, frame);
    }
  }
}

function checkPace(name: string, framesPerStep: number): number {
  if (!Number.isInteger(framesPerStep) || framesPerStep < 1)
    throw new UsageError(`player '${name}': framesPerStep ${framesPerStep}, expected a whole number from 1`);
  return framesPerStep;
}

function checkFrame(name: string, frame: CapturedFrame, index: number, maxFrameBytes: number): void {
  const bytes = frame.bytes.length;
  const where = `player '${name}': frame ${index + 1} of the capture`;
  if (frame.originalLength > bytes)
    throw new UsageError(
      `${where} is cut to ${bytes} of ${frame.originalLength} bytes: capture whole frames (tcpdump -s 0)`,
    );
  if (bytes < ETHERNET_HEADER_BYTES || bytes > maxFrameBytes)
    throw new UsageError(
      `${where} has ${bytes} bytes, expected ${ETHERNET_HEADER_BYTES} to ${maxFrameBytes}: ` +
        'switch off TSO, GSO and GRO when capturing',
    );
}

/** A frame that a sink kept: when it came, by the sink's clock, and a copy of its bytes. */
export interface KeptFrame {
  readonly timeNs: bigint;
  readonly bytes: Uint8Array;
}

/** Keeps copies of the frames that come to it. */
export class CaptureSink implements Endpoint {
  uplink: FrameSink | null = null;
  readonly frames: KeptFrame[] = [];
  /** Frames that came when it was full. */
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
    const former = actAs(ACTOR_HOST);
    try {
      this.frames.push({ timeNs: this.clock.nowNs(), bytes: readBytes(address, bytes) });
    } finally {
      actAs(former);
    }
  }
}
