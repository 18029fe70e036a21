import type { DeviceStats } from '../../emulator';
import { nonZero, type PortAccount } from '../api/result';

type Counts = Readonly<Record<string, number>>;

/** What the host says of a port. */
export interface HostCounts {
  readonly stats: DeviceStats;
  /** Frames of the guest that its switch port dropped, by cause. */
  readonly refused: Counts;
}

/** What the application counts. */
export interface AppCounts {
  readonly received: number;
  readonly offered: number;
  /** Frames for which there was no mbuf, and those that the application gave up. */
  readonly noMbuf: number;
  readonly unsent: number;
}

/** Drops of a driver by cause, all queues together: `rx_q0_dropped_short` is `guest dropped_short`. */
function driverDrops(xstats: Counts, direction: 'rx' | 'tx'): Record<string, number> {
  const drops: Record<string, number> = {};
  for (const [name, count] of Object.entries(xstats)) {
    const found = new RegExp(`^${direction}_q[0-9]+_(dropped_.*|filtered_.*|no_mbuf)$`).exec(name);
    if (found !== null) drops[`guest ${found[1]!}`] = (drops[`guest ${found[1]!}`] ?? 0) + count;
  }
  return drops;
}

/** Drops with the place where they happened before the cause. */
function at(place: 'host' | 'switch', drops: Counts): Record<string, number> {
  return Object.fromEntries(Object.entries(drops).map(([cause, count]) => [`${place} ${cause}`, count]));
}

/** What became of the frames of a port, towards the guest and from it, as all who count them say. */
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
