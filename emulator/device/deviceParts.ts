import { fill } from '#mem';
import { allocate, release } from '../../shared/arena';
import { BAR_DEVICE, BAR_MEMMAP, BAR_MEMORY } from '../../shared/loops/layout';
import type { Clock } from '../../shared/clock';
import { UsageError } from '../../shared/errors';
import { HOST_ONLY } from '../../shared/loops/rights';
import type { Random } from '../../shared/random';
import { ControlChannel } from './control/controlChannel';
import { DeviceFunction } from './deviceFunction';
import { writeDeviceInfo, writeMemmap } from './memory/hostInfo';
import type { HostMemory } from './memory/hostMemory';
import { allocateHost, makeHostMemory } from './memory/makeHost';
import { memoryBarFor, planMemory, type MemoryPlan } from './memory/memoryPlan';
import { DeviceMigration } from './migration/migration';
import { loadHostPortPaused, PORT_COUNTERS_BYTES, storeHostPortPaused } from './loops/records';
import type { AvpDeviceSettings } from './settings';

/** What of a device outlives a change of the host behind it. */
export interface DeviceParts {
  readonly name: string;
  readonly device: DeviceFunction;
  /** Arena address of `port_counters`. */
  readonly counters: number;
  readonly control: ControlChannel;
  readonly migration: DeviceMigration;
  readonly random: Random;
}

/** What a device is made from. */
export interface PartsOptions {
  readonly name: string;
  readonly slot: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: AvpDeviceSettings;
  readonly plan: MemoryPlan;
}

/**
 * Makes the lasting parts and puts the first host behind them.
 * @throws ErrnoError ENOMEM where the arena has no room; nothing is left behind then.
 */
export function makeDevice(options: PartsOptions): { readonly parts: DeviceParts; readonly host: HostMemory } {
  const { name, slot, clock, random, settings, plan } = options;
  const undo: (() => void)[] = [];
  try {
    const { interrupt } = settings;
    const device = new DeviceFunction({ label: name, slot, memoryBytes: plan.barBytes, interrupt, clock, random });
    undo.push(() => device.release());
    const counters = allocate(PORT_COUNTERS_BYTES, { rights: HOST_ONLY, label: `${name} counters` });
    undo.push(() => release(counters));
    const migration = new DeviceMigration(device, counters, clock);
    const parts = { name, device, counters, control: new ControlChannel(clock), migration, random };
    const port = allocateHost(settings, name);
    return { parts, host: putHost(parts, settings, plan, port) };
  } catch (error) {
    for (const step of undo.reverse()) step();
    throw error;
  }
}

/** Puts a host behind the function: memory, map and info. BAR 2 is all zero and the host's own. */
function putHost(parts: DeviceParts, settings: AvpDeviceSettings, plan: MemoryPlan, port: number): HostMemory {
  const { device } = parts;
  const { counters, random } = parts;
  const host = makeHostMemory({ settings, plan, port, bar: device.bar(BAR_MEMORY), counters, random });
  writeMemmap(device.bar(BAR_MEMMAP), plan);
  writeDeviceInfo(device.bar(BAR_DEVICE), host);
  device.interrupts.settings = settings.interrupt;
  return host;
}

/** Lays memory out for a host that is to fit behind a BAR 2 that exists. */
function planBehind({ name, device }: DeviceParts, settings: AvpDeviceSettings): MemoryPlan {
  const least = memoryBarFor(settings);
  if (least > device.memoryBytes)
    throw new UsageError(
      `BAR 2 of ${name} has ${device.memoryBytes} bytes, and its next host needs ${least}: ` +
        `create the NIC with setting memoryBarBytes of at least ${least}`,
    );
  return planMemory({ ...settings, memoryBarBytes: device.memoryBytes });
}

/**
 * Puts a host in place of another one, which ends here: what its guest held is lost and counted.
 * @throws UsageError where the memory exceeds BAR 2, ErrnoError ENOMEM; nothing has changed then.
 */
export function changeHost(parts: DeviceParts, settings: AvpDeviceSettings, former: HostMemory): HostMemory {
  const { device, migration } = parts;
  const plan = planBehind(parts, settings);
  const port = allocateHost(settings, parts.name);
  const paused = loadHostPortPaused(former.port);
  const left = migration.leaveHost(former);
  former.release();
  fill(device.bar(BAR_MEMORY), 0, former.plan.usedBytes);
  const host = putHost(parts, settings, plan, port);
  host.onFifoInit = former.onFifoInit;
  parts.control.dropAnswers();
  storeHostPortPaused(host.port, paused);
  migration.enterHost(host, left);
  return host;
}

export function releaseParts(parts: DeviceParts): void {
  release(parts.counters);
  parts.device.release();
}
