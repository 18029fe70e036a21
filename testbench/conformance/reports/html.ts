import { chapters } from '../chapters';
import { BASES, chapterOf } from '../clause';
import { countsAgainst, type RunReport, type Unfinished, unfinishedText, waiversOf } from '../report';
import { countVerdicts, type ClauseVerdict, VERDICTS } from '../verdict';
import type { JudgedWaiver, WaiverState } from '../waivers';
import { badge, fold, incompleteBanner, table } from '../../pages/components';
import { html, type Markup } from '../../pages/markup';
import { momentText, pageText, type Section } from '../../pages/page';
import { causeOf, groupByCause } from './cause';
import {
  anchorOf,
  clauseSection,
  type ClauseRow,
  isFinding,
  PeerOutputs,
  SIGNS,
  VERDICT_WORDS,
  verdictBadge,
  verdictsOf,
} from './htmlClause';
import { SCRIPT } from './htmlScript';
import { STYLE } from './htmlStyle';

/** A chapter that has results, with its clauses in order. */
interface ChapterRows {
  readonly name: string;
  readonly title: string;
  readonly rows: readonly ClauseRow[];
}

/** Collects the results of all targets in one row for each clause. */
function rowsOf(runs: readonly RunReport[]): ClauseRow[] {
  const byId = new Map<string, ClauseRow>();
  for (const [index, { results }] of runs.entries())
    for (const result of results) {
      const { clause, results: former } = byId.get(result.clause.id) ?? {
        clause: result.clause,
        results: runs.map(() => null),
      };
      byId.set(clause.id, { clause, results: former.with(index, result) });
    }
  return [...byId.values()];
}

/** Groups rows by chapter, in the order of the suite. Chapters that this version does not know come last. */
function chaptersOf(rows: readonly ClauseRow[]): ChapterRows[] {
  const names = [...new Set(rows.map(({ clause }) => chapterOf(clause.id)))];
  const known = chapters.filter(({ name }) => names.includes(name));
  const unknown = names
    .filter((name) => !known.some((chapter) => chapter.name === name))
    .map((name) => ({ name, title: '' }));
  return [...known, ...unknown].map(({ name, title }) => ({
    name,
    title,
    rows: rows.filter(({ clause }) => chapterOf(clause.id) === name),
  }));
}

function countCells(rows: readonly ClauseRow[], target: number): Markup[] {
  const counts = countVerdicts(rows.flatMap(({ results }) => results[target] ?? []));
  return VERDICTS.map((verdict) =>
    counts[verdict] === 0 ? html`<td class="none">0</td>` : html`<td class="some ${verdict}">${counts[verdict]}</td>`,
  );
}

function cell({ clause, results }: ClauseRow, target: number): Markup | null {
  const result = results[target] ?? null;
  if (result === null) return null;
  const number = clause.id.slice(clause.id.indexOf('/') + 1);
  const label = `${clause.id} ${VERDICT_WORDS[result.verdict]}: ${clause.title}`;
  return html`<a class="cell ${result.verdict}" href="#${anchorOf(clause)}" title="${label}" aria-label="${label}">${SIGNS[result.verdict]} ${number}</a>`;
}

function strip(rows: readonly ClauseRow[], target: number, name: string | null): Markup {
  return html`<div>${name === null ? null : html`<span class="target">${name}</span>`}${rows.map((row) => cell(row, target))}</div>`;
}

function chapterMatrix({ name, title, rows }: ChapterRows, targets: readonly string[]): Markup {
  const span = 1 + VERDICTS.length * targets.length;
  return html`<tr class="counts"><th scope="row">${name} <small>${title}</small></th>${targets.map((_name, index) => countCells(rows, index))}</tr>
<tr><td class="strip" colspan="${span}">${targets.map((target, index) => strip(rows, index, targets.length > 1 ? target : null))}</td></tr>
`;
}

/** Builds the overview table: a row for each chapter, verdict counts for each target, and a mark for each clause. */
function matrix(rows: readonly ClauseRow[], targets: readonly string[]): Markup {
  const heads = targets.map(() =>
    VERDICTS.map(
      (verdict) =>
        html`<th scope="col" class="${verdict}" title="${VERDICT_WORDS[verdict]}" aria-label="${VERDICT_WORDS[verdict]}">${SIGNS[verdict]}<span class="word"> ${VERDICT_WORDS[verdict]}</span></th>`,
    ),
  );
  const names = html`<tr class="targets"><td></td>${targets.map((target) => html`<th scope="colgroup" colspan="${VERDICTS.length}">${target}</th>`)}</tr>`;
  return html`<table class="matrix${targets.length > 1 ? ' several' : ''}" id="matrix"><thead>${targets.length > 1 ? names : null}<tr><th scope="col">chapter</th>${heads}</tr></thead>
<tbody>${chaptersOf(rows).map((chapter) => chapterMatrix(chapter, targets))}</tbody></table>
`;
}

function choice(name: string, values: readonly string[], words: string): Markup | null {
  if (values.length < 2) return null;
  const options = values.map((value) => html`<option value="${value}">${value}</option>`);
  return html`<label>${words} <select id="${name}"><option value="">any</option>${options}</select></label>`;
}

