import { ComparisonReport } from '../testbench/conformance/reports/comparison';
import { ConsoleReport } from '../testbench/conformance/reports/console';
import { htmlReport } from '../testbench/conformance/reports/html';
import { comparisonJson, resultJson, type SelectionJson } from '../testbench/conformance/reports/json';
import { junitXml } from '../testbench/conformance/reports/junit';
import { countsAgainst, hasFindings, type RunReport } from '../testbench/conformance/report';
import { isWaiverFinding } from '../testbench/conformance/waivers';
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

function writeFiles(runs: readonly RunReport[], { junit, html }: ReportOptions): void {
  if (junit !== undefined) writeOutput(junit, junitXml(runs));
  if (html !== undefined) writeOutput(html, htmlReport(runs));
}

function statusOf(runs: readonly RunReport[], { strict }: ReportOptions): number {
  return runs.some((run) => hasFindings(run, strict === true)) ? STATUS_FINDINGS : STATUS_GOOD;
}

/** Prints the sums and writes every report that was asked for. Gives the exit status. */
export function writeReports(run: RunReport, selection: SelectionJson, options: ReportOptions, output: Output): number {
  const { results, waivers, durationMs } = run;
  const summary = new ConsoleReport(output.color).summary(results, durationMs, waivers ?? []);
  const worthSaying = results.some((one) => countsAgainst(one, true)) || (waivers ?? []).some(isWaiverFinding);
  if (worthSaying) output.finding(summary);
  else output.text(summary);
  writeFiles([run], options);
  output.json(resultJson(run, selection));
  return statusOf([run], options);
}

/** The same where several targets were asked for: the matrix, and what each did where they differ. */
export function writeComparison(
  runs: readonly RunReport[],
  selection: SelectionJson,
  options: ReportOptions,
  output: Output,
): number {
  const report = new ComparisonReport(runs, output.color);
  output.text(`\n${report.matrix()}`);
  const findings = report.findings();
  if (findings === '') output.text(report.counts());
  else output.finding(`${findings}\n${report.counts()}`);
  writeFiles(runs, options);
  output.json(comparisonJson(runs, selection));
  return statusOf(runs, options);
}
