import { fill } from '#mem';
import { allocate, release } from '../../shared/arena';
import { BAR_DEVICE, BAR_MEMMAP, BAR_MEMORY } from '../../shared/layout';
import { HOST_ONLY } from '../../shared/mem/rights';
import type { Random } from '../../shared/random';
import type { ControlChannel } from './controlChannel';
import { DeviceFunction } from './deviceFunction';
import { writeDeviceInfo, writeMemmap } from './hostInfo';
import { allocateHost, HostMemory } from './hostMemory';
import type { MemoryPlan } from './memoryPlan';
import { endGuest } from './portLife';
import { PORT_COUNTERS_BYTES } from './records';
import type { AvpDeviceSettings } from './settings';

/** What of a device outlives a change of the host behind it. */
export interface DeviceParts {
  readonly name: string;
  readonly device: DeviceFunction;
  /** Arena address of `port_counters`. */
  readonly counters: number;
  readonly control: ControlChannel;
  readonly random: Random;
}

/** What a device is made from. */
export interface PartsOptions {
  readonly name: string;
  readonly slot: number;
  readonly control: ControlChannel;
  readonly random: Random;
  readonly settings: AvpDeviceSettings;
  readonly plan: MemoryPlan;
}

/**
 * Makes the lasting parts and puts the first host behind them.
 * @throws ErrnoError ENOMEM where the arena has no room; nothing is left behind then.
 */
export function makeDevice(options: PartsOptions): { readonly parts: DeviceParts; readonly host: HostMemory } {
  const { name, slot, control, random, settings, plan } = options;
  const undo: (() => void)[] = [];
  try {
    const device = new DeviceFunction(name, slot, plan.barBytes, settings.interruptWhileMasked);
    undo.push(() => device.release());
    const counters = allocate(PORT_COUNTERS_BYTES, { rights: HOST_ONLY, label: `${name} counters` });
    undo.push(() => release(counters));
    const parts = { name, device, counters, control, random };
    return { parts, host: putHost(parts, settings, plan, null) };
  } catch (error) {
    for (const step of undo.reverse()) step();
    throw error;
  }
}

/**
 * Puts a host behind the function: memory, map and info. A former one ends here, what its
 * guest held is lost and counted.
 * @throws ErrnoError ENOMEM where the arena has no room; nothing has changed then.
 */
export function putHost(parts: DeviceParts, settings: AvpDeviceSettings, plan: MemoryPlan, former: HostMemory | null): HostMemory {
  const { device } = parts;
  const port = allocateHost(settings, parts.name);
  if (former !== null) {
    endGuest(former);
    former.release();
    fill(device.bar(BAR_MEMORY), 0, device.memoryBytes);
  }
  const host = new HostMemory(settings, plan, port, device.bar(BAR_MEMORY), parts.counters, parts.random);
  writeMemmap(device.bar(BAR_MEMMAP), plan);
  writeDeviceInfo(device.bar(BAR_DEVICE), host);
  return host;
}

export function releaseParts(parts: DeviceParts): void {
  release(parts.counters);
  parts.device.release();
}
