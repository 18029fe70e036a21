import { countsAgainst, type Reported, type ReportedClause } from '../report';
import type { ClauseVerdict } from '../verdict';
import { waiverNote } from '../waivers';
import { failureParts } from './failure';
import { wireSection } from '../../evidence/page/wireSection';
import { html, type Markup } from '../../pages/markup';

/** Signs that distinguish verdicts without colour. */
export const SIGNS: Readonly<Record<ClauseVerdict, string>> = {
  pass: '✔',
  fail: '✘',
  waived: '~',
  skip: '–',
  blocked: '!',
  error: '‼',
};

export const VERDICT_WORDS: Readonly<Record<ClauseVerdict, string>> = {
  pass: 'passed',
  fail: 'failed',
  waived: 'waived',
  skip: 'skipped',
  blocked: 'blocked',
  error: 'error',
};

/** A clause and its result on each target. A result is null if the clause did not run on that target. */
export interface ClauseRow {
  readonly clause: ReportedClause;
  readonly results: readonly (Reported | null)[];
}

/** Returns the id of the element that links to a clause lead to. */
export function anchorOf({ id }: ReportedClause): string {
  return id.replace('/', '-');
}

/** Lists the distinct verdicts of a clause over all targets, the most serious first. */
export function verdictsOf({ results }: ClauseRow): ClauseVerdict[] {
  const found = new Set(results.flatMap((result) => (result === null ? [] : [result.verdict])));
  return (['error', 'fail', 'blocked', 'waived', 'skip', 'pass'] as const).filter((verdict) => found.has(verdict));
}

export function verdictBadge(verdict: ClauseVerdict, text: string = VERDICT_WORDS[verdict]): Markup {
  return html`<span class="verdict ${verdict}"><span aria-hidden="true">${SIGNS[verdict]}</span> ${text}</span>`;
}

function ruleTags({ level, basis, section, faults }: ReportedClause): Markup {
  const rows = faults.length === 0 ? null : html`<span>fault rows ${faults.join(', ')}</span>`;
  return html`<p class="tags"><span>${level}</span>${basis === undefined ? null : html`<span>basis ${basis}</span>`}<span>section ${section}</span>${rows}</p>`;
}

function clauseText({ goal, steps, requirement, note = null }: ReportedClause): Markup {
  return html`${requirement === undefined ? null : html`<h4>Requirement</h4><p class="requirement">${requirement}</p>`}
${note === null ? null : html`<h4>What the rule rests on</h4><p class="note">${note}</p>`}
${goal === undefined ? null : html`<h4>Goal</h4><p>${goal}</p>`}
${steps === undefined ? null : html`<h4>Steps</h4><ol class="steps">${steps.map((step) => html`<li>${step}</li>`)}</ol>`}`;
}

function detailBlock({ clause, verdict, detail }: Reported): Markup | null {
  const note = waiverNote({ verdict, detail });
  const waived = note === null ? null : html`<p class="waiver-note">${note}</p>`;
  const parts = failureParts(detail);
  const rest = note === null ? detail : detail.slice(note.length + 1);
  if (parts === null) return rest === '' ? waived : html`${waived}<pre class="text">${rest}</pre>`;
  const other =
    parts.requirement === clause.requirement
      ? null
      : html`<dt>Requirement</dt><dd class="required">${parts.requirement}</dd>`;
  const check = html`<dl class="check ${verdict}">${other}<dt>Expected</dt><dd class="expected">${parts.expected}</dd><dt>Actual</dt><dd class="actual">${parts.actual}</dd></dl>`;
  return html`${waived}${check}`;
}

function outcomeBlock(target: string, result: Reported | null): Markup {
  if (result === null) return html`<div class="outcome"><p class="faint">${target}: not run</p></div>`;
  const finding = countsAgainst(result, true);
  return html`<div class="outcome"><p>${target}: ${verdictBadge(result.verdict)} <span class="faint">in ${result.durationMs} ms</span></p>
${detailBlock(result)}
<h4>Replay</h4><pre class="replay">${result.replay}</pre>
${wireSection(result.wire, finding)}</div>`;
}

/** Builds a badge for each target's verdict. Names the target if there are several. */
function outcomeBadges(results: ClauseRow['results'], targets: readonly string[]): (Markup | null)[] {
  return results.map((result, index) => {
    if (result === null) return null;
    const word = VERDICT_WORDS[result.verdict];
    return verdictBadge(result.verdict, targets.length > 1 ? `${targets[index]} ${word}` : word);
  });
}

/** Builds the section of one clause. It is expanded if a result is a finding. */
export function clauseSection(row: ClauseRow, targets: readonly string[]): Markup {
  const { clause, results } = row;
  const verdicts = verdictsOf(row);
  const findings = results.some((result) => result !== null && countsAgainst(result, true));
  return html`<section class="clause ${verdicts[0] ?? 'skip'}${findings ? ' findings' : ''}" id="${anchorOf(clause)}" data-verdicts="${verdicts.join(' ')}">
<details${findings ? html` open` : null}><summary><h3><span class="id">${clause.id}</span> ${clause.title}</h3>${outcomeBadges(results, targets)}</summary>
${ruleTags(clause)}
${clauseText(clause)}
${results.map((result, index) => outcomeBlock(targets[index]!, result))}</details>
</section>
`;
}
