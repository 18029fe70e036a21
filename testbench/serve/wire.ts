import type { AvpDevice, Endpoint, FrameSink } from '../../emulator';
import { deliverEach } from '../../emulator/device/frameTable';

/** Who looks at the frames of the guest. Called with the host's rights. */
export interface FrameTaker {
  /** True keeps a frame from the switch. */
  take(address: number, bytes: number): boolean;
  /** Whether all frames go back to the guest at present, and nobody looks at them. */
  readonly turnsAll: boolean;
}

/** Stands between a device and its switch port. */
export class Wire implements Endpoint {
  readonly name: string;
  private readonly outward: FrameSink = {
    deliver: (address, bytes) => this.send(address, bytes),
    deliverTable: (table, count) => this.sendTable(table, count),
  };
  private sink: FrameSink | null = null;

  constructor(
    private readonly device: AvpDevice,
    private readonly taker: FrameTaker,
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
    if (!this.taker.take(address, bytes)) this.sink?.deliver(address, bytes);
  }

  private sendTable(table: number, count: number): void {
    if (this.taker.turnsAll) this.device.deliverTable(table, count);
    else deliverEach(this.outward, table, count);
  }
}
