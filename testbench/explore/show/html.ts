import { command as commandBlock } from '../../pages/components';
import { html, type Markup } from '../../pages/markup';
import { pageText } from '../../pages/page';
import { lanesOf, linesOf, tellingPart } from './lanes';
import type { RecordedStep, Recording } from './recording';

const STYLE = `
.lanes { table-layout: fixed; }
.lanes thead th { position: sticky; top: 0; background: var(--soft); text-align: left; font-size: .875rem; z-index: 1; }
.lanes th, .lanes td { padding: 2px 8px; vertical-align: top; }
.lanes .step { width: 3.5rem; text-align: right !important; font-weight: 400; color: var(--faint); font-size: .8rem; font-variant-numeric: tabular-nums; padding-left: 0; }
.lanes code { font-size: .78rem; line-height: 1.4; }
.decision > * { background: var(--warn-soft); }
.time td { text-align: center; color: var(--faint); font-size: .8rem; }
.on { border-left: 3px solid var(--accent); }
.on.write { border-left-color: var(--bad); }
.where { color: var(--faint); display: block; overflow-wrap: anywhere; }
.cause { color: var(--bad); font-weight: 600; }
.lanes:not(.all) tr.private { display: none; }
`;

const SCRIPT = `
'use strict';
(() => {
  const box = document.getElementById('private');
  const lanes = document.getElementById('lanes');
  const show = () => lanes.classList.toggle('all', box.checked);
  box.parentElement.hidden = false;
  box.addEventListener('change', show);
  show();
})();
`;

function stepRow({ step, choice, what, where, isDecision, isShared }: RecordedStep, lanes: readonly number[]): Markup {
  const isPrivate = !isShared && !isDecision && choice.kind === 'step';
  const kinds = [choice.actor < 0 ? 'time' : '', isDecision ? 'decision' : '', isPrivate ? 'private' : '']
    .filter((kind) => kind !== '')
    .join(' ');
  const head = html`<th scope="row" class="step">${step}</th>`;
  if (choice.actor < 0) return html`<tr class="${kinds}">${head}<td colspan="${lanes.length}">${what}</td></tr>\n`;
  const place = where === '' ? null : html`<code class="where">${where}</code>`;
  const decided = isDecision ? html`<b title="a decision that differs">▶ </b>` : null;
  const cells = lanes.map((lane) =>
    lane === choice.actor
      ? html`<td class="on${choice.write ? ' write' : ''}">${decided}<code>${what}</code>${place}</td>`
      : html`<td></td>`,
  );
  return html`<tr class="${kinds}">${head}${cells}</tr>\n`;
}

/** A page of a run with a lane for each actor. */
export function lanesHtml(recording: Recording, command: string): string {
  const { world, token, failure, actors, steps } = recording;
  const lanes = lanesOf(recording, steps);
  const shown = linesOf(tellingPart(recording)).length;
  const heads = lanes.map((actor) => html`<th scope="col">${actors[actor]!}</th>`);
  const details = (failure?.details ?? []).map((line) => html`<li>${line}</li>`);
  return pageText({
    title: `${world}: ${failure?.cause ?? 'nothing found'}`,
    heading: world,
    wide: true,
    lead: html`${failure === null ? html`<p>All oracles hold.</p>` : html`<p class="cause">${failure.cause}</p>`}
${details.length === 0 ? null : html`<ul>${details}</ul>`}
<p class="label">Repeat it</p>
${commandBlock(command)}
<p class="label">Schedule</p>
${commandBlock(token, 'the schedule')}`,
    sections: [
      {
        id: 'run',
        heading: 'The run, step by step',
        content: html`<p>${steps.length} steps, ${shown} lines from shortly before the first decision on. A row with ▶ is a decision that differs from running each actor until it waits. A red edge marks a write.</p>
<label hidden><input type="checkbox" id="private"> show accesses that no other actor sees</label>
<table class="lanes all" id="lanes" aria-label="Steps of the actors"><thead><tr><th scope="col" class="step">step</th>${heads}</tr></thead><tbody>
${steps.map((step) => stepRow(step, lanes))}</tbody></table>
`,
      },
    ],
    style: STYLE,
    script: SCRIPT,
  });
}
