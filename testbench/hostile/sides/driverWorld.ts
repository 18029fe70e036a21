import { actAs, protect, readBytes, writeBytes } from '#mem';
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
import { allocate, resetArena } from '../../../shared/arena';
import { VirtualClock } from '../../../shared/clock';
import { HEADROOM_BYTES, MAX_BURST, MIGRATION_ATTACHED } from '../../../shared/loops/layout';
import { ACTOR_DRIVER, BOTH, HOST_ONLY } from '../../../shared/loops/rights';
import { resetInterruptHandlers, type Platform } from '../../../shared/pci';
import { Random } from '../../../shared/random';
import { JavaScriptState } from '../../explore/machine/javaScriptState';
import { ensure } from '../finding';
import { frameArea, WorldImage } from '../memory/image';
import { SharedMemory } from '../memory/sharedMemory';
import { FRAME, SMALL_BUFFERS, TICK_MS } from './small';

/** Settings of a world in which the driver is attacked. */
export interface DriverWorldSettings {
  readonly name: string;
  readonly device: DeepPartial<AvpDeviceSettings>;
  readonly port?: Partial<PortConfig>;
  readonly rxMbufs: number;
  /** Data bytes of each mbuf for received packets. */
  readonly rxMbufBytes: number;
}

const DEVICE: DeepPartial<AvpDeviceSettings> = {
  ...SMALL_BUFFERS,
  fifoSlots: { tx: 16, rx: 16, alloc: 16, free: 16, req: 4, resp: 4 },
  rxQueues: { min: 1, max: 1 },
  txQueues: { min: 1, max: 1 },
  pools: [{ buffers: 24 }],
};

/** Worlds with one queue each way. Together they take every path of the bursts. */
export const DRIVER_WORLDS: readonly DriverWorldSettings[] = [
  {
    name: 'two pools, packets of several buffers',
    device: {
      pools: [{ buffers: 14 }, { buffers: 14 }],
      layout: { offsets: 'different', order: 'shuffled', segments: 8 },
    },
    rxMbufs: 24,
    rxMbufBytes: 256,
  },
  {
    name: 'packets of one buffer',
    device: { maxRxPacketBytes: 250 },
    port: { mtu: 200 },
    rxMbufs: 24,
    rxMbufBytes: 256,
  },
  {
    name: 'a pool across 4 GiB, two FIFOs for one queue, tags',
    device: { layout: { nearFourGiB: true }, rxQueues: { min: 2, max: 2 } },
    port: { vlanStrip: true, vlanInsert: true },
    rxMbufs: 24,
    rxMbufBytes: 300,
  },
  {
    name: 'short rings, few and small mbufs',
    device: { fifoSlots: { tx: 4, rx: 8, alloc: 4, free: 4, req: 4, resp: 4 }, vlanOffload: false },
    rxMbufs: 7,
    rxMbufBytes: 100,
  },
];

const TX_MBUFS = 64;
const TX_MBUF_BYTES = 200;
/** Longest time in which the driver serves an event of a migration: two answers that do not come, and bursts to end. */
const EVENT_MS = 2_500;
const NEXT_DEVICE_ID = 77n;

/** A started port of the real driver on the real device, with mempools and a table for bursts. */
export class DriverWorld {
  readonly clock = new VirtualClock(TICK_MS);
  readonly platform: Platform = { clock: this.clock };
  readonly device: AvpDevice;
  readonly memory: SharedMemory;
  readonly port: Port;
  readonly rxPool: Mempool;
  readonly txPool: Mempool;
  readonly table: BurstTable;
  private readonly frame: number;
  private readonly fromGuest: Uint8Array[] = [];
  private image: WorldImage | null = null;
  private objects: JavaScriptState | null = null;
  private isChanged = false;

