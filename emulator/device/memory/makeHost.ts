import { allocate } from '../../../shared/arena';
import { HOST_ONLY } from '../../../shared/loops/rights';
import type { Random } from '../../../shared/random';
import type { AvpDeviceSettings } from '../settings/schema';
import { hostBlock } from './hostBlock';
import { HostMemory } from './hostMemory';
import { fillHostPort } from './hostRecords';
import type { MemoryPlan } from './memoryPlan';
import { buildPools } from './packetPools';

/**
 * Allocates a host's private records. Returns the arena address of `host_port`.
 * @throws ErrnoError ENOMEM where the arena has no room; nothing has changed then.
 */
export function allocateHost(settings: AvpDeviceSettings, label: string): number {
  return allocate(hostBlock(settings).bytes, { rights: HOST_ONLY, label: `${label} host` });
}

/** Settings of a host, and the memory that was allocated for it. */
export interface HostPlace {
  readonly settings: AvpDeviceSettings;
  readonly plan: MemoryPlan;
  /** Arena address that `allocateHost` returned. */
  readonly port: number;
  /** Arena address of BAR 2: `plan.barBytes` bytes, all zero and accessible to the host only. */
  readonly bar: number;
  /** Arena address of `port_counters`. */
  readonly counters: number;
  /** Draws gaps and junk. */
  readonly random: Random;
}

/** Fills the private records, builds the pools and empties all FIFOs. */
export function makeHostMemory({ settings, plan, port, bar, counters, random }: HostPlace): HostMemory {
  const host = new HostMemory(settings, plan, port, bar);
  fillHostPort(host, counters, random);
  buildPools(host, random);
  for (const { kind, queue } of host.fifos()) host.initFifo(kind, queue);
  return host;
}