/** Controls that filter the clauses, and lead from failure to failure. Hidden where scripts are off. */
function filterBar(rows: readonly ClauseRow[]): Markup {
  const boxes = VERDICTS.map((verdict) => {
    const count = rows.filter((row) => verdictsOf(row).includes(verdict)).length;
    return html`<label class="${verdict}"><input type="checkbox" value="${verdict}" checked> ${SIGNS[verdict]} ${VERDICT_WORDS[verdict]} (${count})</label>`;
  });
  const bases = BASES.filter((basis) => rows.some(({ clause }) => clause.basis === basis));
  const levels = [...new Set(rows.map(({ clause }) => clause.level))];
  const failures = rows.some(isFinding)
    ? html`<span class="steps-to"><button type="button" id="previous" title="key p">◂ previous failure</button> <button type="button" id="next" title="key n">next failure ▸</button></span>`
    : null;
  return html`<fieldset class="filter" id="filter" hidden><legend>Show</legend><div>${boxes}</div>
<div>${choice('basis', bases, 'basis')}${choice('level', levels, 'level')}<label>search <input type="search" id="search" size="14"></label>${failures}<span class="faint" id="shown" role="status"></span></div></fieldset>
`;
}

/** Verdict whose colour and sign show the state of a waiver. */
const WAIVER_COLORS: Readonly<Record<WaiverState, ClauseVerdict>> = {
  used: 'waived',
  unjudged: 'skip',
  unused: 'fail',
  expired: 'fail',
  unknown: 'fail',
};

function waiverSection(waivers: readonly JudgedWaiver[]): Section | null {
  if (waivers.length === 0) return null;
  const columns = [
    ...[{ head: 'clause', short: true }, { head: 'target', short: true }, { head: 'state' }, { head: 'reason' }],
    { head: 'last day', short: true },
  ];
  const rows = waivers.map(({ id, target, reason, expires, state, detail }) => [
    ...[id, target, html`${verdictBadge(WAIVER_COLORS[state], state)} ${detail}`, reason, `until ${expires}`],
  ]);
  return { id: 'waivers', heading: 'Waivers', content: table('Waivers', columns, rows) };
}

function chapterSections(
  { name, title, rows }: ChapterRows,
  targets: readonly string[],
  outputs: PeerOutputs,
): Markup | null {
  const others = rows.filter((row) => !isFinding(row));
  if (others.length === 0) return null;
  return html`<section class="chapter"><h2>${name}${title === '' ? null : html`: ${title}`}</h2>
${others.map((row) => clauseSection(row, targets, outputs))}</section>
`;
}

/** The cause of the first result of a clause that counts against its driver. */
function causeOfRow({ results }: ClauseRow): string {
  return causeOf(results.find((result) => result !== null && countsAgainst(result, true))!);
}

/** The failures by cause. The first of the first group is open. */
function failureSection(rows: readonly ClauseRow[], targets: readonly string[], outputs: PeerOutputs): Section | null {
  const groups = groupByCause(rows.filter(isFinding), causeOfRow);
  if (groups.length === 0) return null;
  const folds = groups.map(({ cause, failures }, group) => {
    const clauses = failures.map((row, index) => clauseSection(row, targets, outputs, group === 0 && index === 0));
    const count = failures.length === 1 ? '1 clause' : `${failures.length} clauses`;
    return fold(cause, clauses, { open: group === 0, more: badge('bad', '✘', count), kind: 'cause' });
  });
  return { id: 'failures', heading: 'Failures by cause', content: folds };
}

function unfinishedBanner(unfinished: Unfinished): Markup {
  const ids = unfinished.notRun.map(({ id }) => id).join(', ');
  const more = ids === '' ? null : html`<details><summary>Not run</summary><p>${ids}</p></details>`;
  return incompleteBanner(unfinishedText(unfinished), more);
}

function runLine({ target, seed, engine, startedAt, durationMs, results, unfinished }: RunReport): Markup {
  const counts = countVerdicts(results);
  const badges = VERDICTS.filter((verdict) => counts[verdict] > 0).map(
    (verdict) => html`<li>${verdictBadge(verdict, `${counts[verdict]} ${VERDICT_WORDS[verdict]}`)}</li>`,
  );
  return html`<p>Driver <strong>${target.name} ${target.version}</strong>: ${results.length} clauses</p>
<ul class="summary">${badges}</ul>
<p class="faint">seed ${seed}, engine ${engine}, started ${momentText(startedAt)}, took ${(durationMs / 1000).toFixed(1)} s</p>
${unfinished === undefined ? null : unfinishedBanner(unfinished)}`;
}

/**
 * Builds the HTML report: one self-contained page that shows the runs of all targets side by side.
 * @param runs runs of one suite, each on another target.
 */
export function htmlReport(runs: readonly RunReport[]): string {
  const rows = rowsOf(runs);
  const targets = runs.map(({ target }) => target.name);
  const outputs = new PeerOutputs();
  const matrixSection = { id: 'chapters', heading: 'Chapters', content: matrix(rows, targets) };
  const failures = failureSection(rows, targets, outputs);
  return pageText({
    title: `AVP conformance: ${targets.join(', ')}`,
    heading: 'AVP conformance',
    lead: runs.map(runLine),
    sections: [
      ...[matrixSection, waiverSection(waiversOf(runs)), filterBar(rows), failures],
      ...chaptersOf(rows).map((chapter) => chapterSections(chapter, targets, outputs)),
    ],
    style: STYLE,
    script: SCRIPT,
    versions: [...new Set(runs.map(({ toolVersion }) => toolVersion))],
  });
}
