import type { EngineText, MutantScore, ScoreReport } from '../testbench/mutants/score/report';
import { isGood } from '../testbench/mutants/score/report';
import { STATUS_FINDINGS, STATUS_GOOD } from './command';
import type { Output } from './output';

const MS_PER_SECOND = 1_000;

function engineLine({ name, lacking, unit }: EngineText, mutants: readonly MutantScore[]): string {
  if (lacking !== null) return `  ${name.padEnd(9)} did not take part: ${lacking}`;
  const tried = mutants.flatMap(({ engines }) => engines.filter((one) => one.engine === name && one.tries.length > 0));
  const caught = tried.filter((one) => one.caught);
  const seconds = tried.reduce((sum, { durationMs }) => sum + durationMs, 0) / MS_PER_SECOND;
  const cases = caught.flatMap((one) => (one.cases === null ? [] : [one.cases])).sort((a, b) => a - b);
  const median = cases.length === 0 ? '' : `, after ${cases[Math.floor((cases.length - 1) / 2)]} ${unit} (median)`;
  return `  ${name.padEnd(9)} tried ${tried.length} variants, caught ${caught.length}${median}, in ${seconds.toFixed(0)} s`;
}

function printFindings({ clean, notCaught, wronglyEquivalent, mutants }: ScoreReport, output: Output): void {
  for (const { engine, how, report, replay } of clean)
    if (report !== null) output.finding(`\n${engine} reports on the product, with ${how}: ${report}\n  ${replay}`);
  if (notCaught.length > 0) output.finding('\nnot caught:');
  for (const id of notCaught) {
    output.finding(`  ${id}: ${mutants.find((one) => one.id === id)!.what}`);
    output.finding(`    npx avp mutants ${id} --all`);
  }
  for (const id of wronglyEquivalent)
    output.finding(`\ncaught, although the catalog says that nothing can: ${id}\n    npx avp mutants ${id} --all`);
}

/** Prints the sums of a score, and what is wrong. Returns the exit status. */
export function showScore(report: ScoreReport, output: Output): number {
  const { mutants, engines, clauses, cleanReports, notCaught, endedBy } = report;
  const equivalent = mutants.filter((one) => one.equivalent !== null && !one.caught).length;
  output.text(`\n${mutants.length} broken variants`);
  for (const engine of engines) output.text(engineLine(engine, mutants));
  printFindings(report, output);
  const must = clauses.filter(({ level }) => level === 'MUST');
  const failing = must.filter(({ variants }) => variants.length > 0).length;
  if (failing > 0) output.text(`\n${failing} of ${must.length} MUST clauses fail on at least one variant`);
  const caught = mutants.length - notCaught.length - equivalent;
  const summary = `${caught} of ${mutants.length - equivalent} variants caught, ${cleanReports} reports on the product`;
  const equal = equivalent === 0 ? '' : `; nothing tells ${equivalent} others from the product`;
  if (isGood(report)) output.text(`${summary}${equal}`);
  else output.finding(`\n${summary}${equal}`);
  if (endedBy !== undefined) output.finding(`this score is incomplete: ${endedBy}`);
  return isGood(report) ? STATUS_GOOD : STATUS_FINDINGS;
}

/** The result for programs. */
export function scoreJson(report: ScoreReport): Record<string, unknown> {
  return { ...report };
}
