import { actAs, readBytes, writeBytes } from '#mem';
import {
  avpDriver,
  BurstTable,
  mbufFree,
  mbufFromBytes,
  MbufView,
  Mempool,
  type Port,
  type PortConfig,
} from '../../../driver';
import { AvpDevice, avpDeviceSettings, type AvpDeviceSettings, type DeepPartial } from '../../../emulator';
import { asHost } from '../../../shared/actors';
import { allocate, extents, resetArena } from '../../../shared/arena';
import { VirtualClock } from '../../../shared/clock';
import { HEADROOM_BYTES, MAX_BURST } from '../../../shared/loops/layout';
import { ACTOR_DRIVER, HOST_ONLY } from '../../../shared/loops/rights';
import { resetInterruptHandlers, type Platform } from '../../../shared/pci';
import { Random } from '../../../shared/random';
import { JavaScriptState } from '../../explore/machine/javaScriptState';
import { ensure } from '../finding';
import type { MemoryRange } from '../memory/attack';
import { frameArea, WorldImage } from '../memory/image';
import { SharedMemory } from '../memory/sharedMemory';
import { FRAME, SMALL_BUFFERS, TICK_MS } from './small';

export interface HostWorldSettings {
  readonly name: string;
  readonly device: DeepPartial<AvpDeviceSettings>;
  readonly port: PortConfig;
}

const DEVICE: DeepPartial<AvpDeviceSettings> = {
  ...SMALL_BUFFERS,
  fifoSlots: { tx: 16, rx: 16, alloc: 16, free: 16, req: 4, resp: 4 },
  pools: [{ buffers: 24 }],
};

/** Worlds of the attacked port. Together they take every path of the host. */
export const HOST_WORLDS: readonly HostWorldSettings[] = [
  {
    name: 'two queues each way, two pools',
    device: {
      rxQueues: { min: 1, max: 2 },
      txQueues: { min: 1, max: 2 },
      pools: [{ buffers: 16 }, { buffers: 16 }],
      layout: { offsets: 'different', order: 'shuffled', segments: 8 },
    },
    port: { rxQueues: 2, txQueues: 2 },
  },
  {
    name: 'a pool across 4 GiB, tags, packets of many short segments',
    device: {
      layout: { nearFourGiB: true },
      rxSegmentBytes: 100,
      rxQueues: { min: 1, max: 1 },
      txQueues: { min: 1, max: 1 },
    },
    port: { rxQueues: 1, txQueues: 1, vlanStrip: true, vlanInsert: true },
  },
  {
    name: 'short rings, small budgets, no drain at a detach',
    device: {
      fifoSlots: { tx: 4, rx: 4, alloc: 8, free: 4, req: 2, resp: 2 },
      budget: { tx: 2, free: 2, alloc: 3, requests: 1 },
      migration: { drainTx: false },
      rxQueues: { min: 1, max: 1 },
      txQueues: { min: 1, max: 1 },
      vlanOffload: false,
    },
    port: { rxQueues: 1, txQueues: 1 },
  },
];

const MBUFS = 24;
const FRAME_ROOM = 2_048;

/** A device with its guest's driver, on a network of its own. */
export class Member {
  readonly device: AvpDevice;
  /** Frames from the guest. */
  readonly wire: Uint8Array[] = [];
  port: Port;
  readonly mempool: Mempool;

  constructor(
    readonly name: string,
    number: number,
    settings: DeepPartial<AvpDeviceSettings>,
    config: PortConfig,
    private readonly platform: Platform & { readonly clock: VirtualClock },
    private readonly table: BurstTable,
    private readonly frame: number,
  ) {
    const { clock } = platform;
    const device = avpDeviceSettings({ ...DEVICE, ...settings });
    this.device = new AvpDevice({ name, settings: device, deviceNumber: number, clock, random: new Random(number) });
    this.device.uplink = { deliver: (address, bytes) => void this.wire.push(asHost(() => readBytes(address, bytes))) };
    clock.onStep(() => this.device.step());
    clock.onStep(() => this.device.function.dispatchInterrupt());
    this.mempool = Mempool.create({ mbufs: MBUFS, dataRoomBytes: 256 + HEADROOM_BYTES, label: `mbufs of ${name}` });
    this.port = this.start(config);
  }

