import type { Engine } from '../../shared/engine';
import type { Clause } from './clause';
import type { ClauseOutcome } from './verdict';
import { isWaiverFinding, type JudgedWaiver, mergeWaivers } from './waivers';

/** Input of all reports: the results of a run that has just ended, or results read back from JSON. */

/**
 * A clause as reports describe it. Goal, steps, requirement and note are missing if the result was read from JSON
 * and this version does not have the clause. The basis is missing in results of versions that had none.
 */
export type ReportedClause = Pick<Clause, 'id' | 'title' | 'level' | 'section' | 'faults'> &
  Partial<Pick<Clause, 'basis' | 'goal' | 'steps' | 'requirement' | 'note'>>;

/** Result of a clause on one target. */
export interface Reported extends ClauseOutcome {
  readonly clause: ReportedClause;
  /** Command that repeats this run of the clause. */
  readonly replay: string;
}

/** `endedBy` of a run that stopped after its first finding. */
export const BAIL = '--bail';

const MISSING = 'missing';

/** `endedBy` of a merged run of which shards are missing, or ended early. */
export function missingShards(shards: readonly string[]): string {
  return `${MISSING} ${shards.length === 1 ? 'shard' : 'shards'} ${shards.join(', ')}`;
}

/** A run that ended before all of its clauses had run. */
export interface Unfinished {
  /** A signal, `--bail`, `an internal error`, or as `missingShards` says. */
  readonly endedBy: string;
  /** Clauses that have no result, in the order of the run. */
  readonly notRun: readonly ReportedClause[];
}

/** One run on one target, or the merged shards of one. */
export interface RunReport {
  readonly target: { readonly name: string; readonly version: string };
  readonly toolVersion: string;
  readonly seed: number;
  /** Engine of driver and host. On `wasm` no access to memory was checked. */
  readonly engine: Engine;
  /** Start time in ISO 8601. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly results: readonly Reported[];
  /** Waivers with their state after the run. Null if the run was given no waiver file. */
  readonly waivers: readonly JudgedWaiver[] | null;
  /** Missing if every clause of the run has run. */
  readonly unfinished?: Unfinished | undefined;
}

/** Tells whether a result counts against the driver. A failed SHOULD clause counts only if `strict` is set. */
export function countsAgainst({ clause, verdict }: Reported, strict: boolean): boolean {
  if (verdict === 'fail') return strict || clause.level === 'MUST';
  return verdict === 'blocked' || verdict === 'error';
}

/** Tells whether a run has findings: results that count against the driver, or stale waivers. */
export function hasFindings({ results, waivers }: RunReport, strict: boolean): boolean {
  return results.some((result) => countsAgainst(result, strict)) || (waivers ?? []).some(isWaiverFinding);
}

/** Tells whether a run is a merged one, of which shards are missing or ended early. */
export function lacksShards({ unfinished }: Pick<RunReport, 'unfinished'>): boolean {
  return unfinished?.endedBy.startsWith(MISSING) === true;
}

/** Tells that a run is incomplete and why, on one line. */
export function unfinishedText(unfinished: Unfinished): string {
  const { endedBy, notRun } = unfinished;
  const why = lacksShards({ unfinished }) ? endedBy : `${endedBy} ended it`;
  const count = `${notRun.length} ${notRun.length === 1 ? 'clause has' : 'clauses have'} not run`;
  return `this run is incomplete: ${why}, ${count}`;
}

/** Collects the waivers of all runs, each once. The state comes from the run on the waiver's target. */
export function waiversOf(runs: readonly RunReport[]): JudgedWaiver[] {
  return mergeWaivers(runs.flatMap(({ waivers }) => (waivers === null ? [] : [waivers])));
}
