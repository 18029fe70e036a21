import type { TraceEntry, TraceSample } from '../../evidence/trace/traceRecord';
import type { Moment, NamedCurve } from './timeSeries';

/** Reads curves from the samples of a timeline. */

/** Curves of one NIC, and where the plot gets its title from. */
export interface NicCurves {
  /** `INSTANCE/NETWORK`. */
  readonly nic: string;
  readonly curves: readonly NamedCurve[];
}

/** The four FIFOs of a queue pair that carry packets and buffers. */
export const RINGS = ['rx', 'free', 'tx', 'alloc'] as const;
/** Kind of a FIFO of a queue pair. */
export type Ring = (typeof RINGS)[number];

/** Groups the moments of curves. Keeps the order in which NICs and curves turn up first. */
class Curves {
  private readonly nics = new Map<string, Map<string, Moment[]>>();

  add(nic: string, name: string, moment: Moment): void {
    const curves = this.nics.get(nic) ?? new Map<string, Moment[]>();
    this.nics.set(nic, curves);
    const moments = curves.get(name) ?? [];
    curves.set(name, moments);
    const before = moments.at(-1);
    // Keep the largest of several values at the same moment: steps in between take no virtual time.
    if (before?.atUs === moment.atUs) moments[moments.length - 1] = before.value < moment.value ? moment : before;
    else if (before?.value !== moment.value) moments.push(moment);
  }

  list(): NicCurves[] {
    return [...this.nics].map(([nic, curves]) => ({
      nic,
      curves: [...curves]
        .map(([name, moments]) => ({ name, moments }))
        .sort((one, other) => one.name.localeCompare(other.name, 'en', { numeric: true })),
    }));
  }
}

/** Sums up counters that begin again: with another host, or after a configuration. */
class Growth {
  private readonly newest = new Map<string, number>();
  private readonly sums = new Map<string, number>();

  /** @param counter one that counts. @param sum what it is added to. Returns the sum. */
  add(counter: string, sum: string, count: number): number {
    const before = this.newest.get(counter) ?? 0;
    this.newest.set(counter, count);
    const grown = (this.sums.get(sum) ?? 0) + (count >= before ? count - before : count);
    this.sums.set(sum, grown);
    return grown;
  }
}

/** Returns the samples of a timeline, in the order of time. */
export function samplesOf(entries: readonly TraceEntry[]): TraceSample[] {
  return entries.filter((entry) => entry.kind === 'sample').sort((one, other) => one.atUs - other.atUs);
}

/** The name of a NIC on a track of a guest or of a host. */
function nicOn({ process, thread }: TraceSample['track']): string {
  const bare = thread.replace(/ (rx|tx) \d+$/, '');
  return process.startsWith('guest ') ? `${process.slice('guest '.length)}/${bare}` : bare;
}

/** Entries on the FIFOs of one kind, a curve for each queue. A NIC's FIFOs are those of its present host. */
export function ringCurves(samples: readonly TraceSample[], ring: Ring): NicCurves[] {
  const curves = new Curves();
  /** Entries by node: those of a node that the NIC has left are 0. */
  const filled = new Map<string, Map<string, number>>();
  for (const { track, name, values, atUs } of samples) {
    const [, nic, queue] = /^(.*) (?:rx|tx) (\d+) filled$/.exec(name) ?? [];
    const count = values[ring];
    if (nic === undefined || count === undefined) continue;
    const byNode = filled.get(name) ?? new Map<string, number>();
    filled.set(name, byNode.set(track.process, count));
    const sum = [...byNode.values()].reduce((one, other) => one + other, 0);
    curves.add(nic, `${ring} ${queue}`, { atUs, value: sum });
  }
  return curves.list();
}

const PASSED: Readonly<Record<string, string>> = {
  'host rx': '1 host puts on rx',
  'guest rx': '2 guest receives',
  'guest tx': '3 guest sends',
  'host tx': '4 host takes off tx',
};

/** Packets that passed each side of a NIC, over all queues. */
export function packetCurves(samples: readonly TraceSample[]): NicCurves[] {
  const curves = new Curves();
  const growth = new Growth();
  for (const { track, name, values, atUs } of samples) {
    const [, kind] = / (rx|tx) \d+ packets$/.exec(name) ?? [];
    if (kind === undefined) continue;
    const nic = nicOn(track);
    const curve = PASSED[`${track.process.startsWith('guest ') ? 'guest' : 'host'} ${kind}`]!;
    const value = growth.add(`${curve} ${nic} ${name}`, `${curve} ${nic}`, values['packets'] ?? 0);
    curves.add(nic, curve, { atUs, value });
  }
  return curves.list().map(({ nic, curves: own }) => ({
    nic,
    curves: own.map(({ name, moments }) => ({ name: name.slice(2), moments })),
  }));
}

/** Packets that were dropped at a NIC, a curve for each place and cause. */
export function lossCurves(samples: readonly TraceSample[]): NicCurves[] {
  const curves = new Curves();
  const growth = new Growth();
  for (const { track, name, values, atUs } of samples) {
    if (!/ dropped(?: (?:to|from) guest| at the switch)?$/.test(name)) continue;
    const nic = nicOn(track);
    const who = name.endsWith('at the switch') ? 'switch' : track.process.startsWith('guest ') ? 'driver' : 'host';
    for (const [cause, count] of Object.entries(values)) {
      const value = growth.add(`${nic} ${name} ${cause}`, `${nic} ${who} ${cause}`, count);
      curves.add(nic, `${who} ${cause}`, { atUs, value });
    }
  }
  return curves.list();
}
