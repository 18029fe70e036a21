import { ComparisonReport } from '../testbench/conformance/reports/comparison';
import { ConsoleReport } from '../testbench/conformance/reports/console';
import { htmlReport } from '../testbench/conformance/reports/html';
import { comparisonJson, resultJson, type SelectionJson } from '../testbench/conformance/reports/json';
import { junitXml } from '../testbench/conformance/reports/junit';
import { BAIL, countsAgainst, hasFindings, type RunReport, unfinishedText } from '../testbench/conformance/report';
import { isWaiverFinding } from '../testbench/conformance/waivers';
import { STATUS_FINDINGS, STATUS_GOOD } from './command';
import { reportToGithub } from './github';
import type { Output } from './output';

/** Options for the reports that `conform` and `merge` write in addition to JSON. */
export interface ReportOptions {
  /** Count failed SHOULD clauses as findings. */
  readonly strict?: boolean;
  readonly junit?: string;
  readonly html?: string;
}

function writeFiles(runs: readonly RunReport[], { junit, html, strict }: ReportOptions, output: Output): void {
  if (junit !== undefined) output.write(junit, junitXml(runs));
  if (html !== undefined) output.write(html, htmlReport(runs));
  reportToGithub(runs, strict === true, output);
}

/** Says which runs were interrupted. A run that `--bail` ended has said so itself. */
function sayUnfinished(runs: readonly RunReport[], output: Output): void {
  for (const { target, unfinished } of runs)
    if (unfinished !== undefined && unfinished.endedBy !== BAIL)
      output.finding(`${runs.length > 1 ? `target ${target.name}: ` : ''}${unfinishedText(unfinished)}`);
}

function statusOf(runs: readonly RunReport[], { strict }: ReportOptions): number {
  return runs.some((run) => hasFindings(run, strict === true)) ? STATUS_FINDINGS : STATUS_GOOD;
}

/**
 * Prints the summary of a run on one target and writes the requested reports.
 * @returns the exit status.
 */
export function writeReports(run: RunReport, selection: SelectionJson, options: ReportOptions, output: Output): number {
  const { results, waivers, durationMs } = run;
  const summary = new ConsoleReport(output.color).summary(results, durationMs, waivers ?? []);
  const worthSaying = results.some((one) => countsAgainst(one, true)) || (waivers ?? []).some(isWaiverFinding);
  if (worthSaying) output.finding(summary);
  else output.text(summary);
  sayUnfinished([run], output);
  writeFiles([run], options, output);
  output.json(resultJson(run, selection));
  return statusOf([run], options);
}

/**
 * Prints the matrix, the differences and the counts of a run on several targets, and writes the requested
 * reports.
 * @returns the exit status.
 */
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
  sayUnfinished(runs, output);
  writeFiles(runs, options, output);
  output.json(comparisonJson(runs, selection));
  return statusOf(runs, options);
}
