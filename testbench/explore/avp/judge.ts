import { nonZero } from '../../api/result';
import { TrafficOracle } from '../../traffic/trafficOracle';
import type { ProbeFlow } from '../../traffic/probeFrame';
import type { MigrationReport } from '../../api/result';
import {
  type GuestView,
  type HostView,
  INSTANCE,
  type MigrationSetup,
  NODES,
  type ReceiverView,
  type SenderView,
} from './types';

/** Account of the frames of one direction. */
export interface Direction {
  /** Frames that the sender gave to the driver, or to the network. */
  readonly sent: number;
  /** Frames that arrived intact, once, in order. */
  readonly delivered: number;
  /** Drops by where and why, without the zeros. */
  readonly dropped: Readonly<Record<string, number>>;
  /** Frames sent that were neither delivered nor counted as dropped; below 0 where more were counted than sent. */
  readonly unexplained: number;
  /** Frames that arrived corrupted, twice, out of order, or without having been sent. */
  readonly wrong: Readonly<Record<string, number>>;
}

/** Findings of a stepped migration, read from bytes and counters at rest. */
export interface Findings {
  /** Frames from the network to the guest. */
  readonly toGuest: Direction;
  /** Frames from the guest to the network. */
  readonly fromGuest: Direction;
  /** Counters of ring contents that no sound driver or host produces. */
  readonly contradictions: Readonly<Record<string, number>>;
  /** Host buffers that are in no place. */
  readonly lostBuffers: number;
  /** Host buffers with writes outside their data. */
  readonly brokenCanaries: number;
  /** Guest mbufs that never came back to their pool. */
  readonly lostMbufs: number;
}

type Counts = Readonly<Record<string, number>>;

function sumOf(counts: Counts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function prefixed(prefix: string, counts: Counts): Counts {
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [`${prefix} ${name}`, count]));
}

/** Sums the driver's counters of one direction whose names match, over all queues. */
function driverCounts(xstats: Counts, direction: 'rx' | 'tx', pattern: RegExp): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const [name, count] of Object.entries(xstats)) {
    const [, kind, what = ''] = /^(rx|tx)_q\d+_(.*)$/.exec(name) ?? [];
    if (kind === direction && pattern.test(what)) counts[what] = (counts[what] ?? 0) + count;
  }
  return counts;
}

/** Judges the received frames by their bytes. */
function judge(flow: ProbeFlow, sent: number, frames: readonly Uint8Array[]): Pick<Direction, 'delivered' | 'wrong'> {
  const oracle = new TrafficOracle();
  oracle.addFlows([flow]);
  for (let sequence = 0; sequence < sent; sequence++) oracle.nextSequence(flow.id);
  for (const frame of frames) oracle.judge(Buffer.from(frame));
  const { delivered, corrupted, duplicated, reordered, unexpected, foreign } = oracle.report();
  return { delivered, wrong: nonZero({ corrupted, duplicated, reordered, unexpected, foreign }) };
}

function direction(flow: ProbeFlow, sent: number, frames: readonly Uint8Array[], drops: Counts): Direction {
  const { delivered, wrong } = judge(flow, sent, frames);
  const dropped = nonZero(drops);
  return { sent, delivered, dropped, unexplained: sent - frames.length - sumOf(dropped), wrong };
}

const DROPS = /^(dropped_.*|filtered_.*|no_mbuf)$/;
/** Drop causes of the driver that neither a sound host nor a migration produces. */
const NO_SOUND_HOST = /^(dropped_(?!alloc_small).*|refused_.*)$/;
/** Drop causes of the host that a sound driver produces. */
const SOUND_DRIVER = ['noUplink', 'lostAtDetach', 'ringEmptied'];

/** Combines the views of the host, the guest and its queues. */
export function findingsOf(
  { toGuest, fromGuest }: MigrationSetup,
  host: HostView,
  guest: GuestView,
  { frames }: ReceiverView,
  { taken }: SenderView,
): Findings {
  const { stats, buffers } = host;
  const toGuestDrops = {
    'switch moving': host.switchDrops,
    ...prefixed('host', stats.toGuest.dropped),
    ...prefixed('guest', driverCounts(guest.xstats, 'rx', DROPS)),
  };
  const fromGuestDrops = {
    ...prefixed('host', stats.fromGuest.dropped),
    ...prefixed('guest', driverCounts(guest.xstats, 'tx', DROPS)),
  };
  const nonsense = Object.entries(stats.fromGuest.dropped).filter(([cause]) => !SOUND_DRIVER.includes(cause));
  const contradictions = {
    ...prefixed('host: refused', stats.refused),
    ...prefixed('host: packets dropped for', Object.fromEntries(nonsense)),
    ...prefixed('driver: rx', driverCounts(guest.xstats, 'rx', NO_SOUND_HOST)),
    ...prefixed('driver: tx', driverCounts(guest.xstats, 'tx', NO_SOUND_HOST)),
  };
  const { total, hostPool, alloc, tx, rx, free } = buffers;
  return {
    toGuest: direction(toGuest, host.sent, frames, toGuestDrops),
    fromGuest: direction(fromGuest, taken, host.received, fromGuestDrops),
    contradictions: nonZero(contradictions),
    lostBuffers: total - hostPool - alloc - tx - rx - free,
    brokenCanaries: host.brokenCanaries,
    lostMbufs: guest.mbufsOut,
  };
}

/** The longest pause between two of `timesMs`, within the span from `from` to `to`. */
function longestPauseMs(timesMs: readonly number[], from: number, to: number): number {
  const within = timesMs.filter((time) => time > from && time < to).sort((a, b) => a - b);
  let longest = 0;
  [...within, to].forEach(
    (time, index) => (longest = Math.max(longest, time - (index === 0 ? from : within[index - 1]!))),
  );
  return longest;
}

/** The migration in the form that results of scenarios have. */
export function migrationReport(
  { migration }: HostView,
  { lostFeatures }: GuestView,
  { toGuest, fromGuest }: Findings,
  received: ReceiverView,
  sent: SenderView,
): MigrationReport {
  const { outcome, cause, node, ringsAtDetach, timeline } = migration;
  const [from, to] = [timeline.at(0)!.atMs, timeline.at(-1)!.atMs];
  return {
    instance: INSTANCE,
    from: NODES.source,
    to: NODES.destination,
    outcome: outcome ?? 'failed',
    cause: outcome === null ? 'it had not ended when the run did' : cause,
    node,
    downtimeMs: longestPauseMs([...received.timesMs, ...sent.timesMs], from, to),
    ringsAtDetach,
    lostByCause: { ...toGuest.dropped, ...fromGuest.dropped },
    lostFeatures: lostFeatures.length === 0 ? {} : { [INSTANCE]: lostFeatures },
    timeline,
  };
}
