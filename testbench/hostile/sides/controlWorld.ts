import { actAs, protect, readBytes, writeBytes } from '#mem';
import { BurstTable, Mempool, type PortConfig } from '../../../driver';
import { AvpDevice, avpDeviceSettings, type AvpDeviceSettings, type DeepPartial } from '../../../emulator';
import { portCounters } from '../../../emulator/abi/records';
import { loadHostPortCounters } from '../../../emulator/device/loops/records';
import { asHost } from '../../../shared/actors';
import { allocate, resetArena } from '../../../shared/arena';
import { VirtualClock } from '../../../shared/clock';
import { ErrnoError } from '../../../shared/errors';
import {
  BAR_DEVICE,
  BAR_MEMMAP,
  BAR_MEMORY,
  BAR_MMIO,
  DEVICE_INFO_BYTES,
  HEADROOM_BYTES,
  MAX_BURST,
  MEMMAP_BYTES,
  MEMMAP_INFO_MAPS,
  REQUEST_BYTES,
} from '../../../shared/loops/layout';
import { ACTOR_DRIVER, BOTH, HOST_ONLY } from '../../../shared/loops/rights';
import { resetInterruptHandlers } from '../../../shared/pci';
import { Random } from '../../../shared/random';
import { JavaScriptState } from '../../explore/machine/javaScriptState';
import type { HostileCase } from '../cases/hostileCase';
import { Broken, ensure } from '../finding';
import { Counters } from '../judge/counters';
import { PoolJudge } from '../judge/mbufs';
import { Attack } from '../memory/attack';
import { ControlFetches } from '../memory/controlFetches';
import { frameArea, WorldImage } from '../memory/image';
import { SharedMemory } from '../memory/sharedMemory';
import { everything, headersOf, ofKind, slotsOf, wordsOf } from './places';
import { FRAME, SMALL_BUFFERS, TICK_MS } from './small';

export const CONTROL_DEVICE: DeepPartial<AvpDeviceSettings> = {
  ...SMALL_BUFFERS,
  fifoSlots: { tx: 8, rx: 8, alloc: 8, free: 8, req: 4, resp: 4 },
  rxQueues: { min: 1, max: 2 },
  txQueues: { min: 1, max: 2 },
  pools: [{ buffers: 16 }, { buffers: 16 }],
  layout: { segments: 6, order: 'shuffled' },
};
export const CONFIGS: readonly PortConfig[] = [
  { rxQueues: 1, txQueues: 1, mtu: 1_000 },
  { rxQueues: 2, txQueues: 2, mtu: 200 },
  { rxQueues: 1, txQueues: 2, mtu: 1_000, vlanStrip: true, vlanInsert: true },
];
const MBUFS = 12;
const MOST_SHARED = 40_000;
const MOST_ACCESSES = 2_000_000;
/** Longest time that any operation may take: the lock, a former answer, two requests, bursts to end. */
export const MOST_MS = 6_000;

/** A device whose host writes anything into all BARs, and the driver's memory. The driver has no port yet. */
export class ControlWorld {
  /** The host's counters, because the driver's ports come and go. */
  readonly counters: Counters;
  readonly clock = new VirtualClock(TICK_MS);
  readonly platform = { clock: this.clock };
  readonly device: AvpDevice;
  readonly attack: Attack;
  readonly fetches: ControlFetches;
  readonly pools: readonly PoolJudge[];
  readonly table: BurstTable;
  /** Address of a frame for the guest. */
  readonly frame: number;
  /** Frames that the guest has sent. */
  readonly fromGuest: Uint8Array[] = [];
  private readonly memory: SharedMemory;
  private readonly image: WorldImage;
  private readonly objects: JavaScriptState;

  constructor() {
    actAs(ACTOR_DRIVER);
    resetArena();
    resetInterruptHandlers();
    const { clock } = this;
    const settings = avpDeviceSettings(CONTROL_DEVICE);
    this.device = new AvpDevice({ name: 'device', settings, deviceNumber: 3, clock, random: new Random(1) });
    this.device.uplink = {
      deliver: (address, bytes) => void this.fromGuest.push(asHost(() => readBytes(address, bytes))),
    };
    this.pools = ['rx', 'tx'].map((name) => {
      const dataRoomBytes = 256 + HEADROOM_BYTES;
      return new PoolJudge(Mempool.create({ mbufs: MBUFS, dataRoomBytes, label: `pool ${name}` }));
    });
    this.table = BurstTable.create(MAX_BURST);
    this.frame = allocate(FRAME.length, { rights: HOST_ONLY, label: 'frame' });
    asHost(() => writeBytes(this.frame, FRAME));
    this.memory = new SharedMemory(this.device.inspect.host);
    const bars = [BAR_MMIO, BAR_MEMORY, BAR_MEMMAP, BAR_DEVICE];
    this.attack = new Attack(this.memory, ACTOR_DRIVER, this.places(), {
      shared: bars.map((bar) => ({ address: this.bar(bar), bytes: this.device.function.barBytes(bar) })),
    });
    const info = { address: this.bar(BAR_DEVICE), bytes: DEVICE_INFO_BYTES };
    const { port } = this.device.inspect.host;
    this.counters = new Counters(
      portCounters,
      asHost(() => loadHostPortCounters(port)),
    );
    this.fetches = new ControlFetches(this.memory, info);
    clock.onStep(() => this.device.step());
    clock.onStep(() => this.grantAll());
    clock.onStep(() => this.device.function.dispatchInterrupt());
    this.image = new WorldImage([frameArea(this.device.inspect.host)]);
    this.objects = new JavaScriptState([this.device, clock, this.fromGuest], []);
  }

  /** Puts everything back to its beginning, and begins the attack of a case. */
  begin(one: HostileCase): void {
    this.image.restore();
    this.objects.restore();
    resetInterruptHandlers();
    this.grantAll();
    this.attack.begin(one);
  }

  /** Runs an operation under attack, which may fail with an errno. Returns null for a failure. */
  operate<T>(body: () => T): T | null {
    this.attack.beforeStep();
    this.fetches.begin();
    const fromMs = this.clock.nowMs();
    try {
      return this.attack.during(MOST_SHARED, MOST_ACCESSES, this.fetches, body);
    } catch (error) {
      if (!(error instanceof ErrnoError)) throw error;
      if (error.message === '') throw new Broken('throws', `an error without a message: ${error.code}`);
      return null;
    } finally {
      const tookMs = this.clock.nowMs() - fromMs;
      ensure(tookMs <= MOST_MS, 'bounded', () => `an operation takes ${tookMs} ms`);
    }
  }

  private bar(number: number): number {
    return this.device.function.barAddress(number);
  }

  /** A host may say that anything lies anywhere in BAR 2, so all of it is in the driver's ranges. */
  private grantAll(): void {
    protect(this.bar(BAR_MEMORY), this.device.function.barBytes(BAR_MEMORY), BOTH);
  }

  private places(): Uint32Array[] {
    const { memory } = this;
    const info = wordsOf(this.bar(BAR_DEVICE), DEVICE_INFO_BYTES);
    const maps = this.device.inspect.host.plan.segments.length;
    const control = [...ofKind(memory, 'req'), ...ofKind(memory, 'resp')];
    return [
      info,
      wordsOf(this.bar(BAR_MEMMAP), MEMMAP_INFO_MAPS + maps * MEMMAP_BYTES),
      wordsOf(memory.sync, REQUEST_BYTES),
      headersOf(control),
      slotsOf(control),
      headersOf(memory.fifos),
      wordsOf(this.bar(BAR_MMIO), 16),
      everything(memory),
    ];
  }
}
