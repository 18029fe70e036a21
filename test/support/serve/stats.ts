import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { JsonProcess } from '../jsonProcess';

const LIMIT_MS = 60_000;
const POLL_MS = 20;
/** Traffic flows once this many probes have come back. */
const ENOUGH_PROBES = 100;

type Counts<Names extends string> = Readonly<Record<Names, number>>;

/** The fields of the answer to `stats` that tests look at. */
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

export async function readStats(serve: JsonProcess): Promise<Stats> {
  return (await serve.ask('stats')) as Stats;
}

/** Polls `stats` until `holds` returns true. @throws Error that names `what` after 60 s. */
export async function waitForStats(serve: JsonProcess, what: string, holds: (stats: Stats) => boolean): Promise<Stats> {
  const untilMs = Date.now() + LIMIT_MS;
  for (;;) {
    const stats = await readStats(serve);
    if (holds(stats)) return stats;
    if (Date.now() > untilMs) throw new Error(`${what}: not within ${LIMIT_MS} ms; ${JSON.stringify(stats)}`);
    await sleep(POLL_MS);
  }
}

/** Waits until the guest has sent back another 100 probes. @param what completes "traffic ..." in the message. */
export function waitForTraffic(serve: JsonProcess, what: string): Promise<Stats> {
  let before: number | null = null;
  return waitForStats(serve, `traffic ${what}`, ({ probes }) => {
    const arrived = probes.delivered + probes.reordered;
    before ??= arrived;
    return arrived > before + ENOUGH_PROBES;
  });
}

/** Waits until no guest is attached, and expects that the host has all packet buffers again. */
export async function waitForGuestEnd(serve: JsonProcess): Promise<Stats> {
  const stats = await waitForStats(serve, 'the end of the guest', ({ nics }) =>
    nics.every(({ guest, configured }) => !guest && !configured),
  );
  expectBalanced(stats);
  for (const { buffers } of stats.nics) expect(buffers.hostPool).to.equal(buffers.total);
  return stats;
}

/** Stops the probes, and waits until no frame is on its way any more. */
export async function stopTraffic(serve: JsonProcess): Promise<Stats> {
  const { nics } = await readStats(serve);
  for (const index of nics.keys()) await serve.ask(`probe nic${index} 0`);
  let before = -1;
  return waitForStats(serve, 'quiet', (stats) => {
    const moved = sumOf(stats, ({ toGuest, fromGuest }) => toGuest.delivered + fromGuest.forwarded);
    const settled = moved === before && sumOf(stats, ({ toGuest }) => toGuest.waiting) === 0;
    before = moved;
    return settled;
  });
}

function sumOf({ nics }: Stats, which: (nic: Stats['nics'][number]) => number): number {
  return nics.reduce((total, nic) => total + which(nic), 0);
}

export function expectBalanced({ nics }: Stats): void {
  expect(nics.map(({ balanced }) => balanced)).to.deep.equal(nics.map(() => true));
}

/**
 * Checks a host whose only traffic is probes that guests send back: the accounts balance, every frame
 * to a guest was a probe, and every frame from a guest was a probe, undamaged and not seen before.
 */
export function expectProbesIntact(stats: Stats): void {
  expectBalanced(stats);
  const { sent, delivered, reordered, missing: _missing, ...bad } = stats.probes;
  expect(bad).to.deep.equal({ corrupted: 0, duplicated: 0, unexpected: 0, foreign: 0 });
  expect(sumOf(stats, ({ toGuest }) => toGuest.offered)).to.equal(sent);
  expect(sumOf(stats, ({ fromGuest }) => fromGuest.forwarded)).to.equal(delivered + reordered);
}
