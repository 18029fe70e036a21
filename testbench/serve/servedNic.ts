import { statSync } from 'node:fs';
import { type AvpDevice, type CapturedFrame, type Nic, readCaptureFile } from '../../emulator';
import { Recorder } from '../traffic/recorder';
import type { HostEnd } from '../../emulator/export/transport';
import type { FitCapture } from '../api/capture';
import { fitFrames } from '../traffic/fitFrames';
import { FrameSource } from '../traffic/frameSource';
import { Tap, type TapDirection, type TapListener } from '../traffic/tap';
import type { Clock } from '../../shared/clock';
import { WholeFile } from '../runtime/wholeFile';
import { UsageError } from '../../shared/errors';
import { MAX_PACKET_BYTES } from '../../shared/loops/layout';
import { Flood } from './flood';
import type { Probes, ProbeStream } from './probes';

const NS_PER_MS = 1_000_000n;
/** Pace at which a capture is fed. Every ring has room for this number of frames. */
const FRAMES_PER_MS = 32;

interface Dumping {
  file: WholeFile;
  /** False once the file could not be written, so that another one may be named. */
  isWritable: boolean;
  readonly recorder: Recorder;
  readonly listener: TapListener;
}

/** @throws UsageError for a pipe: the thread that serves all guests would wait for its other end, maybe for ever. */
function requireNoPipe(path: string): void {
  if (isPipe(path)) throw new UsageError(`${path} is a pipe, for which all guests would have to wait: name a file`);
}

function isPipe(path: string): boolean {
  try {
    return statSync(path).isFIFO();
  } catch {
    // The code that opens it says why it cannot be used.
    return false;
  }
}

/** An exported NIC in the host's thread. */
export class ServedNic implements TapListener {
  /** The host's end of the transport, once the NIC is exported. */
  line: HostEnd | null = null;
  probing: ProbeStream | null = null;
  /** Keeps the guest's rx full; null for nothing. */
  private flood: Flood | null = null;
  /** True while each frame of the guest goes back to the guest, and none to the switch. */
  reflecting = false;
  fed = 0;
  readonly device: AvpDevice;
  private readonly source: FrameSource;
  /** The capture that is being fed, and the index of its next frame. */
  private feeding: readonly CapturedFrame[] = [];
  private nextFed = 0;
  private nextFeedMs = 0;
  private dumping: Dumping | null = null;
  private activity = 0;

  constructor(
    readonly nic: Nic,
    /** Name in commands, such as `nic0`. */
    readonly label: string,
    private readonly clock: Clock,
    private readonly probes: Probes,
    private readonly anyProbes: () => boolean,
  ) {
    this.device = nic.device!;
    this.source = new FrameSource(label, MAX_PACKET_BYTES);
    Tap.insert(nic.port, this);
  }

  /** True if a command's name for a NIC is this one's label, BDF, MAC address or network. */
  isCalled(name: string): boolean {
    return [this.label, this.nic.bdf, this.nic.mac, this.nic.network].includes(name);
  }

  /** Does everything but the device's own step. Returns true while something is under way. */
  step(): boolean {
    this.line?.step();
    if (this.probing !== null) this.probes.send(this.probing, this.device);
    this.flood?.step();
    if (!this.isFed) this.feedDue();
    return this.hasMoved() || !this.isFed;
  }

  get hasGuest(): boolean {
    return this.line?.hasGuest === true;
  }

  get guestProcess(): number | null {
    return this.line?.guestProcess ?? null;
  }

  /**
   * Starts to feed the frames of a capture to the guest; `isFed` tells the end.
   * @param unfit `refuse` (default) or `skip`.
   * @returns how many frames were left out, by cause.
   * @throws UsageError, CaptureError
   */
  feed(path: string, unfit = 'refuse'): NonNullable<FitCapture['skipped']> {
    if (!this.isFed) throw new UsageError(`${this.label} is being fed already: wait for the end of that`);
    requireNoPipe(path);
    const { frames, skipped = {} } = fitFrames(path, readCaptureFile(path), { unfit, maxFrameBytes: MAX_PACKET_BYTES });
    this.feeding = frames;
    this.nextFed = 0;
    return skipped;
  }

