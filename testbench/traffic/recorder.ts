import { readBytes } from '#mem';
import { asHost } from '../../shared/actors';
import type { Clock } from '../../shared/clock';
import { UsageError } from '../../shared/errors';
import { PcapngWriter } from '../../emulator/capture';
import type { SwitchPort } from '../../emulator/network/switchPort';
import { Tap, type TapDirection, type TapListener } from './tap';

const DEFAULT_MAX_FRAMES = 1_000_000;

/** Options of a recorder. */
export interface RecorderOptions {
  /** Clock of the timestamps in the file. */
  readonly clock: Clock;
  /** Nanoseconds since 1970 that the clock's zero stands for. Default 0, so that a seed gives the same file. */
  readonly epochNs?: bigint;
  /** Frames kept at most, default 1,000,000; those beyond are counted in `missed`. */
  readonly maxFrames?: number;
}

/** Returns the comments for a frame that crosses a port now. */
export type FrameComments = () => readonly string[];

function noComments(): readonly string[] {
  return [];
}

/** Records what crosses any number of ports, one named interface each, as one pcapng file. */
export class Recorder {
  /** Frames in the file. */
  recorded = 0;
  /** Frames beyond `maxFrames`, which are not in the file. */
  missed = 0;
  private readonly writer = new PcapngWriter();
  private readonly taps: Tap[] = [];
  private readonly clock: Clock;
  private readonly epochNs: bigint;
  private readonly maxFrames: number;

  constructor({ clock, epochNs = 0n, maxFrames = DEFAULT_MAX_FRAMES }: RecorderOptions) {
    this.clock = clock;
    this.epochNs = epochNs;
    this.maxFrames = maxFrames;
  }

  /**
   * Records a connected port from now on, also where its endpoint moves to another port.
   * @param port the port to record.
   * @param name of the interface in the file.
   * @param only one direction; default both.
   * @param comments called for each frame.
   * @throws UsageError where nothing is connected.
   */
  record(port: SwitchPort, name: string, only: TapDirection | null = null, comments: FrameComments = noComments): void {
    if (port.endpoint === null)
      throw new UsageError(`interface '${name}': the port has no endpoint; connect it before recording`);
    const tap = Tap.insert(port, this.listener(name, only, comments));
    if (tap !== null) this.taps.push(tap);
  }

  /** Adds an interface and returns a listener that records on it, for a `Tap` made elsewhere. */
  listener(name: string, only: TapDirection | null = null, comments: FrameComments = noComments): TapListener {
    const index = this.writer.addInterface(name);
    return {
      onFrame: (direction, address, bytes) => {
        if (only === null || direction === only) this.keep(index, address, bytes, comments);
        return false;
      },
    };
  }

  /** Ends the recording; what was recorded stays. */
  stop(): void {
    // Taps of a port must be removed in the reverse order of their insertion.
    for (const tap of this.taps.splice(0).reverse()) tap.remove();
  }

  /** The file as it stands. */
  toBytes(): Uint8Array {
    return this.writer.toBytes();
  }

  private keep(index: number, address: number, bytes: number, comments: FrameComments): void {
    if (this.recorded >= this.maxFrames) {
      this.missed++;
      return;
    }
    const frame = asHost(() => readBytes(address, bytes));
    this.writer.writeFrame(index, this.epochNs + this.clock.nowNs(), frame, comments());
    this.recorded++;
  }
}