  /** Probes the device and starts a port, as a guest does that boots. */
  start(config: PortConfig): Port {
    const { device, mempool, platform } = this;
    const port = avpDriver.probe(device.function, platform);
    port.configure({ mtu: 1_182, ...config });
    for (let queue = 0; queue < config.rxQueues; queue++) port.rxQueueSetup(queue, { mempool });
    for (let queue = 0; queue < config.txQueues; queue++) port.txQueueSetup(queue);
    port.start();
    for (let i = 0; i < 3; i++) platform.clock.step();
    return port;
  }

  /** Sends one packet each way, and expects both to arrive. */
  expectTraffic(promise: 'recovery' | 'isolation', queues: number): void {
    const { device, port, table, frame, wire, name } = this;
    asHost(() => writeBytes(frame, FRAME));
    device.deliver(frame, FRAME.length);
    device.step();
    let received = 0;
    for (let queue = 0; queue < queues; queue++) {
      const count = port.rxBurst(queue, table, MAX_BURST);
      for (let i = 0; i < count; i++) {
        const bytes = new MbufView().at(table.handles[i]!).data();
        ensure(Buffer.compare(bytes, FRAME) === 0, promise, () => `${name} receives other bytes than were sent to it`);
        mbufFree(table.handles[i]!);
      }
      received += count;
    }
    ensure(received === 1, promise, () => `${name} receives ${received} packets: expected 1`);
    wire.length = 0;
    table.handles[0] = mbufFromBytes(this.mempool, FRAME);
    const taken = port.txBurst(0, table, 1);
    device.step();
    const arrived = taken === 1 && wire.length === 1 && Buffer.compare(wire[0]!, FRAME) === 0;
    ensure(arrived, promise, () => `${name} sends a packet, and ${wire.length} arrive`);
    ensure(this.mempool.available === this.mempool.size, promise, () => `${name} has lost mbufs`);
    wire.length = 0;
  }
}

/** The attacked port, and another one beside it that has nothing to do with it. */
export class HostWorld {
  readonly clock = new VirtualClock(TICK_MS);
  readonly attacked: Member;
  readonly other: Member;
  readonly memory: SharedMemory;
  /** Place for a frame from the network. */
  readonly frame: number;
  private readonly image: WorldImage;
  private readonly objects: JavaScriptState;

  constructor(readonly settings: HostWorldSettings) {
    actAs(ACTOR_DRIVER);
    resetArena();
    resetInterruptHandlers();
    const { clock } = this;
    const table = BurstTable.create(MAX_BURST);
    this.frame = allocate(FRAME_ROOM, { rights: HOST_ONLY, label: 'frame' });
    const platform = { clock };
    const one = { rxQueues: { min: 1, max: 1 }, txQueues: { min: 1, max: 1 } };
    this.attacked = new Member('attacked', 3, settings.device, settings.port, platform, table, this.frame);
    this.other = new Member('other', 4, one, { rxQueues: 1, txQueues: 1 }, platform, table, this.frame);
    this.memory = new SharedMemory(this.attacked.device.inspect.host);
    this.image = new WorldImage([this.attacked, this.other].map(({ device }) => frameArea(device.inspect.host)));
    this.objects = new JavaScriptState([this.attacked, this.other, clock], []);
  }

  /** Everything that belongs to the other port or its guest. */
  get othersRanges(): MemoryRange[] {
    return extents().filter(({ label }) => label.startsWith('other') || label.startsWith('mbufs of other'));
  }

  restore(): void {
    this.image.restore();
    this.objects.restore();
  }
}