  /** Keeps the guest's rx full with frames of this size from now on; null ends it. @throws UsageError, ErrnoError */
  floodWith(frameBytes: number | null): void {
    const next = frameBytes === null ? null : new Flood(this.device, frameBytes);
    this.flood?.destroy();
    this.flood = next;
  }

  get isFed(): boolean {
    return this.nextFed === this.feeding.length;
  }

  /** Starts to record what the guest sends. Removes the file. @throws UsageError where it can't be written. */
  startDump(path: string): void {
    requireNoPipe(path);
    const file = WholeFile.at(path);
    file.removeFormer();
    const epochNs = BigInt(Date.now()) * NS_PER_MS - this.clock.nowNs();
    const recorder = new Recorder({ clock: this.clock, epochNs });
    this.dumping = { file, isWritable: true, recorder, listener: recorder.listener(this.nic.name) };
  }

  get dumpPath(): string | null {
    return this.dumping?.file.path ?? null;
  }

  /** True if the recording goes to the file at this path. @throws UsageError where it can't be written. */
  isDumpedTo(path: string): boolean {
    return this.dumping !== null && WholeFile.at(path).replaces(this.dumping.file);
  }

  /** True if the recording could not be written to its file, and may go to another one. */
  get isDumpStuck(): boolean {
    return this.dumping?.isWritable === false;
  }

  /**
   * Writes the recording, if there is one, and goes on recording.
   * @param path another file than the recording was started with.
   * @throws UsageError if the file can't be written.
   */
  saveDump(path: string | null = null): void {
    if (this.dumping === null) return;
    if (path !== null) requireNoPipe(path);
    const file = path === null ? this.dumping.file : WholeFile.at(path);
    this.dumping.isWritable = false;
    file.write(this.dumping.recorder.toBytes());
    this.dumping.isWritable = true;
    this.dumping.file = file;
  }

  /** Ends the recording, which is lost unless it has been saved. */
  endDump(): { readonly frames: number; readonly missed: number } {
    const { recorder } = this.dumping!;
    this.dumping = null;
    return { frames: recorder.recorded, missed: recorder.missed };
  }

  /** Frees the memory that does not belong to the NIC. */
  destroy(): void {
    this.source.destroy();
    this.flood?.destroy();
  }

  /** The tap at its switch port calls this, with the host's rights. */
  onFrame(direction: TapDirection, address: number, bytes: number): boolean {
    if (direction === 'toEndpoint') return false;
    this.dumping?.listener.onFrame(direction, address, bytes);
    if (this.reflecting) {
      this.device.deliver(address, bytes);
      return true;
    }
    return this.anyProbes() && this.probes.judge(address, bytes) !== 'foreign';
  }

  /** Reflects a whole table if no recording needs its frames. */
  onTable(direction: TapDirection, table: number, count: number): boolean {
    if (direction === 'toEndpoint' || !this.reflecting || this.dumping !== null) return false;
    this.device.deliverTable(table, count);
    return true;
  }

  private feedDue(): void {
    const nowMs = this.clock.nowMs();
    if (nowMs < this.nextFeedMs) return;
    this.nextFeedMs = nowMs + 1;
    const end = Math.min(this.nextFed + FRAMES_PER_MS, this.feeding.length);
    for (; this.nextFed < end; this.nextFed++) {
      this.source.send(this.device, this.feeding[this.nextFed]!.bytes);
      this.fed++;
    }
  }

  private hasMoved(): boolean {
    const { activity } = this.device.inspect;
    const moved = activity !== this.activity;
    this.activity = activity;
    return moved;
  }
}
