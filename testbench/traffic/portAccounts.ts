import type { DeviceStats, SwitchPortStats } from '../../emulator';
import type { DropCounts } from '../api/drops';
import { nonZero, type PortAccount } from '../api/result';

type Counts = Readonly<Record<string, number>>;

/** The host's counters of a port. */
export interface HostCounts {
  readonly stats: DeviceStats;
  /** Frames from the guest that the switch port dropped, by cause. */
  readonly refused: SwitchPortStats['dropped'];
}

/** The application's counters of a port. */
export interface AppCounts {
  readonly received: number;
  readonly offered: number;
  /** Frames for which there was no mbuf. */
  readonly noMbuf: number;
  /** Frames that the application gave up. */
  readonly unsent: number;
}

/** Sums a driver's drops by cause over all queues: `rx_q0_dropped_short` counts as `guest dropped_short`. */
function driverDrops(xstats: Counts, direction: 'rx' | 'tx'): DropCounts {
  const drops: Record<string, number> = {};
  for (const [name, count] of Object.entries(xstats)) {
    const found = new RegExp(`^${direction}_q[0-9]+_(dropped_.*|filtered_.*|no_mbuf)$`).exec(name);
    if (found !== null) drops[`guest ${found[1]!}`] = (drops[`guest ${found[1]!}`] ?? 0) + count;
  }
  return drops;
}

/** Puts the place where drops happened before their causes. */
function at<P extends 'host' | 'switch', C extends string>(
  place: P,
  drops: Readonly<Record<C, number>>,
): Record<`${P} ${C}`, number> {
  const placed = Object.entries(drops).map(([cause, count]) => [`${place} ${cause}`, count]);
  return Object.fromEntries(placed) as Record<`${P} ${C}`, number>;
}

/** Makes a port's accounts, one for each direction, from the counters of host, switch, driver and application. */
export function portAccounts(
  name: string,
  { stats, refused }: HostCounts,
  xstats: Counts,
  app: AppCounts,
): PortAccount[] {
  const { toGuest, fromGuest } = stats;
  const passed = fromGuest.forwarded - Object.values(refused).reduce((sum, count) => sum + count, 0);
  const rxDrops = { ...at('host', toGuest.dropped), ...driverDrops(xstats, 'rx') };
  const txDrops = {
    ...at('host', fromGuest.dropped),
    ...at('switch', refused),
    ...driverDrops(xstats, 'tx'),
    'guest no_mbuf': app.noMbuf,
    'guest unsent': app.unsent,
  };
  return [
    { name: `${name} rx`, offered: toGuest.offered, delivered: app.received, dropped: nonZero(rxDrops) },
    { name: `${name} tx`, offered: app.offered, delivered: passed, dropped: nonZero(txDrops) },
  ];
}
