import { lanesOf, linesOf, tellingPart } from './lanes';
import type { RecordedStep, Recording } from './recording';

const STYLE = `
body { font: 14px/1.45 system-ui, sans-serif; margin: 2rem; color: #1c2024; background: #fff; }
h1 { font-size: 1.3rem; } .cause { color: #b3261e; font-weight: 600; }
code { font: 12px/1.4 ui-monospace, monospace; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; margin-top: 1rem; }
th { position: sticky; top: 0; background: #eef1f4; text-align: left; } th, td { padding: 2px 8px; vertical-align: top; }
th:first-child, td:first-child { width: 4rem; text-align: right; color: #6b7580; }
tr.decision td { background: #fff3d6; } tr.time td { text-align: center; color: #6b7580; background: #f6f7f8; }
td.on { border-left: 3px solid #2f6f9f; } td.on.write { border-left-color: #b3261e; } td.quiet { color: #6b7580; }
.where { color: #6b7580; display: block; } label { display: inline-block; margin-top: 1rem; }
body:not(.all) tr.private { display: none; }
@media (prefers-color-scheme: dark) {
  body { background: #16191c; color: #dde2e6; } th { background: #23282d; }
  tr.decision td { background: #40361c; } tr.time td { background: #1d2125; }
}
`;

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

function stepRow({ step, choice, what, where, isDecision, isShared }: RecordedStep, lanes: readonly number[]): string {
  const kinds = [isDecision ? 'decision' : '', isShared || isDecision || choice.kind !== 'step' ? '' : 'private'];
  const place = where === '' ? '' : `<code class="where">${escaped(where)}</code>`;
  if (choice.actor < 0)
    return `<tr class="time ${kinds.join(' ')}"><td>${step}</td><td colspan="${lanes.length}">${escaped(what)}</td></tr>`;
  const cells = lanes.map((lane) =>
    lane === choice.actor
      ? `<td class="on${choice.write ? ' write' : ''}"><code>${escaped(what)}</code>${place}</td>`
      : '<td></td>',
  );
  return `<tr class="${kinds.join(' ').trim()}"><td>${step}</td>${cells.join('')}</tr>`;
}

/** A page without references to others: the run with a lane for each actor. */
export function lanesHtml(recording: Recording, command: string): string {
  const { world, token, failure, actors, steps } = recording;
  const lanes = lanesOf(recording, steps);
  const shown = linesOf(tellingPart(recording)).length;
  const title = `${world}: ${failure?.cause ?? 'nothing found'}`;
  const head = lanes.map((actor) => `<th>${escaped(actors[actor]!)}</th>`).join('');
  const details = (failure?.details ?? []).map((line) => `<li>${escaped(line)}</li>`).join('');
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>${escaped(title)}</title><style>${STYLE}</style>
<h1>${escaped(world)}</h1>
<p class="cause">${escaped(failure?.cause ?? 'All oracles hold.')}</p><ul>${details}</ul>
<p>Repeat it: <code>${escaped(command)}</code></p><p>Schedule: <code>${escaped(token)}</code></p>
<p>${steps.length} steps, ${shown} lines from shortly before the first decision on. A yellow row is a decision that differs from running each actor until it waits.</p>
<label><input type="checkbox" onchange="document.body.classList.toggle('all', this.checked)"> show accesses that no other actor sees</label>
<table><thead><tr><th>step</th>${head}</tr></thead><tbody>
${steps.map((step) => stepRow(step, lanes)).join('\n')}
</tbody></table></html>
`;
}
