import { ConsoleReport } from '../test/conformance/reports/console';
import { htmlReport } from '../test/conformance/reports/html';
import { resultJson, type SelectionJson } from '../test/conformance/reports/json';
import { junitXml } from '../test/conformance/reports/junit';
import { countsAgainst, hasFindings, type RunReport } from '../test/conformance/report';
import { isWaiverFinding } from '../test/conformance/waivers';
import { STATUS_FINDINGS, STATUS_GOOD } from './command';
import { type Output, requireWritable, writeOutput } from './output';

/** The reports that `conform` and `merge` write besides JSON, and what counts as a finding. */
export interface ReportOptions {
  readonly strict?: boolean;
  readonly junit?: string;
  readonly html?: string;
}

/** Tries all files before the work that would fill them. @throws UsageError */
export function requireReportFiles({ junit, html }: ReportOptions): void {
  requireWritable(junit);
  requireWritable(html);
}

/** Prints the sums and writes every report that was asked for. Gives the exit status. */
export function writeReports(
  run: RunReport,
  selection: SelectionJson,
  options: ReportOptions,
  output: Output,
): number {
  const { results, waivers, durationMs } = run;
  const summary = new ConsoleReport(output.color).summary(results, durationMs, waivers ?? []);
  const worthSaying = results.some((one) => countsAgainst(one, true)) || (waivers ?? []).some(isWaiverFinding);
  if (worthSaying) output.finding(summary);
  else output.text(summary);
  if (options.junit !== undefined) writeOutput(options.junit, junitXml(run));
  if (options.html !== undefined) writeOutput(options.html, htmlReport([run]));
  output.json(resultJson(run, selection));
  return hasFindings(run, options.strict === true) ? STATUS_FINDINGS : STATUS_GOOD;
}
