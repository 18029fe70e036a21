import type { Clock } from '../../shared/clock';
import type { Endpoint, FrameSink } from '../../emulator/network/endpoint';
import { SwitchPort } from '../../emulator/network/switchPort';

/** Which way a frame crosses a tap: to the endpoint behind it, or from there to the switch. */
export type TapDirection = 'toEndpoint' | 'fromEndpoint';

/** Told of each frame before it goes on. The frame is valid during the call only. */
export type TapListener = (direction: TapDirection, timeNs: bigint, address: number, bytes: number) => void;

/**
 * Stands between an endpoint and its switch port and reports each frame that crosses, in both
 * directions, unchanged. Taps may stand one before the other.
 *
 * `new Tap(...)` is connected in the endpoint's place; `Tap.insert` steps in at a port that is
 * connected already, and `remove` steps out again.
 */
export class Tap implements Endpoint {
  readonly name: string;
  private readonly outward: FrameSink = { deliver: (address, bytes) => this.send(address, bytes) };
  private sink: FrameSink | null = null;
  /** Where `insert` put it; it follows the endpoint to another port. */
  private port: SwitchPort | null = null;

  constructor(
    readonly endpoint: Endpoint,
    private readonly clock: Clock,
    private readonly listener: TapListener,
  ) {
    this.name = endpoint.name;
  }

  /** Puts a tap before whatever is connected at a port; null where nothing is. */
  static insert(port: SwitchPort, clock: Clock, listener: TapListener): Tap | null {
    if (port.endpoint === null) return null;
    const tap = new Tap(port.endpoint, clock, listener);
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

  /** A frame from the switch. */
  deliver(address: number, bytes: number): void {
    this.listener('toEndpoint', this.clock.nowNs(), address, bytes);
    this.endpoint.deliver(address, bytes);
  }

  /** Undoes `insert`, where no other tap stands before this one; the port's counters go on. */
  remove(): void {
    if (this.port?.endpoint === this) this.port.exchangeEndpoint(this.endpoint);
    this.port = null;
  }

  private send(address: number, bytes: number): void {
    if (this.sink === null) return;
    this.listener('fromEndpoint', this.clock.nowNs(), address, bytes);
    this.sink.deliver(address, bytes);
  }
}
