import type { Reported, ReportedClause, RunReport } from './report';
import { shortFailure } from './reports/shortFailure';
import type { ClauseVerdict } from './verdict';
import { waiverNote } from './waivers';

/** Result of a clause on one target. */
export interface TargetResult {
  readonly target: string;
  readonly result: Reported;
}

/** A clause whose verdict is not the same on all targets. */
export interface TargetDifference {
  readonly clause: ReportedClause;
  /** Results of the targets that ran the clause, in the order of the run. Targets that skipped it are left out. */
  readonly endings: readonly TargetResult[];
}

/** A difference as `avp conform --json` writes it. */
export interface TargetDifferenceJson {
  readonly id: string;
  /** Verdicts by target name. */
  readonly verdicts: Readonly<Record<string, ClauseVerdict>>;
  /** Text for each target, one after another. Each starts on a new line and may take several lines. */
  readonly detail: string;
}

/** Lists every clause that ran on at least one target, in the order of the suite. */
export function clausesOf(runs: readonly RunReport[]): ReportedClause[] {
  const byId = new Map(runs.flatMap(({ results }) => results.map(({ clause }) => [clause.id, clause] as const)));
  return [...byId.values()];
}

export function resultOn({ results }: RunReport, { id }: ReportedClause): Reported | undefined {
  return results.find(({ clause }) => clause.id === id);
}

/** Finds the clauses whose verdicts differ between targets. Ignores targets that skipped the clause. */
export function differencesOf(runs: readonly RunReport[]): TargetDifference[] {
  return clausesOf(runs).flatMap((clause) => {
    const endings = runs.flatMap((run) => {
      const result = resultOn(run, clause);
      return result === undefined || result.verdict === 'skip' ? [] : [{ target: run.target.name, result }];
    });
    return new Set(endings.map(({ result }) => result.verdict)).size < 2 ? [] : [{ clause, endings }];
  });
}

/** Describes a target's result in a few lines. A pass counts as the required behaviour. */
export function endingText({ target, result }: TargetResult): string {
  const { verdict, detail } = result;
  if (verdict === 'pass') return `${target}: pass, as required`;
  if (verdict === 'waived') return `${target}: ${waiverNote(result)}`;
  const { expected, observed, where } = shortFailure(detail);
  const what = expected === null ? observed : `expected ${expected}, but ${observed}`;
  return [`${target}: ${verdict}, ${what}`, ...where.map((line) => `  ${line}`)].join('\n');
}

export function differenceJson({ clause, endings }: TargetDifference): TargetDifferenceJson {
  return {
    id: clause.id,
    verdicts: Object.fromEntries(endings.map(({ target, result }) => [target, result.verdict])),
    detail: endings.map(endingText).join('\n'),
  };
}
