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

/** The result of a scenario, as its JSON has it. */
export interface ScenarioResult {
  readonly scenario: string;
  readonly seed: number;
  /** Host and guests in one thread, with a virtual clock. */
  readonly mode: 'inline';
  readonly verdict: 'pass' | 'fail' | 'error';
  readonly expectations: readonly Expectation[];
  readonly ports: readonly PortAccount[];
  readonly migrations: readonly [];
}

/** Sum of all drops of an account. */
export function droppedIn(account: PortAccount): number {
  return Object.values(account.dropped).reduce((sum, count) => sum + count, 0);
}

/** Leaves out what did not happen. */
export function nonZero(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
}
