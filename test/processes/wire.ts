import type { AvpDevice, Endpoint, FrameSink } from '../../emulator';

/** Looks at a frame of the guest; true keeps it from the switch. Called with the host's rights. */
export type FrameTaker = (address: number, bytes: number) => boolean;

/** Stands between a device and its switch port. */
export class Wire implements Endpoint {
  readonly name: string;
  private readonly outward: FrameSink = { deliver: (address, bytes) => this.send(address, bytes) };
  private sink: FrameSink | null = null;

  constructor(
    private readonly device: AvpDevice,
    private readonly take: FrameTaker,
  ) {
    this.name = device.name;
  }

  get uplink(): FrameSink | null {
    return this.sink;
  }

  set uplink(sink: FrameSink | null) {
    this.sink = sink;
    this.device.uplink = sink === null ? null : this.outward;
  }

  /** A frame from the switch. */
  deliver(address: number, bytes: number): void {
    this.device.deliver(address, bytes);
  }

  private send(address: number, bytes: number): void {
    if (!this.take(address, bytes)) this.sink?.deliver(address, bytes);
  }
}
