import { AvpDevice, avpDeviceSettings, type AvpDeviceSettings, type FrameSink } from '../../../../../emulator';
import { fifoBytes } from '../../../../../shared/loops/fifo';
import { BAR_MEMORY, BAR_MMIO, FIFO_READ, FIFO_WRITE } from '../../../../../shared/loops/layout';
import type { Size, Stage } from '../../../machine/definition';
import { packet, packetBytes, packetNumberAt, placed } from './packets';

const RINGS = ['tx', 'rx', 'alloc', 'free', 'req', 'resp'] as const;
const SLOTS = 8;
/** Buffers of each queue pair: enough for both directions. */
const BUFFERS = 12;

/** Settings of a host as small as a host can be. */
export function smallSettings({ queues, shape }: Size): AvpDeviceSettings {
  const count = { min: 1, max: queues };
  return avpDeviceSettings({
    rxQueues: count,
    txQueues: count,
    fifoSlots: { tx: SLOTS, rx: SLOTS, alloc: SLOTS, free: SLOTS, req: SLOTS, resp: SLOTS },
    mbufSize: shape === 'simple' ? 256 : 64,
    maxRxPacketBytes: 256,
    dataGapBytes: 0,
    canaryBytes: 8,
    pools: [{ buffers: BUFFERS * queues }],
  });
}

/** Settings of another host that can take its place: other addresses, ring lengths and buffers. */
export function otherSettings(size: Size): AvpDeviceSettings {
  const here = smallSettings(size);
  const { fifoSlots, pools } = here;
  return {
    ...here,
    deviceId: 2n,
    fifoSlots: { ...fifoSlots, rx: SLOTS / 2, free: SLOTS / 2, tx: SLOTS / 2, alloc: SLOTS / 2 },
    pools: [{ buffers: pools[0]!.buffers - 2 }],
    layout: { ...here.layout, order: 'shuffled' },
  };
}

/** Takes what the guest sends to the network: the numbers of the packets, 0 for one that is not intact. */
class NumberSink implements FrameSink {
  readonly numbers: number[] = [];

  deliver(address: number, bytes: number): void {
    this.numbers.push(packetNumberAt(address, bytes));
  }
}

/** A device with a host behind it, and packets for the guest. */
export class SmallHost {
  readonly device: AvpDevice;
  readonly sink = new NumberSink();
  private readonly packets: number[] = [];
  private readonly bytes: number;
  /** Packets that it has put on rx, or dropped. */
  offered = 0;

  constructor(stage: Stage, packets: number) {
    const { clock, random, size } = stage;
    this.bytes = packetBytes(size);
    this.device = new AvpDevice({ name: 'nic', settings: smallSettings(size), deviceNumber: 1, clock, random });
    this.device.uplink = this.sink;
    stage.record(this.device.inspect.requests);
    for (let i = 0; i < packets; i++) this.packets.push(placed(packet(i + 1, this.bytes), `packet ${i + 1}`));
    stage.give('function', this.device.function.base);
    stage.meanwhile(() => this.device.step());
    this.labels(stage);
  }

  /** Puts the guest's next packet on rx. */
  deliver(): void {
    this.device.deliver(this.packets[this.offered]!, this.bytes);
    this.offered++;
  }

  private labels(stage: Stage): void {
    const { function: pci, inspect } = this.device;
    const { host } = inspect;
    stage.label('memory of the host', pci.barAddress(BAR_MEMORY), pci.barBytes(BAR_MEMORY));
    ['mask', 'status', 'migration status', 'ack'].forEach((name, i) =>
      stage.label(`register ${name}`, pci.barAddress(BAR_MMIO) + 4 * i, 4),
    );
    for (const kind of RINGS)
      for (let queue = 0; queue < host.fifosOfKind(kind); queue++) {
        const at = host.fifoAddress(kind, queue);
        const name = `${kind}[${queue}]`;
        stage.label(`${name} ring`, at, fifoBytes(host.settings.fifoSlots[kind]));
        stage.label(`${name}.read`, at + FIFO_READ, 4);
        stage.label(`${name}.write`, at + FIFO_WRITE, 4);
      }
  }
}
