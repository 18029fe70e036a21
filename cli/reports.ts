import { ConsoleReport } from '../test/conformance/reports/console';
import { htmlReport } from '../test/conformance/reports/html';
import { resultJson, type SelectionJson } from '../test/conformance/reports/json';
import { junitXml } from '../test/conformance/reports/junit';
import { countsAgainst, hasFindings, type RunReport } from '../test/conformance/report';
import { differencesOf, matrixText } from '../test/conformance/differences';
import { countVerdicts } from '../test/conformance/verdict';
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

/** Where there is more than one target: the matrix, and what each did where they differ. Gives the exit status. */
export function writeComparison(
  runs: readonly RunReport[],
  selection: SelectionJson,
  options: ReportOptions,
  output: Output,
): number {
  const differences = differencesOf(runs);
  output.text(`\n${matrixText(runs)}`);
  for (const { id, detail } of differences) output.finding(`\ndifference in ${id}\n${detail}`);
  for (const { target, results } of runs) {
    const counts = Object.entries(countVerdicts(results)).map(([verdict, count]) => `${count} ${verdict}`);
    output.finding(`${target.name}: ${counts.join(', ')}`);
  }
  output.finding(`${differences.length} differences`);
  if (options.html !== undefined) writeOutput(options.html, htmlReport(runs));
  output.json({ targets: runs.map((run) => resultJson(run, selection)), differences });
  return runs.some((run) => hasFindings(run, options.strict === true)) ? STATUS_FINDINGS : STATUS_GOOD;
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
