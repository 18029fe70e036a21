import { deliverEach, deliverTable } from '../../emulator/device/frameTable';
import { HOST_FRAME_BYTES, loadHostFrameAddress, loadHostFrameLength } from '../../emulator/device/loops/records';
import type { Endpoint, FrameSink } from '../../emulator/network/endpoint';
import { SwitchPort } from '../../emulator/network/switchPort';

/** Direction in which a frame crosses a tap: to the endpoint behind it, or from there to the switch. */
export type TapDirection = 'toEndpoint' | 'fromEndpoint';

/** Sees the frames that cross a tap, before they go on. A frame is valid during the call only. */
export interface TapListener {
  /** Looks at one frame. Returning true keeps it from going on. */
  onFrame(direction: TapDirection, address: number, bytes: number): boolean;
  /**
   * May take a whole table of `host_frame`s before `onFrame` sees its frames. Returning true keeps
   * all of them from going on.
   */
  onTable?(direction: TapDirection, table: number, count: number): boolean;
}

/**
 * Stands between an endpoint and its switch port and shows a listener each frame that crosses, in
 * both directions. Frames go on unchanged, and tables of frames stay tables, so that a tap does not
 * slow down bursts. Taps may stand one before the other.
 *
 * `new Tap(...)` is connected in the endpoint's place; `Tap.insert` steps in at a port that is
 * connected already, and `remove` steps out again.
 */
export class Tap implements Endpoint {
  readonly name: string;
  private readonly outward: FrameSink = {
    deliver: (address, bytes) => this.pass('fromEndpoint', this.sink, address, bytes),
    deliverTable: (table, count) => this.passTable('fromEndpoint', this.sink, table, count),
  };
  private sink: FrameSink | null = null;
  /** The port that `insert` put the tap on. The tap follows its endpoint to another port. */
  private port: SwitchPort | null = null;

  constructor(
    /** The endpoint behind the tap. */
    readonly endpoint: Endpoint,
    private readonly listener: TapListener,
  ) {
    this.name = endpoint.name;
  }

  /** Puts a tap before the endpoint that is connected at a port. Returns null if there is none. */
  static insert(port: SwitchPort, listener: TapListener): Tap | null {
    if (port.endpoint === null) return null;
    const tap = new Tap(port.endpoint, listener);
    tap.port = port;
    port.exchangeEndpoint(tap);
    return tap;
  }

  get uplink(): FrameSink | null {
    return this.sink;
  }

  /** The endpoint behind is connected and disconnected along with the tap. */
  set uplink(sink: FrameSink | null) {
    this.sink = sink;
    if (this.port !== null && sink instanceof SwitchPort) this.port = sink;
    this.endpoint.uplink = sink === null ? null : this.outward;
  }

  deliver(address: number, bytes: number): void {
    this.pass('toEndpoint', this.endpoint, address, bytes);
  }

  deliverTable(table: number, count: number): void {
    this.passTable('toEndpoint', this.endpoint, table, count);
  }

  /** Undoes `insert`, where no other tap stands before this one; the port's counters go on. */
  remove(): void {
    if (this.port?.endpoint === this) this.port.exchangeEndpoint(this.endpoint);
    this.port = null;
  }

  private pass(direction: TapDirection, to: FrameSink | null, address: number, bytes: number): void {
    if (to !== null && !this.listener.onFrame(direction, address, bytes)) to.deliver(address, bytes);
  }

  private passTable(direction: TapDirection, to: FrameSink | null, table: number, count: number): void {
    if (to === null || this.listener.onTable?.(direction, table, count) === true) return;
    if (to.deliverTable === undefined) deliverEach(direction === 'toEndpoint' ? this : this.outward, table, count);
    else this.passRuns(direction, to, table, table + count * HOST_FRAME_BYTES);
  }

  /** Hands on as tables the runs of frames between those that the listener keeps. */
  private passRuns(direction: TapDirection, to: FrameSink, table: number, end: number): void {
    let start = table;
    for (let frame = table; frame < end; frame += HOST_FRAME_BYTES) {
      if (!this.listener.onFrame(direction, loadHostFrameAddress(frame), loadHostFrameLength(frame))) continue;
      passRun(to, start, frame);
      start = frame + HOST_FRAME_BYTES;
    }
    passRun(to, start, end);
  }
}

function passRun(to: FrameSink, start: number, end: number): void {
  if (end > start) deliverTable(to, start, (end - start) / HOST_FRAME_BYTES);
}
