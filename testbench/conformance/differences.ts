import type { Reported, ReportedClause, RunReport } from './report';
import { shortFailure } from './reports/shortFailure';
import type { Verdict } from './verdict';
import { waiverNote } from './waivers';

/** What one target did with a clause. */
export interface Ending {
  readonly target: string;
  readonly result: Reported;
}

/** A clause that did not end in the same way on all targets. */
export interface Difference {
  readonly clause: ReportedClause;
  /** Of the targets that could be tried, in the order of the run. */
  readonly endings: readonly Ending[];
}

/** The same as JSON has it. */
export interface DifferenceJson {
  readonly id: string;
  /** By the target's name. */
  readonly verdicts: Readonly<Record<string, Verdict>>;
  /** What each target did, each from a line of its own on. */
  readonly detail: string;
}

/** Every clause that ran on one of the targets, in the order of the suite. */
export function clausesOf(runs: readonly RunReport[]): ReportedClause[] {
  const byId = new Map(runs.flatMap(({ results }) => results.map(({ clause }) => [clause.id, clause] as const)));
  return [...byId.values()];
}

export function resultOn({ results }: RunReport, { id }: ReportedClause): Reported | undefined {
  return results.find(({ clause }) => clause.id === id);
}

/** Clauses on which targets differ, where each could be tried. */
export function differencesOf(runs: readonly RunReport[]): Difference[] {
  return clausesOf(runs).flatMap((clause) => {
    const endings = runs.flatMap((run) => {
      const result = resultOn(run, clause);
      return result === undefined || result.verdict === 'skip' ? [] : [{ target: run.target.name, result }];
    });
    return new Set(endings.map(({ result }) => result.verdict)).size < 2 ? [] : [{ clause, endings }];
  });
}

/** What a target did, in few lines; one that passed did what is required. */
export function endingText({ target, result }: Ending): string {
  const { verdict, detail } = result;
  if (verdict === 'pass') return `${target}: pass, ${waiverNote(result) ?? 'as required'}`;
  const { expected, observed, where } = shortFailure(detail);
  const what = expected === null ? observed : `expected ${expected}, but ${observed}`;
  return [`${target}: ${verdict}, ${what}`, ...where.map((line) => `  ${line}`)].join('\n');
}

export function differenceJson({ clause, endings }: Difference): DifferenceJson {
  return {
    id: clause.id,
    verdicts: Object.fromEntries(endings.map(({ target, result }) => [target, result.verdict])),
    detail: endings.map(endingText).join('\n'),
  };
}
