import { differenceJson, differencesOf } from '../differences';
import type { ReportedClause, RunReport } from '../report';
import type { ResultFile } from '../result';
import { countVerdicts } from '../verdict';

/** What JSON says of a clause that has not run. */
export function clauseJson(clause: ReportedClause): Record<string, unknown> {
  const { id, title, level, section, faults } = clause;
  return { id, title, level, section, faults };
}

/** What was asked for; `merge` tells by it whether all parts of a run are there. */
export type SelectionJson = ResultFile['selection'];

/** The result of one target. */
export function resultJson(run: RunReport, selection: SelectionJson): Record<string, unknown> {
  const { target, toolVersion, seed, startedAt, durationMs, results, waivers } = run;
  return {
    target: target.name,
    versions: { tool: toolVersion, target: target.version },
    seed,
    startedAt,
    durationMs,
    selection,
    counts: countVerdicts(results),
    ...(waivers === null ? {} : { waivers }),
    clauses: results.map(({ clause, verdict, durationMs, detail, replay }) => ({
      ...clauseJson(clause),
      verdict,
      durationMs,
      detail,
      replay,
    })),
  };
}

/** The results of several targets, and where they differ. */
export function comparisonJson(runs: readonly RunReport[], selection: SelectionJson): Record<string, unknown> {
  return {
    targets: runs.map((run) => resultJson(run, selection)),
    differences: differencesOf(runs).map(differenceJson),
  };
}
