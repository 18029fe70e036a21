import type { DropCause, DropCounts } from '../api/drops';
import { droppedIn, type PortAccount, type TrafficTotals } from '../api/result';
import type { LoadReport } from '../api/traffic';

/** Sums the drops of all accounts by place and cause. */
export function dropsByCause(accounts: readonly PortAccount[]): DropCounts {
  const sums = new Map<string, number>();
  for (const { dropped } of accounts)
    for (const [cause, count] of Object.entries(dropped)) sums.set(cause, (sums.get(cause) ?? 0) + count);
  return Object.fromEntries([...sums].sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** Subtracts an earlier count of drops by cause from a later one. */
export function dropsSince(before: DropCounts, now: DropCounts): DropCounts {
  const news = Object.entries(now).map(([cause, count]) => [cause, count - (before[cause as DropCause] ?? 0)] as const);
  return Object.fromEntries(news.filter(([, count]) => count !== 0));
}

/**
 * Balances the frames of a run: compares what both ends saw of each frame with the drops that
 * everything in between counted.
 * @param accounts the accounts of every port that takes part.
 * @param foreign frames that arrived and belong to no load.
 */
export function trafficTotals(
  loads: readonly LoadReport[],
  accounts: readonly PortAccount[],
  { leakedBuffers, foreign }: { readonly leakedBuffers: number; readonly foreign: number },
): TrafficTotals {
  const sum = (of: (load: LoadReport) => number): number => loads.reduce((total, load) => total + of(load), 0);
  const offered = sum(({ sent, replied }) => sent + replied);
  const delivered = sum((load) => load.delivered + load.answered);
  const lost = accounts.reduce((total, account) => total + droppedIn(account), 0);
  return {
    offered,
    delivered,
    corrupted: sum((load) => load.corrupted + load.unexpected) + foreign,
    duplicated: sum((load) => load.duplicated),
    reordered: sum((load) => load.reordered),
    leakedBuffers,
    unexplainedLoss: offered - delivered - lost,
    lostByCause: dropsByCause(accounts),
  };
}

/** The bench, as `expectTraffic` sees it. */
interface Judge {
  traffic(): TrafficTotals;
  expect(what: string, actual: unknown, wanted: unknown): void;
}

/** Expects that every frame of all loads arrived intact or was counted as lost. Call it once traffic has settled. */
export function expectTraffic(bench: Judge): void {
  const { corrupted, duplicated, reordered, leakedBuffers, unexplainedLoss } = bench.traffic();
  bench.expect('no frame is damaged', corrupted, 0);
  bench.expect('no frame arrives twice', duplicated, 0);
  bench.expect('no frame overtakes another of its flow', reordered, 0);
  bench.expect('every buffer of every host, and every mbuf, is where it belongs', leakedBuffers, 0);
  bench.expect('offered = delivered + the sum of lostByCause', unexplainedLoss, 0);
}

/** Expects of every port that each frame offered was delivered, or dropped by a named cause. */
export function expectAccounts(bench: Pick<Judge, 'expect'>, accounts: readonly PortAccount[]): void {
  const open = accounts.filter((account) => account.offered !== account.delivered + droppedIn(account));
  bench.expect(
    'at every port offered = delivered + dropped',
    open.map(({ name }) => name),
    [],
  );
}
