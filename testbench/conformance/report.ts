import type { Clause } from './clause';
import type { Outcome } from './verdict';
import { isWaiverFinding, type JudgedWaiver, mergeWaivers } from './waivers';

/** What reports are made from: results of a run that has just ended, or read back from JSON. */

/** A clause as reports name it. Read back from the JSON of another version it has no text. */
export type ReportedClause = Pick<Clause, 'id' | 'title' | 'level' | 'section' | 'faults'> &
  Partial<Pick<Clause, 'goal' | 'steps' | 'requirement'>>;

/** How a clause ended on one target. */
export interface Reported extends Outcome {
  readonly clause: ReportedClause;
  /** The command that runs it again in the same way. */
  readonly replay: string;
}

/** One run on one target, or the parts of one put together. */
export interface RunReport {
  readonly target: { readonly name: string; readonly version: string };
  readonly toolVersion: string;
  readonly seed: number;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly results: readonly Reported[];
  /** Null where the run was given none. */
  readonly waivers: readonly JudgedWaiver[] | null;
}

/** A result that counts against the driver: SHOULD clauses fail only where asked to. */
export function countsAgainst({ clause, verdict }: Reported, strict: boolean): boolean {
  if (verdict === 'fail') return strict || clause.level === 'MUST';
  return verdict === 'blocked' || verdict === 'error';
}

/** Whether a run is to end with findings. */
export function hasFindings({ results, waivers }: RunReport, strict: boolean): boolean {
  return results.some((result) => countsAgainst(result, strict)) || (waivers ?? []).some(isWaiverFinding);
}

/** What became of the waivers over all runs, each once: the run on its target decides. */
export function waiversOf(runs: readonly RunReport[]): JudgedWaiver[] {
  return mergeWaivers(runs.flatMap(({ waivers }) => (waivers === null ? [] : [waivers])));
}
