/** Every fault that there is, by its name. `avp faults`, docs/faults.md and the types of scenarios come from here. */
import type { z } from 'zod';
import type { COMMON_PARAMETERS, Fault } from './fault';
import { CTRL } from './kinds/ctrl';
import { BUFFERS } from './kinds/buffers';
import { DEVICEINFO, MEMMAP } from './kinds/described';
import { HOTPLUG } from './kinds/hotplug';
import { MEMORY } from './kinds/memory';
import { NETWORK } from './kinds/network';
import { PROCESSES } from './kinds/processes';
import { REGISTER_FAULTS } from './kinds/registers';
import { RINGS_FAULTS } from './kinds/rings';
import { TIME } from './kinds/time';

/** All faults, by name. */
export const FAULTS = {
  ...CTRL,
  ...RINGS_FAULTS,
  ...BUFFERS,
  ...REGISTER_FAULTS,
  ...DEVICEINFO,
  ...MEMMAP,
  ...HOTPLUG,
  ...PROCESSES,
  ...TIME,
  ...MEMORY,
  ...NETWORK,
} as const;

/** Name of a fault, `CLASS.what-goes-wrong`; docs/faults.md lists all. */
export type FaultName = keyof typeof FAULTS;
/** An object without fields would allow no others beside them. */
type ParametersOf<F> = F extends Fault<infer S> ? (keyof S extends never ? unknown : z.input<z.ZodObject<S>>) : never;
type Given = { readonly [N in FaultName]: z.input<typeof COMMON_PARAMETERS> & ParametersOf<(typeof FAULTS)[N]> };

declare module '../api/faults' {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- it merges with the one of the contract
  interface FaultParameterMap extends Given {}
}

/** Names of all faults, class by class. */
export const FAULT_NAMES = Object.keys(FAULTS) as FaultName[];

/** True for the name of a fault. */
export function isFaultName(text: string): text is FaultName {
  return Object.hasOwn(FAULTS, text);
}
