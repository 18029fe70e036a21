import type { PortEventEntry } from '../../driver';
import type { MigrationReport } from '../api/result';

/** The driver's events at a port since a migration began. */
export interface PortEventsSince {
  /** Name of the port. */
  readonly name: string;
  readonly events: readonly PortEventEntry[];
}

/** Lists the features that each port lacks since its last attach, without ports that lack nothing. */
export function lostFeaturesOf(ports: readonly PortEventsSince[]): MigrationReport['lostFeatures'] {
  const lost = ports.map(({ name, events }) => {
    const attached = events.findLast(({ event }) => event === 'attached');
    return [name, attached?.detail.lostFeatures ?? []] as const;
  });
  return Object.fromEntries(lost.filter(([, features]) => features.length > 0));
}
