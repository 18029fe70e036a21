import { createHash } from 'node:crypto';
import { chapters } from '../chapters';
import { chapterOf } from '../clause';
import { type RunReport, type Unfinished, unfinishedText, waiversOf } from '../report';
import { countVerdicts, type ClauseVerdict, VERDICTS } from '../verdict';
import type { JudgedWaiver, WaiverState } from '../waivers';
import { anchorOf, clauseSection, type ClauseRow, SIGNS, VERDICT_WORDS, verdictBadge, verdictsOf } from './htmlClause';
import { SCRIPT } from './htmlScript';
import { STYLE } from './htmlStyle';
import { html, Markup } from '../../pages/markup';

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
  return html`<h2>Chapters</h2>
<table class="matrix${targets.length > 1 ? ' several' : ''}" id="matrix"><thead>${targets.length > 1 ? names : null}<tr><th scope="col">chapter</th>${heads}</tr></thead>
<tbody>${chaptersOf(rows).map((chapter) => chapterMatrix(chapter, targets))}</tbody></table>
`;
}

function filterBar(rows: readonly ClauseRow[]): Markup {
  const boxes = VERDICTS.map((verdict) => {
    const count = rows.filter((row) => verdictsOf(row).includes(verdict)).length;
    return html`<label class="${verdict}"><input type="checkbox" value="${verdict}" checked> ${SIGNS[verdict]} ${VERDICT_WORDS[verdict]} (${count})</label>`;
  });
  return html`<fieldset class="filter" id="filter" hidden><legend>Show</legend><div>${boxes}<span class="faint" id="shown" role="status"></span></div></fieldset>
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

function waiverRow(waiver: JudgedWaiver): Markup {
  const { id, target, reason, expires, state, detail } = waiver;
  return html`<tr><td class="short">${id}</td><td class="short">${target}</td><td class="long">${verdictBadge(WAIVER_COLORS[state], state)} ${detail}</td><td class="long">${reason}</td><td class="short">until ${expires}</td></tr>`;
}

function waiverTable(waivers: readonly JudgedWaiver[]): Markup | null {
  if (waivers.length === 0) return null;
  return html`<h2>Waivers</h2>
<table class="waivers" id="waivers"><thead><tr><th scope="col">clause</th><th scope="col">target</th><th scope="col">state</th><th scope="col">reason</th><th scope="col">last day</th></tr></thead><tbody>${waivers.map(waiverRow)}</tbody></table>
`;
}

function chapterSections({ name, title, rows }: ChapterRows, targets: readonly string[]): Markup {
  return html`<section class="chapter"><h2>${name}${title === '' ? null : html`: ${title}`}</h2>
${rows.map((row) => clauseSection(row, targets))}</section>
`;
}

function unfinishedBanner(unfinished: Unfinished): Markup {
  const ids = unfinished.notRun.map(({ id }) => id).join(', ');
  return html`<div class="incomplete" role="alert"><p>${unfinishedText(unfinished)}.</p>
${ids === '' ? null : html`<details><summary>Not run</summary><p>${ids}</p></details>`}</div>
`;
}

function runLine({ target, seed, engine, startedAt, durationMs, results, unfinished }: RunReport): Markup {
  const counts = countVerdicts(results);
  const badges = VERDICTS.filter((verdict) => counts[verdict] > 0).map(
    (verdict) => html`<li>${verdictBadge(verdict, `${counts[verdict]} ${VERDICT_WORDS[verdict]}`)}</li>`,
  );
  const started = startedAt.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC');
  return html`<p>Driver <strong>${target.name} ${target.version}</strong>: ${results.length} clauses</p>
<ul class="summary">${badges}</ul>
<p class="faint">seed ${seed}, engine ${engine}, started ${started}, took ${(durationMs / 1000).toFixed(1)} s</p>
${unfinished === undefined ? null : unfinishedBanner(unfinished)}`;
}

/**
 * Builds a Content Security Policy that allows the page's own style and script and nothing else: no network
 * access, and no effect for markup that came in with a result.
 */
function policy(): string {
  const hash = createHash('sha256').update(SCRIPT).digest('base64');
  return `default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
}

/**
 * Builds the HTML report: one self-contained page that shows the runs of all targets side by side.
 * @param runs runs of one suite, each on another target.
 */
export function htmlReport(runs: readonly RunReport[]): string {
  const rows = rowsOf(runs);
  const targets = runs.map(({ target }) => target.name);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>AVP conformance: ${targets.join(', ')}</title>
<link rel="icon" href="data:,">
<style>${new Markup(STYLE)}</style>
</head>
<body>
<header><h1>AVP conformance</h1>
${runs.map(runLine)}</header>
<main>
${matrix(rows, targets)}${waiverTable(waiversOf(runs))}${filterBar(rows)}${chaptersOf(rows).map((chapter) => chapterSections(chapter, targets))}</main>
<footer class="faint">Made by avp-testbench ${[...new Set(runs.map(({ toolVersion }) => toolVersion))].join(', ')}.</footer>
<script>${new Markup(SCRIPT)}</script>
</body>
</html>
`;
  return page.text;
}
