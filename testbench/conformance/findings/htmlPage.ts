import { badge, command, facts, fold, table } from '../../pages/components';
import { type Content, html, Markup } from '../../pages/markup';
import { pageText, type Section } from '../../pages/page';
import { failureParts } from '../reports/failure';
import type { ResultFile } from '../result';
import type { KnownFault } from './knownFaults';
import {
  expectedOf,
  type Finding,
  findingParts,
  type FindingPart,
  gravityText,
  hostOf,
  READING,
  runText,
  sortedFaults,
} from './page';
import { unshownFaults } from './runChecks';

function anchorOf(id: string): string {
  return id.replace('/', '-');
}

/** The little of markdown that the page's own texts use: emphasis, code, and links, of which the words stay. */
function inline(text: string): Markup {
  const escaped = html`${text}`.text
    .replace(/\[([^\]]+)\]\([^)]*\)/g, '$1')
    .replace(/\*([^*]+)\*/g, '<em>$1</em>')
    .replace(/`([^`]+)`/g, '<code>$1</code>');
  return new Markup(escaped);
}

const SUMMARY_COLUMNS = [
  { head: 'clause', short: true },
  ...['the rule that does not hold', 'level', 'basis', 'host', 'ends with', 'known fault'].map((head) => ({ head })),
];

function summaryRow(finding: Finding): Content[] {
  const { clause, end, rows } = finding;
  const { id, title, level, basis = '' } = clause;
  return [html`<a href="#${anchorOf(id)}">${id}</a>`, title, level, basis, hostOf(finding), end, rows.join(' ')];
}

function findingFold(finding: Finding, open: boolean): Markup {
  const { clause, text, failure, rows, end } = finding;
  const { id, title, level, basis, section, detail, replay } = clause;
  const { requirement, steps, note = null } = text;
  const where = failure.where.length === 0 ? null : html`<pre class="text">${failure.where.join('\n')}</pre>`;
  const content = html`<p class="faint">${level}${basis === undefined ? '' : `, ${basis}`}, section ${section}${text.host === undefined ? '' : `, host ${hostOf(finding)}`}${rows.length === 0 ? '' : `, known fault ${rows.join(', ')}`}</p>
${facts([
  ['Required', requirement ?? failureParts(detail)?.requirement ?? null],
  ['Done', steps === undefined ? null : steps.join('; ')],
  ['Expected', expectedOf(finding)],
  ['Observed', html`${failure.observed}${where}`],
  ['Note', note],
])}
${command(replay)}`;
  const more = end === null ? null : badge('broken', '‼', end);
  return fold(html`<span class="id">${id}</span> ${title}`, content, { id: anchorOf(id), open, more });
}

function partSection({ title, about, findings }: FindingPart, index: number): Section | null {
  if (findings.length === 0) return null;
  const folds = findings.map((finding, place) => findingFold(finding, place === 0));
  return { id: `part-${index}`, heading: title, content: html`<p>${about}</p>\n${folds}` };
}

function faultSection(run: ResultFile, faults: readonly KnownFault[]): Section {
  const shownBy = (id: string): Content => {
    const verdict = run.clauses.find((one) => one.id === id)?.verdict ?? 'not run';
    return verdict === 'fail' ? html`<a href="#${anchorOf(id)}">${id}</a> ` : `${id} (${verdict}) `;
  };
  const rows = sortedFaults(faults).map(({ row, what, evidence }): Content[] => [
    ...[row, what, 'reason' in evidence ? `not from outside: ${evidence.reason}` : evidence.clauses.map(shownBy)],
  ]);
  const columns = [{ head: 'row', short: true }, { head: 'what the driver does' }, { head: 'shown by' }];
  const missing = unshownFaults(run, faults);
  const lacking =
    missing.length === 0
      ? null
      : html`<p>What this list lacks:</p><ul>${missing.map((line) => html`<li>${line}</li>`)}</ul>`;
  const about = 'Faults that were known before, each with the clauses that fail because of it.';
  return {
    id: 'faults',
    heading: 'Known faults',
    content: html`<p>${about}</p>${table('Known faults', columns, rows)}${lacking}`,
  };
}

/** Builds the page of findings as one self-contained HTML file. It says what `findingsPage` says in markdown. */
export function findingsHtml(run: ResultFile, faults: readonly KnownFault[], neverSent: readonly string[]): string {
  const parts = findingParts(run, faults, neverSent);
  const findings = parts.flatMap((one) => one.findings);
  return pageText({
    title: `What the suite finds in net_avp ${run.versions.target}`,
    heading: 'What the suite finds in net_avp',
    lead: html`<p>${inline(runText(run))}</p><p>${gravityText(findings)}</p>`,
    sections: [
      {
        id: 'reading',
        heading: 'To read the list',
        content: html`<ul>${READING.map((line) => html`<li>${inline(line)}</li>\n`)}</ul>`,
      },
      { id: 'findings', heading: 'Findings', content: table('Findings', SUMMARY_COLUMNS, findings.map(summaryRow)) },
      ...[faultSection(run, faults), ...parts.map(partSection)],
    ],
    versions: [run.versions.tool],
  });
}
