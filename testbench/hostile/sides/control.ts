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
import { loadPortMaxRxPktLen } from '../../../driver/loops/records';
import { AvpDevice, avpDeviceSettings, type AvpDeviceSettings, type DeepPartial } from '../../../emulator';
import { portCounters } from '../../../emulator/abi/records';
import { loadHostPortCounters } from '../../../emulator/device/loops/records';
import { asHost } from '../../../shared/actors';
import { allocate, extents, resetArena } from '../../../shared/arena';
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
import type { HostileCase, Step } from '../cases/hostileCase';
import { Broken, ensure } from '../finding';
import { Counters } from '../judge/counters';
import { PoolJudge } from '../judge/mbufs';
import { Attack } from '../memory/attack';
import { ControlFetches } from '../memory/controlFetches';
import { frameArea, WorldImage } from '../memory/image';
import { SharedMemory } from '../memory/sharedMemory';
import { everything, headersOf, ofKind, slotsOf, wordsOf } from './places';
import { FRAME, SMALL_BUFFERS, TICK_MS } from './small';

const DEVICE: DeepPartial<AvpDeviceSettings> = {
  ...SMALL_BUFFERS,
  fifoSlots: { tx: 8, rx: 8, alloc: 8, free: 8, req: 4, resp: 4 },
  rxQueues: { min: 1, max: 2 },
  txQueues: { min: 1, max: 2 },
  pools: [{ buffers: 16 }, { buffers: 16 }],
  layout: { segments: 6, order: 'shuffled' },
};
const CONFIGS: readonly PortConfig[] = [
  { rxQueues: 1, txQueues: 1, mtu: 1_000 },
  { rxQueues: 2, txQueues: 2, mtu: 200 },
  { rxQueues: 1, txQueues: 2, mtu: 1_000, vlanStrip: true, vlanInsert: true },
];
const MBUFS = 12;
const MOST_SHARED = 40_000;
const MOST_ACCESSES = 2_000_000;
/** Longest time that any operation may take: the lock, a former answer, two requests, bursts to end. */
const MOST_MS = 6_000;

/** Control operations of the driver, from the probe to the removal, against a host that writes anything into all BARs. */
export class ControlSide {
  /** The host's counters, because the driver's ports come and go. */
  readonly counters: Counters;
  private readonly clock = new VirtualClock(TICK_MS);
  private readonly platform = { clock: this.clock };
  private readonly device: AvpDevice;
  private readonly memory: SharedMemory;
  private readonly attack: Attack;
  private readonly fetches: ControlFetches;
  private readonly pools: readonly PoolJudge[];
  private readonly table: BurstTable;
  private readonly frame: number;
  private readonly fromGuest: Uint8Array[] = [];
  private readonly image: WorldImage;
  private readonly objects: JavaScriptState;
  private port: Port | null = null;
  private config = CONFIGS[0]!;

