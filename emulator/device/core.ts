import { fill } from '#mem';
import { allocate, release } from '../../shared/arena';
import type { Clock } from '../../shared/clock';
import { UsageError } from '../../shared/errors';
import { BAR_DEVICE, BAR_MEMMAP, BAR_MEMORY } from '../../shared/loops/layout';
import { HOST_ONLY } from '../../shared/loops/rights';
import type { Random } from '../../shared/random';
import { ControlChannel } from './control/controlChannel';
import { endGuest, endVanished, renewAllFifos } from './control/portLife';
import { writeDeviceInfo, writeMemmap } from './memory/hostInfo';
import type { HostMemory } from './memory/hostMemory';
import { allocateHost, makeHostMemory } from './memory/makeHost';
import { memoryBarFor, planMemory, type MemoryPlan } from './memory/memoryPlan';
import { DeviceMigration } from './migration/migration';
import { loadHostPortPaused, loadHostPortRemoved, PORT_COUNTERS_BYTES, storeHostPortPaused } from './loops/records';
import { DeviceFunction } from './pci/deviceFunction';
import type { AvpDeviceSettings } from './settings';

/** Options of a device's core: those of `AvpDevice`. */
export interface CoreOptions {
  readonly name: string;
  /** PCI device number, 0 to 31. */
  readonly deviceNumber: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: AvpDeviceSettings;
}

/**
 * The inside of a device, which `AvpDevice`, `DeviceInspection` and `DeviceTampering` share. All of it
 * outlives a change of the host, except for `host`. Callers act as the host.
 */
export class DeviceCore {
  readonly name: string;
  readonly pci: DeviceFunction;
  /** Arena address of `port_counters`. */
  readonly counters: number;
  readonly control: ControlChannel;
  readonly migration: DeviceMigration;
  private readonly random: Random;
  private present: HostMemory;
  private isDestroyed = false;

  /**
   * Makes the lasting parts and puts the first host behind them.
   * @throws UsageError where the memory exceeds BAR 2, ErrnoError ENOMEM where the arena has no room;
   *   nothing is left behind then.
   */
  constructor({ name, deviceNumber, clock, random, settings }: CoreOptions) {
    const plan = planMemory(settings);
    this.name = name;
    this.random = random;
    const undo: (() => void)[] = [];
    try {
      const { interrupt } = settings;
      const pci = new DeviceFunction({
        label: name,
        deviceNumber,
        memoryBytes: plan.barBytes,
        interrupt,
        clock,
        random,
      });
      undo.push(() => pci.release());
      this.pci = pci;
      const counters = allocate(PORT_COUNTERS_BYTES, { rights: HOST_ONLY, label: `${name} counters` });
      undo.push(() => release(counters));
      this.counters = counters;
      this.migration = new DeviceMigration(pci, counters, clock);
      this.control = new ControlChannel(clock);
      this.present = this.putHost(settings, plan, allocateHost(settings, name));
    } catch (error) {
      for (const step of undo.reverse()) step();
      throw error;
    }
  }

  /** The memory of the present host. */
  get host(): HostMemory {
    return this.present;
  }

  get destroyed(): boolean {
    return this.isDestroyed;
  }

  /** True once the device was destroyed or has vanished: nothing has an effect any more. */
  get gone(): boolean {
    return this.isDestroyed || !this.pci.function.present;
  }

  /** Puts a host behind the function: memory, map and info. BAR 2 is all zero and accessible to the host only. */
  private putHost(settings: AvpDeviceSettings, plan: MemoryPlan, port: number): HostMemory {
    const { pci, counters, random } = this;
    const host = makeHostMemory({ settings, plan, port, bar: pci.bar(BAR_MEMORY), counters, random });
    pci.describe(BAR_MEMMAP, (base) => writeMemmap(base, plan));
    pci.describe(BAR_DEVICE, (base) => writeDeviceInfo(base, host));
    pci.interrupts.settings = settings.interrupt;
    return host;
  }

  /** Lays out the memory of a host that has to fit into the existing BAR 2. */
  private planBehind(settings: AvpDeviceSettings): MemoryPlan {
    const { memoryBytes } = this.pci;
    const least = memoryBarFor(settings);
    if (least > memoryBytes)
      throw new UsageError(
        `BAR 2 of ${this.name} has ${memoryBytes} bytes, and its next host needs ${least}: ` +
          `create the NIC with setting memoryBarBytes of at least ${least}`,
      );
    return planMemory({ ...settings, memoryBarBytes: memoryBytes });
  }

  /**
   * Replaces the host. What the guest held of the former host is lost and counted.
   * @throws UsageError where the memory exceeds BAR 2, ErrnoError ENOMEM; nothing has changed then.
   */
  changeHost(settings: AvpDeviceSettings): void {
    const { pci, migration, present: former } = this;
    const plan = this.planBehind(settings);
    const port = allocateHost(settings, this.name);
    const paused = loadHostPortPaused(former.port);
    const left = migration.leaveHost(former);
    former.release();
    fill(pci.bar(BAR_MEMORY), 0, former.plan.usedBytes);
    const host = this.putHost(settings, plan, port);
    host.onFifoInit = former.onFifoInit;
    this.control.dropAnswers();
    storeHostPortPaused(host.port, paused);
    migration.enterHost(host, left);
    this.present = host;
  }

  /**
   * The guest died: its buffers are the host's, all FIFOs are emptied at once, and whatever it wrote over
   * is as the next guest must find it.
   */
  endGuest(): void {
    endGuest(this.host);
    renewAllFifos(this.host);
    this.host.restoreBuffers();
    this.control.dropAnswers();
    this.migration.guestGone(this.host);
    this.pci.reset();
  }

  /** The device vanishes: registers and BARs read as all ones (section 16). */
  vanish(): void {
    const { pci, host } = this;
    if (loadHostPortRemoved(host.port) !== 0) return;
    this.migration.guestGone(host);
    endVanished(host);
    pci.remove();
  }

  /** Releases all memory. Nobody may touch the device afterwards. */
  destroy(): void {
    this.isDestroyed = true;
    this.host.release();
    release(this.counters);
    this.pci.release();
  }
}
