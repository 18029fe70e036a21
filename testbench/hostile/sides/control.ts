import { avpDriver, mbufFree, mbufFromBytes, MbufView, type Port } from '../../../driver';
import { loadPortMaxRxPktLen } from '../../../driver/loops/records';
import { avpDeviceSettings } from '../../../emulator';
import { extents } from '../../../shared/arena';
import { MAX_BURST } from '../../../shared/loops/layout';
import type { HostileCase, Step } from '../cases/hostileCase';
import { ensure } from '../finding';
import { CONFIGS, CONTROL_DEVICE, ControlWorld, MOST_MS } from './controlWorld';
import { FRAME, TICK_MS } from './small';

/** Control operations of the driver, from the probe to the removal, against a host that writes anything into all BARs. */
export class ControlSide {
  private readonly world = new ControlWorld();
  readonly counters = this.world.counters;
  private port: Port | null = null;
  private config = CONFIGS[0]!;

  run(one: HostileCase): void {
    this.world.begin(one);
    this.port = null;
    this.config = CONFIGS[one.world % CONFIGS.length]!;
    const before = extents().length;
    this.open();
    for (const step of one.steps) this.step(step);
    this.close();
    for (const pool of this.world.pools) pool.expectAllFree();
    const left = extents().slice(before);
    ensure(left.length === 0, 'leak', () => `memory of the driver is left: ${left.map(({ label }) => label).join()}`);
    if (one.recovers) this.expectRecovery();
  }

  /** Probes the device. A probe that fails must change nothing. */
  private open(): void {
    const before = extents().length;
    this.port = this.world.operate(() => avpDriver.probe(this.world.device.function, this.world.platform));
    const { descriptions } = this.world.fetches;
    ensure(descriptions <= 2, 'single-fetch', () => `a probe fetches the device info ${descriptions} times`);
    if (this.port === null) {
      ensure(extents().length === before, 'leak', () => 'a probe that failed has left memory behind');
      return;
    }
    this.setUp(this.port);
  }

  private setUp(port: Port): void {
    const { config, world } = this;
    const [rx] = world.pools;
    this.world.operate(() => {
      port.configure(config);
      for (let queue = 0; queue < config.rxQueues; queue++) port.rxQueueSetup(queue, { mempool: rx!.pool });
      for (let queue = 0; queue < config.txQueues; queue++) port.txQueueSetup(queue);
    });
    this.world.operate(() => port.start());
  }

  private close(): void {
    const { port } = this;
    this.port = null;
    if (port !== null) this.world.operate(() => avpDriver.remove(port));
  }

  private step([operation, a, b, c]: Step): void {
    const { port } = this;
    const kind = operation % 16;
    if (port === null || kind === 0) return this.reopen();
    if (kind < 4) this.burst(port, a, b, c);
    else if (kind < 6) this.migrate(a);
    else this.world.operate(() => this.control(port, kind, a));
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
    else if (kind === 13) this.world.device.raiseMigration([0, 1, 2, 3, 7][a % 5]!);
    else this.world.clock.sleepMs(TICK_MS * (1 + (a % 4)));
  }

  /** Begins or ends a migration, and gives the driver time to serve it. */
  private migrate(a: number): void {
    if (a % 3 === 0) this.world.device.beginDetach();
    else this.world.device.beginAttach();
    this.world.operate(() => this.world.clock.sleepMs(MOST_MS / 4));
  }

  private burst(port: Port, a: number, b: number, c: number): void {
    const [rx, tx] = this.world.pools;
    if (a % 2 === 0) {
      this.world.device.deliver(this.world.frame, FRAME.length);
      this.world.clock.step();
      const count = this.world.operate(() => port.rxBurst(b % 2, this.world.table, 1 + (c % 8))) ?? 0;
      rx!.begin();
      const mbufs = this.world.table.handles.slice(0, count);
      for (const mbuf of mbufs) rx!.expectSound(mbuf, port.address, loadPortMaxRxPktLen(port.address));
      for (const mbuf of mbufs) mbufFree(mbuf);
      return;
    }
    const offered = Array.from({ length: 1 + (c % 4) }, () => mbufFromBytes(tx!.pool, FRAME));
    this.world.table.handles.set(offered);
    const taken = this.world.operate(() => port.txBurst(b % 2, this.world.table, offered.length)) ?? 0;
    ensure(taken <= offered.length, 'account', () => `takes ${taken} of ${offered.length} packets`);
    for (const mbuf of offered.slice(taken)) mbufFree(mbuf);
  }

  /** Another host comes that behaves; the next guest's traffic flows. */
  private expectRecovery(): void {
    const { device, clock, table, pools, fromGuest } = this.world;
    this.world.attack.end();
    device.guestDied();
    device.replaceHost({ ...avpDeviceSettings(CONTROL_DEVICE), deviceId: 9n });
    device.beginAttach();
    const port = avpDriver.probe(device.function, this.world.platform);
    this.config = CONFIGS[0]!;
    this.setUp(port);
    for (let i = 0; i < 3; i++) clock.step();
    device.deliver(this.world.frame, FRAME.length);
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
