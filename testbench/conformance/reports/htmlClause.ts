import { countsAgainst, type Reported, type ReportedClause } from '../report';
import type { ClauseVerdict } from '../verdict';
import { waiverNote } from '../waivers';
import { failureParts } from './failure';
import { wireSection } from '../../evidence/page/wireSection';
import { REPORT_LIMITS, shortened, type WireLimits } from '../../evidence/wireLog';
import { badge, command, subfold, type Tone } from '../../pages/components';
import { type Content, html, type Markup } from '../../pages/markup';
import { shortFailure } from './shortFailure';

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

/** Tones of the verdicts, which their colours follow. */
const TONES: Readonly<Record<ClauseVerdict, Tone>> = {
  ...{ pass: 'good', fail: 'bad', waived: 'held', skip: 'quiet', blocked: 'warn', error: 'broken' },
};

export function verdictBadge(verdict: ClauseVerdict, text: string = VERDICT_WORDS[verdict]): Markup {
  return badge(TONES[verdict], SIGNS[verdict], text);
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

/** Outputs of the peer on one page. The page holds each distinct text once. */
export class PeerOutputs {
  private readonly places = new Map<string, string>();

  /** Puts an output behind a fold, or leads to the place where it stands already. @param id of the clause */
  place(output: string, id: string): Markup {
    const lines = output.split('\n').length;
    const known = this.places.get(output);
    if (known !== undefined)
      return html`<p class="faint">The peer’s last output, ${lines} lines, is <a href="#${outputAnchor(known)}">that of ${known}</a>.</p>`;
    this.places.set(output, id);
    return html`<details class="subfold" id="${outputAnchor(id)}"><summary>the peer’s last output, ${lines} lines</summary><pre class="text">${output}</pre></details>
`;
  }
}

function outputAnchor(id: string): string {
  return `output-${id.replace(/[^\w-]/g, '-')}`;
}

/** Limits of the recorded frames and events that the page keeps for a clause without a finding. */
const QUIET_LIMITS: WireLimits = { ...REPORT_LIMITS, frames: 16, events: 64 };

/** Characters of an expected or actual value beyond which the rest is behind a fold. */
const MAX_SHOWN = 1_200;

/** The beginning of a long text, and all of it behind a fold. */
function longText(text: string): Content {
  if (text.length <= MAX_SHOWN) return text;
  const end = text.lastIndexOf('\n', MAX_SHOWN);
  return html`${text.slice(0, end > 0 ? end : MAX_SHOWN)} …${subfold(`all ${text.length} characters`, html`<pre class="text">${text}</pre>`)}`;
}

/** Actual value of a failed check. What a peer that crashed has printed is behind a fold. */
function actualValue(actual: string, detail: string, id: string, outputs: PeerOutputs): Content {
  const { observed, where, end } = shortFailure(detail);
  const [, before, output] = /^([^]*?)(?:its last output:|the peer's last output:)\n([^]*)$/.exec(actual) ?? [];
  if (end === null || output === undefined) return longText(actual);
  const frames = where.length === 0 ? '' : `\n${where.map((line) => `  ${line}`).join('\n')}`;
  return html`${observed}${frames}${subfold('the whole message', html`<pre class="text">${before!}</pre>`)}${outputs.place(output, id)}`;
}

function detailBlock({ clause, verdict, detail }: Reported, id: string, outputs: PeerOutputs): Markup | null {
  const note = waiverNote({ verdict, detail });
  const waived = note === null ? null : html`<p class="waiver-note">${note}</p>`;
  const parts = failureParts(detail);
  const rest = note === null ? detail : detail.slice(note.length + 1);
  if (parts === null) return rest === '' ? waived : html`${waived}<pre class="text">${longText(rest)}</pre>`;
  const other =
    parts.requirement === clause.requirement
      ? null
      : html`<dt>Requirement</dt><dd class="required">${parts.requirement}</dd>`;
  const actual = actualValue(parts.actual, detail, id, outputs);
  const check = html`<dl class="check ${verdict}">${other}<dt>Expected</dt><dd class="expected">${longText(parts.expected)}</dd><dt>Actual</dt><dd class="actual">${actual}</dd></dl>`;
  return html`${waived}${check}`;
}

function outcomeBlock(
  targets: readonly string[],
  index: number,
  result: Reported | null,
  outputs: PeerOutputs,
): Markup {
  const target = targets[index]!;
  if (result === null) return html`<div class="outcome"><p class="faint">${target}: not run</p></div>`;
  const { clause, durationMs, replay, wire } = result;
  const finding = countsAgainst(result, true);
  const id = targets.length > 1 ? `${clause.id} on ${target}` : clause.id;
  return html`<div class="outcome"><p>${target}: ${verdictBadge(result.verdict)} <span class="faint">in ${durationMs} ms</span></p>
${detailBlock(result, id, outputs)}
<h4>Replay</h4>${command(replay, 'the replay command')}
${wireSection(finding || wire === undefined ? wire : shortened(wire, QUIET_LIMITS), finding)}</div>`;
}

/** Builds a badge for each target's verdict. Names the target if there are several. */
function outcomeBadges(results: ClauseRow['results'], targets: readonly string[]): (Markup | null)[] {
  return results.map((result, index) => {
    if (result === null) return null;
    const word = VERDICT_WORDS[result.verdict];
    return verdictBadge(result.verdict, targets.length > 1 ? `${targets[index]} ${word}` : word);
  });
}

/** Tells whether a result of a clause counts against its driver. */
export function isFinding({ results }: ClauseRow): boolean {
  return results.some((result) => result !== null && countsAgainst(result, true));
}

/** Builds the section of one clause. */
export function clauseSection(row: ClauseRow, targets: readonly string[], outputs: PeerOutputs, open = false): Markup {
  const { clause, results } = row;
  const verdicts = verdictsOf(row);
  return html`<section class="clause ${verdicts[0] ?? 'skip'}${isFinding(row) ? ' findings' : ''}" id="${anchorOf(clause)}" data-verdicts="${verdicts.join(' ')}" data-basis="${clause.basis ?? ''}" data-level="${clause.level}">
<details${open ? html` open` : null}><summary><h3><span class="id">${clause.id}</span> ${clause.title}</h3>${outcomeBadges(results, targets)}</summary>
${ruleTags(clause)}
${clauseText(clause)}
${results.map((result, index) => outcomeBlock(targets, index, result, outputs))}</details>
</section>
`;
}
