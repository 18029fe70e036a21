import { differenceJson, differencesOf } from '../targetDifferences';
import type { Clause } from '../clause';
import type { ReportedClause, RunReport } from '../report';
import type { ResultFile } from '../result';
import { countVerdicts } from '../verdict';

/** Describes the rule of a result. */
function ruleJson({ id, title, level, section, basis, faults }: ReportedClause): Record<string, unknown> {
  return { id, title, level, section, ...(basis === undefined ? {} : { basis }), faults };
}

/** Describes a clause without a result, for the list of clauses. */
export function clauseJson(clause: Clause): Record<string, unknown> {
  return { ...ruleJson(clause), note: clause.note };
}

/** Selection of a run. `merge` uses it to check that all parts of the run are there. */
export type SelectionJson = ResultFile['selection'];

function completeness(unfinished: RunReport['unfinished']): Record<string, unknown> {
  if (unfinished === undefined) return { complete: true };
  const { endedBy, notRun } = unfinished;
  return { complete: false, endedBy, notRun: notRun.map(({ id }) => id) };
}

/** Builds the JSON result of one target. */
export function resultJson(run: RunReport, selection: SelectionJson): Record<string, unknown> {
  const { target, toolVersion, seed, engine, startedAt, durationMs, results, waivers, unfinished } = run;
  return {
    target: target.name,
    versions: { tool: toolVersion, target: target.version },
    seed,
    engine,
    startedAt,
    durationMs,
    selection,
    ...completeness(unfinished),
    counts: countVerdicts(results),
    ...(waivers === null ? {} : { waivers }),
    clauses: results.map(({ clause, verdict, durationMs, detail, replay }) => ({
      ...ruleJson(clause),
      verdict,
      durationMs,
      detail,
      replay,
    })),
  };
}

/** Builds the JSON result of several targets, with the differences between them. */
export function comparisonJson(runs: readonly RunReport[], selection: SelectionJson): Record<string, unknown> {
  return {
    targets: runs.map((run) => resultJson(run, selection)),
    differences: differencesOf(runs).map(differenceJson),
  };
}
