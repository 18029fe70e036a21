import type { Instance } from '../../emulator';
import type { VirtualClock } from '../../shared/clock';
import { INLINE_LACKS } from '../faults/lacking';
import { addDevices, DevicePlaces, type FaultSite, followBuses, vanishFrom } from '../faults/site';
import type { InlineNode } from './node';

/** The bench of one thread, as faults see it: all of host and guest is in reach. */
export function inlineSite(seed: number, clock: VirtualClock, nodes: readonly InlineNode[]): FaultSite {
  const places = new DevicePlaces();
  const machines = (): Instance[] => nodes.flatMap((node) => node.machines);
  return {
    name: 'mode inline',
    lacking: INLINE_LACKS,
    seed,
    clock,
    nowMs: () => clock.nowMs(),
    places,
    vanish: (place) => vanishFrom(machines(), place),
    open: () => {
      addDevices(places, machines());
      return followBuses(places);
    },
  };
}
