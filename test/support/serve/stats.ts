import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { Avp } from './avpProcess';

const LIMIT_MS = 60_000;
const POLL_MS = 20;
/** So many probes that come back say that traffic flows. */
const ENOUGH = 100;

type Counts<Names extends string> = Readonly<Record<Names, number>>;

/** What `stats` says, as far as tests look. */
export interface Stats {
  readonly nics: readonly {
    readonly guest: boolean;
    readonly configured: boolean;
    readonly linkUp: boolean;
    readonly balanced: boolean;
    readonly queues: Counts<'rxQueues' | 'txQueues'>;
    readonly buffers: Counts<'total' | 'hostPool'>;
    readonly toGuest: Counts<'offered' | 'delivered' | 'waiting'>;
    readonly fromGuest: Counts<'offered' | 'forwarded'>;
  }[];
  readonly probes: Counts<
    'sent' | 'delivered' | 'reordered' | 'duplicated' | 'corrupted' | 'unexpected' | 'missing' | 'foreign'
  >;
}

export async function statsOf(serve: Avp): Promise<Stats> {
  return (await serve.ask('stats')) as unknown as Stats;
}

/** Asks until it holds. */
export async function until(serve: Avp, what: string, holds: (stats: Stats) => boolean): Promise<Stats> {
  const untilMs = Date.now() + LIMIT_MS;
  for (;;) {
    const stats = await statsOf(serve);
    if (holds(stats)) return stats;
    if (Date.now() > untilMs) throw new Error(`${what}: not within ${LIMIT_MS} ms; ${JSON.stringify(stats)}`);
    await sleep(POLL_MS);
  }
}

/** Waits until probes come back that were not back yet. */
export function flows(serve: Avp, what: string): Promise<Stats> {
  let before: number | null = null;
  return until(serve, `traffic ${what}`, ({ probes }) => {
    const arrived = probes.delivered + probes.reordered;
    before ??= arrived;
    return arrived > before + ENOUGH;
  });
}

/** The guest is gone, and the host has all packet buffers again. */
export async function guestGone(serve: Avp): Promise<Stats> {
  const stats = await until(serve, 'the end of the guest', ({ nics }) =>
    nics.every(({ guest, configured }) => !guest && !configured),
  );
  expectBalance(stats);
  for (const { buffers } of stats.nics) expect(buffers.hostPool).to.equal(buffers.total);
  return stats;
}

/** Ends the probes, and waits until nothing moves any more. */
export async function quiet(serve: Avp): Promise<Stats> {
  const { nics } = await statsOf(serve);
  for (const index of nics.keys()) await serve.ask(`probe nic${index} 0`);
  let before = -1;
  return until(serve, 'quiet', (stats) => {
    const moved = sumOf(stats, ({ toGuest, fromGuest }) => toGuest.delivered + fromGuest.forwarded);
    const rests = moved === before && sumOf(stats, ({ toGuest }) => toGuest.waiting) === 0;
    before = moved;
    return rests;
  });
}

function sumOf({ nics }: Stats, which: (nic: Stats['nics'][number]) => number): number {
  return nics.reduce((total, nic) => total + which(nic), 0);
}

export function expectBalance({ nics }: Stats): void {
  expect(nics.map(({ balanced }) => balanced)).to.deep.equal(nics.map(() => true));
}

/**
 * Of a host whose only traffic are probes that guests send back: balanced, every frame that went
 * to a guest a probe, and every frame that came from one a probe as it was sent, and once.
 */
export function expectWhole(stats: Stats): void {
  expectBalance(stats);
  const { sent, delivered, reordered, missing: _missing, ...bad } = stats.probes;
  expect(bad).to.deep.equal({ corrupted: 0, duplicated: 0, unexpected: 0, foreign: 0 });
  expect(sumOf(stats, ({ toGuest }) => toGuest.offered)).to.equal(sent);
  expect(sumOf(stats, ({ fromGuest }) => fromGuest.forwarded)).to.equal(delivered + reordered);
}
