import type { Kept, WireEvent, WireFrame, WireRecord, WireSubject } from '../wireLog';
import { decodeFrame, hexDump } from './decode';
import { html, type Content, type Markup } from '../../pages/markup';

/** Style of the timeline. */
export const WIRE_STYLE = `
.frame summary { cursor: pointer; }
.timeline { list-style: none; margin: .4rem 0 0; padding: 0 !important; font-size: .85rem; }
.timeline > li { display: grid; grid-template-columns: 5.5rem 8.5rem minmax(0, 1fr); gap: 0 .7rem; padding: .25rem .2rem; border-top: 1px solid var(--line); }
.timeline .time { color: var(--faint); text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.timeline .what { overflow-wrap: anywhere; }
.timeline .subject { color: var(--faint); overflow-wrap: anywhere; }
.timeline .frame { background: var(--soft); }
.timeline .frame .subject { color: var(--text); font-weight: 600; }
.timeline .gap { display: block; color: var(--faint); text-align: center; font-style: italic; }
.result { color: var(--faint); }
.layers { margin: .2rem 0; padding: 0; list-style: none; }
@media (max-width: 40rem) {
  .timeline > li { grid-template-columns: max-content 1fr; }
  .timeline .time { text-align: left; }
  .timeline .what { grid-column: 1 / -1; }
  pre.hex { font-size: .7rem; }
}
@media print {
  .timeline > .event { break-inside: avoid; }
  pre.hex { font-size: 6.5pt; }
}
`;

const SUBJECTS: Readonly<Record<WireSubject, string>> = {
  bench: 'bench',
  guest: 'guest',
  host: 'host',
  request: 'request',
  answer: 'answer',
  ring: 'FIFO',
  register: 'register',
  interrupt: 'interrupt',
  link: 'link',
};

function timeText(timeNs: number): string {
  return `${(timeNs / 1e6).toFixed(3)} ms`;
}

function row(kind: string, timeNs: number, subject: string, what: Content): Markup {
  return html`<li class="${kind}"><span class="time">${timeText(timeNs)}</span> <span class="subject">${subject}</span> <div class="what">${what}</div></li>`;
}

/** Formats the device's name as a prefix. Empty if the record is about a single device. */
type NicText = (nic: string | null) => string;

function nicTextOf({ frames, events }: WireRecord): NicText {
  const entries = [...frames.first, ...frames.last, ...events.first, ...events.last];
  const several = new Set(entries.flatMap(({ nic }) => nic ?? [])).size > 1;
  return (nic) => (several && nic !== null ? `${nic}: ` : '');
}

function eventRow({ timeNs, nic, subject, what, result, times }: WireEvent, nicText: NicText): Markup {
  const often = times > 1 ? html` <span class="result">(${times} times)</span>` : null;
  const ended = result === null ? null : html` <span class="result">→ ${result}</span>`;
  return row('event', timeNs, SUBJECTS[subject], html`${nicText(nic)}${what}${ended}${often}`);
}

function frameRow({ timeNs, nic, direction, bytes, data, note }: WireFrame, nicText: NicText): Markup {
  const [first = '', ...others] = decodeFrame(data);
  const cut = data.length < bytes ? html`<p class="faint">the first ${data.length} of ${bytes} bytes</p>` : null;
  const changed = note === '' ? null : html`<p class="waived">changed on purpose: ${note}</p>`;
  return row(
    'frame',
    timeNs,
    direction === 'toGuest' ? 'packet to guest' : 'packet from guest',
    html`${nicText(nic)}${bytes} bytes. ${first}${others.length > 0 ? html`<ul class="layers">${others.map((line) => html`<li>${line}</li>`)}</ul>` : null}${changed}<details><summary>bytes</summary><pre class="hex" tabindex="0">${hexDump(data)}</pre>${cut}</details>`,
  );
}

/** Builds the row that stands for the frames or events left out. */
function gapRow(leftOut: number, what: string): Markup {
  return html`<li class="gap">${leftOut} ${what} left out: only the first and the last are kept</li>`;
}

interface Row {
  readonly order: number;
  readonly row: Markup;
}

/** Builds a row for each recorded entry, and one for the entries left out. */
function keptRows<T extends { readonly order: number }>(
  { first, leftOut, last }: Kept<T>,
  what: string,
  toRow: (entry: T) => Markup,
): Row[] {
  const rows = [...first, ...last].map((entry) => ({ order: entry.order, row: toRow(entry) }));
  // The gap goes immediately before the first entry after it.
  return leftOut === 0 ? rows : [...rows, { order: last[0]!.order - 0.5, row: gapRow(leftOut, what) }];
}

function rowsOf(wire: WireRecord): Markup[] {
  const nicText = nicTextOf(wire);
  const frames = keptRows(wire.frames, 'packets', (frame) => frameRow(frame, nicText));
  const events = keptRows(wire.events, 'events', (event) => eventRow(event, nicText));
  return [...frames, ...events].sort((one, other) => one.order - other.order).map(({ row: markup }) => markup);
}

function countOf({ first, leftOut, last }: Kept<unknown>): number {
  return first.length + leftOut + last.length;
}

function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** Builds the timeline of a clause: its packets and events in the order in which they happened. */
export function wireSection(wire: WireRecord | undefined, isFinding: boolean): Markup {
  if (wire === undefined)
    return html`<p class="faint">No packets or events on record: a clause that was skipped or stopped has none, nor has a result read back from JSON.</p>`;
  const packets = plural(countOf(wire.frames), 'packet');
  const events = plural(countOf(wire.events), 'event');
  return html`<details class="wire"${isFinding ? html` open` : null}><summary>${packets} and ${events}</summary><ol class="timeline">${rowsOf(wire)}</ol></details>`;
}