  constructor(readonly settings: DriverWorldSettings) {
    actAs(ACTOR_DRIVER);
    resetArena();
    resetInterruptHandlers();
    const { clock } = this;
    const device = avpDeviceSettings({ ...DEVICE, ...settings.device });
    this.device = new AvpDevice({ name: 'device', settings: device, deviceNumber: 3, clock, random: new Random(1) });
    clock.onStep(() => this.device.step());
    clock.onStep(() => this.device.function.dispatchInterrupt());
    this.port = avpDriver.probe(this.device.function, this.platform);
    const { rxMbufs: mbufs, rxMbufBytes } = settings;
    this.rxPool = Mempool.create({ mbufs, dataRoomBytes: rxMbufBytes + HEADROOM_BYTES, label: 'rx pool' });
    this.txPool = Mempool.create({ mbufs: TX_MBUFS, dataRoomBytes: TX_MBUF_BYTES + HEADROOM_BYTES, label: 'tx pool' });
    this.table = BurstTable.create(MAX_BURST);
    this.frame = allocate(FRAME.length, { rights: HOST_ONLY, label: 'frame' });
    asHost(() => writeBytes(this.frame, FRAME));
    this.device.uplink = {
      deliver: (address, bytes) => void this.fromGuest.push(asHost(() => readBytes(address, bytes))),
    };
    this.start();
    this.memory = new SharedMemory(this.device.inspect.host);
    this.grantPools();
  }

  private start(): void {
    const { port, clock } = this;
    const mtu = this.device.settings.maxRxPacketBytes - 18;
    port.configure({ rxQueues: 1, txQueues: 1, mtu, ...this.settings.port });
    port.rxQueueSetup(0, { mempool: this.rxPool });
    port.txQueueSetup(0);
    port.start();
    for (let i = 0; i < 3; i++) clock.step();
  }

  /** A host may point the driver anywhere in its pools, so all of them are in the driver's ranges. */
  grantPools(): void {
    for (const { address, bytes } of this.memory.pools) protect(address, bytes, BOTH);
  }

  /** Ends the set-up: each case begins with the world as it is now. */
  keep(): void {
    this.image = new WorldImage([frameArea(this.device.inspect.host)]);
    this.objects = new JavaScriptState([this.device, this.clock, this.fromGuest], []);
  }

  /** Begins a case. */
  restore(): void {
    this.image!.restore();
    if (this.isChanged) this.objects!.restore();
    this.isChanged = false;
  }

  /**
   * Lets another host take over, which behaves, and expects a packet to pass in each direction. The driver may or may
   * not get an answer to its shutdown from the former host.
   */
  expectRecovery(): void {
    const { device, clock, port } = this;
    this.isChanged = true;
    // The thread may know the handler of another world at this address.
    resetInterruptHandlers();
    port.takeInterrupts();
    device.beginDetach();
    clock.sleepMs(EVENT_MS);
    device.replaceHost({ ...device.settings, deviceId: NEXT_DEVICE_ID });
    device.beginAttach();
    clock.sleepMs(EVENT_MS);
    const events = (): string => JSON.stringify(port.eventsSince(0));
    ensure(
      !port.detached && device.migration.ack === MIGRATION_ATTACHED,
      'recovery',
      () => `the port is not attached: ${events()}`,
    );
    this.expectReceived();
    this.expectSent();
  }

  private expectReceived(): void {
    const { device, port, table, clock } = this;
    device.deliver(this.frame, FRAME.length);
    clock.step();
    const count = port.rxBurst(0, table, MAX_BURST);
    ensure(count === 1, 'recovery', () => `a burst receives ${count} packets: expected 1`);
    const bytes = new MbufView().at(table.handles[0]!).data();
    ensure(Buffer.compare(bytes, FRAME) === 0, 'recovery', () => 'the packet received is not the one that was sent');
    mbufFree(table.handles[0]!);
  }

  private expectSent(): void {
    const { port, table, clock, fromGuest } = this;
    fromGuest.length = 0;
    table.handles[0] = mbufFromBytes(this.txPool, FRAME);
    const taken = port.txBurst(0, table, 1);
    ensure(taken === 1, 'recovery', () => `a burst takes ${taken} packets: expected 1`);
    clock.step();
    const arrived = fromGuest.length === 1 && Buffer.compare(fromGuest[0]!, FRAME) === 0;
    ensure(arrived, 'recovery', () => `the host forwards ${fromGuest.length} packets: expected the one that was sent`);
  }
}
