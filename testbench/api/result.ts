import type { MigrationReport } from './bench';
import type { TrafficTotals } from '../traffic/totals';

/** One thing that a scenario expected. */
export interface Expectation {
  readonly what: string;
  readonly ok: boolean;
}

/** What became of the frames that were offered to one port, in one direction. */
export interface PortAccount {
  readonly name: string;
  readonly offered: number;
  readonly delivered: number;
  /** By cause, only those that happened. */
  readonly dropped: Readonly<Record<string, number>>;
}

/** The result of a scenario, as its JSON has it; with the balance of its traffic where it has several nodes. */
export interface ScenarioResult extends Partial<TrafficTotals> {
  readonly scenario: string;
  readonly seed: number;
  /**
   * Inline: host and guests in one thread, with a virtual clock. Threads: each in threads of their
   * own, in real time. Stepped: in threads of which only one runs at a time, with a virtual clock.
   */
  readonly mode: 'inline' | 'threads' | 'stepped';
  readonly verdict: 'pass' | 'fail' | 'error';
  readonly expectations: readonly Expectation[];
  readonly ports: readonly PortAccount[];
  /** Those that have ended, in order. */
  readonly migrations: readonly MigrationReport[];
}

/** Sum of all drops of an account. */
export function droppedIn(account: PortAccount): number {
  return Object.values(account.dropped).reduce((sum, count) => sum + count, 0);
}

/** Leaves out what did not happen. */
export function nonZero(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
}
