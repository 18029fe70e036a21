import { appendFileSync } from 'node:fs';
import { UsageError } from '../shared/errors';
import { countsText } from '../testbench/conformance/reports/console';
import { messageOf } from '../testbench/conformance/reports/failure';
import {
  countsAgainst,
  type Reported,
  type RunReport,
  unfinishedText,
  waiversOf,
} from '../testbench/conformance/report';
import { isWaiverFinding, waiverText } from '../testbench/conformance/waivers';
import type { Output } from './output';

/** Number of errors that GitHub shows of one step; it drops the rest. */
const MAX_ANNOTATIONS = 10;
/** Most bytes that this command adds to the summary of a step. GitHub drops a summary of more than 1 MiB. */
const MAX_SUMMARY_LENGTH = 250_000;

function escaped(text: string, characters: RegExp): string {
  const code = (character: string): string =>
    `%${character.codePointAt(0)!.toString(16).toUpperCase().padStart(2, '0')}`;
  return text.replace(characters, code);
}

/** Formats an error as a workflow command, which GitHub shows beside the run. */
function annotation(title: string, message: string): string {
  return `::error title=${escaped(title, /[%\r\n:,]/g)}::${escaped(message, /[%\r\n]/g)}`;
}

/** Formats text for a cell of a table in Markdown. */
function cell(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|~]/g, '\\$&').replace(/\s+/g, ' ');
}

function findingsOf(run: RunReport, strict: boolean): Reported[] {
  return run.results.filter((result) => countsAgainst(result, strict));
}

function rowOf({ clause, verdict, detail, replay }: Reported): string {
  const cells = [clause.id, clause.title, clause.level, verdict, messageOf(detail)].map(cell);
  return `| ${cells.join(' | ')} | \`${replay.replace(/`/g, '').replaceAll('|', '\\|')}\` |`;
}

function tableOf(findings: readonly Reported[]): string[] {
  if (findings.length === 0) return [];
  const head = ['| clause | rule | level | verdict | what | replay |', '| --- | --- | --- | --- | --- | --- |'];
  return ['', ...head, ...findings.map(rowOf)];
}

/** Builds the job summary in Markdown: for each target the counts, and a table of the results that count against it. */
export function githubSummary(runs: readonly RunReport[], strict: boolean): string {
  const sections = runs.map((run) => {
    const unfinished = run.unfinished === undefined ? [] : ['', `**${cell(unfinishedText(run.unfinished))}**`];
    return [
      `### ${cell(run.target.name)} ${cell(run.target.version)}`,
      '',
      cell(countsText(run.results, run.durationMs)),
      ...unfinished,
      ...tableOf(findingsOf(run, strict)),
      '',
    ];
  });
  const stale = waiversOf(runs).filter(isWaiverFinding);
  const lines = [...sections.flat(), ...stale.map((waiver) => `- ${cell(waiverText(waiver))}`), ''];
  return shortened(lines);
}

function shortened(lines: readonly string[]): string {
  const kept: string[] = [];
  let length = 0;
  for (const line of lines) {
    length += line.length + 1;
    if (length > MAX_SUMMARY_LENGTH) return `${[...kept, '', 'The rest is in the reports.', ''].join('\n')}`;
    kept.push(line);
  }
  return kept.join('\n');
}

/** Builds the annotations of a run: one for each finding, as many as GitHub shows. */
export function githubAnnotations(runs: readonly RunReport[], strict: boolean): string[] {
  const findings = runs.flatMap((run) =>
    findingsOf(run, strict).map(({ clause, detail, replay }) =>
      annotation(`${run.target.name} ${clause.id}: ${clause.title}`, `${messageOf(detail)}\nreplay: ${replay}`),
    ),
  );
  const stale = waiversOf(runs)
    .filter(isWaiverFinding)
    .map((waiver) => annotation('waiver', waiverText(waiver)));
  return [...findings, ...stale].slice(0, MAX_ANNOTATIONS);
}

/** In a job of GitHub, prints annotations and adds to the summary of the step. Does nothing elsewhere. */
export function reportToGithub(runs: readonly RunReport[], strict: boolean, output: Output): void {
  const { GITHUB_ACTIONS, GITHUB_STEP_SUMMARY: file } = process.env;
  if (GITHUB_ACTIONS !== 'true') return;
  for (const line of githubAnnotations(runs, strict)) output.finding(line);
  if (file === undefined || file === '') return;
  try {
    appendFileSync(file, `${githubSummary(runs, strict)}\n`);
  } catch (error) {
    output.postpone(new UsageError(`cannot add to the summary of the step: ${(error as Error).message}`));
  }
}