  constructor() {
    actAs(ACTOR_DRIVER);
    resetArena();
    resetInterruptHandlers();
    const { clock } = this;
    const settings = avpDeviceSettings(DEVICE);
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

  run(one: HostileCase): void {
    this.image.restore();
    this.objects.restore();
    resetInterruptHandlers();
    this.port = null;
    this.config = CONFIGS[one.world % CONFIGS.length]!;
    this.grantAll();
    this.attack.begin(one);
    const before = extents().length;
    this.open();
    for (const step of one.steps) this.step(step);
    this.close();
    for (const pool of this.pools) pool.expectAllFree();
    const left = extents().slice(before);
    ensure(left.length === 0, 'leak', () => `memory of the driver is left: ${left.map(({ label }) => label).join()}`);
    if (one.recovers) this.expectRecovery();
  }

  /** Runs an operation, which may fail with an errno. Returns null for a failure. */
  private operate<T>(body: () => T): T | null {
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

  /** Probes the device. A probe that fails must change nothing. */
  private open(): void {
    const before = extents().length;
    this.port = this.operate(() => avpDriver.probe(this.device.function, this.platform));
    const { descriptions } = this.fetches;
    ensure(descriptions <= 2, 'single-fetch', () => `a probe fetches the device info ${descriptions} times`);
    if (this.port === null) {
      ensure(extents().length === before, 'leak', () => 'a probe that failed has left memory behind');
      return;
    }
    this.setUp(this.port);
  }

  private setUp(port: Port): void {
    const { config, pools } = this;
    const [rx] = pools;
    this.operate(() => {
      port.configure(config);
      for (let queue = 0; queue < config.rxQueues; queue++) port.rxQueueSetup(queue, { mempool: rx!.pool });
      for (let queue = 0; queue < config.txQueues; queue++) port.txQueueSetup(queue);
    });
    this.operate(() => port.start());
  }

  private close(): void {
    const { port } = this;
    this.port = null;
    if (port !== null) this.operate(() => avpDriver.remove(port));
  }

  private step([operation, a, b, c]: Step): void {
    const { port } = this;
    const kind = operation % 16;
    if (port === null || kind === 0) return this.reopen();
    if (kind < 4) this.burst(port, a, b, c);
    else if (kind < 6) this.migrate(a);
    else this.operate(() => this.control(port, kind, a));
  }

  private reopen(): void {
    this.close();
    this.open();
  }

  private control(port: Port, kind: number, a: number): void {
    if (kind === 6) port.stop();
    else if (kind === 7) port.start();
    else if (kind === 8) port.vlanOffloadSet({ strip: a % 2 === 0, insert: a % 3 === 0 });
    else if (kind === 9) port.configure(CONFIGS[a % CONFIGS.length]!);
    else if (kind === 10) port.rxQueueCount(a % 2);
    else if (kind === 11) port.rxDescriptorStatus(a % 2, a % 8);
    else if (kind === 12) void [port.linkGet(), port.statsGet(), port.infoGet(), port.xstatsGet()];
    else if (kind === 13) this.device.raiseMigration([0, 1, 2, 3, 7][a % 5]!);
    else this.clock.sleepMs(TICK_MS * (1 + (a % 4)));
  }

  /** Begins or ends a migration, and gives the driver time to serve it. */
  private migrate(a: number): void {
    if (a % 3 === 0) this.device.beginDetach();
    else this.device.beginAttach();
    this.operate(() => this.clock.sleepMs(MOST_MS / 4));
  }

  private burst(port: Port, a: number, b: number, c: number): void {
    const [rx, tx] = this.pools;
    if (a % 2 === 0) {
      this.device.deliver(this.frame, FRAME.length);
      this.clock.step();
      const count = this.operate(() => port.rxBurst(b % 2, this.table, 1 + (c % 8))) ?? 0;
      rx!.begin();
      const mbufs = this.table.handles.slice(0, count);
      for (const mbuf of mbufs) rx!.expectSound(mbuf, port.address, loadPortMaxRxPktLen(port.address));
      for (const mbuf of mbufs) mbufFree(mbuf);
      return;
    }
    const offered = Array.from({ length: 1 + (c % 4) }, () => mbufFromBytes(tx!.pool, FRAME));
    this.table.handles.set(offered);
    const taken = this.operate(() => port.txBurst(b % 2, this.table, offered.length)) ?? 0;
    ensure(taken <= offered.length, 'account', () => `takes ${taken} of ${offered.length} packets`);
    for (const mbuf of offered.slice(taken)) mbufFree(mbuf);
  }

  /** Another host comes that behaves; the next guest's traffic flows. */
  private expectRecovery(): void {
    const { device, clock, table, pools, fromGuest } = this;
    this.attack.end();
    device.guestDied();
    device.replaceHost({ ...avpDeviceSettings(DEVICE), deviceId: 9n });
    device.beginAttach();
    const port = avpDriver.probe(device.function, this.platform);
    this.config = CONFIGS[0]!;
    this.setUp(port);
    for (let i = 0; i < 3; i++) clock.step();
    device.deliver(this.frame, FRAME.length);
    clock.step();
    const received = port.rxBurst(0, table, MAX_BURST);
    const bytes = received === 1 ? new MbufView().at(table.handles[0]!).data() : FRAME.subarray(1);
    ensure(Buffer.compare(bytes, FRAME) === 0, 'recovery', () => `the next port receives ${received} packets`);
    mbufFree(table.handles[0]!);
    fromGuest.length = 0;
    table.handles[0] = mbufFromBytes(pools[1]!.pool, FRAME);
    const taken = port.txBurst(0, table, 1);
    clock.step();
    const arrived = taken === 1 && fromGuest.length === 1 && Buffer.compare(fromGuest[0]!, FRAME) === 0;
    ensure(arrived, 'recovery', () => `the next port sends a packet, and ${fromGuest.length} arrive`);
    avpDriver.remove(port);
  }
}
