import { hex32 } from '../../../../shared/hex';
import { type Column, facts, fold, subfold, table } from '../../../pages/components';
import { type Content, html, type Markup } from '../../../pages/markup';
import type { BufferPlace, Buffers, DeviceInspection, Pool, Ring, RingEntry, Scalars } from '../inspection';
import { infoText, pairs, registerText, runText, segmentText, withoutZeros } from '../inspectionText';

/** Items of a list that a page shows. JSON has all of them. */
const SHOWN = 32;

/** Rules of the pieces of a device. */
export const DEVICE_STYLE = `
.places { display: flex; height: 1.4rem; border-radius: 4px; overflow: hidden; background: var(--soft); margin: .5rem 0; }
.places > span { min-width: 1px; border-right: 1px solid var(--page); }
.swatch { display: inline-block; width: .8rem; height: .8rem; border-radius: 2px; margin-right: .4rem; vertical-align: -.05rem; }
.fill { background: var(--soft); border-radius: 3px; height: .8rem; min-width: 5rem; overflow: hidden; margin-top: .25rem; }
.fill > span { display: block; height: 100%; background: var(--curve-1); }
.mono { font-family: var(--mono); font-size: .8rem; }
.wrong { color: var(--bad); font-weight: 600; }
`;

const PLACES: Readonly<Record<BufferPlace, readonly [color: number, words: string]>> = {
  hostPool: [8, "the host's pool"],
  alloc: [1, 'alloc'],
  tx: [2, 'tx'],
  rx: [3, 'rx'],
  free: [4, 'free'],
  guest: [5, "the guest's hands"],
  taken: [6, 'taken, within one call of the host'],
};

function place(name: BufferPlace, share: number): Markup {
  return html`<span style="width:${(share * 100).toFixed(3)}%;background:var(--curve-${PLACES[name][0]})"></span>`;
}

function swatch(name: BufferPlace): Markup {
  return html`<span class="swatch" aria-hidden="true" style="background:var(--curve-${PLACES[name][0]})"></span>`;
}

/** The beginning of a list, and how much is left out. */
export function beginning<T>(list: readonly T[], show: (shown: readonly T[]) => Markup, what: string): Markup {
  const more = list.length - SHOWN;
  return html`${show(list.slice(0, SHOWN))}${more > 0 ? html`<p class="faint">${more} more ${what}: --json has all.</p>` : null}`;
}

/** A structure as names and values. */
export function structFacts(values: Scalars): Markup {
  return facts(Object.entries(values).map(([name, value]) => [name, String(value)] as const));
}

function entryRow({ slot, va, segments, problem }: RingEntry): Content[] {
  const [first] = segments;
  const packet =
    first === undefined
      ? ''
      : `${segments.map(segmentText).join(' → ')}, pkt_len ${first.desc['pkt_len']}, nb_segs ${first.desc['nb_segs']}, ol_flags ${first.desc['ol_flags']}`;
  return [
    slot,
    html`<span class="mono">${va}</span>`,
    packet,
    problem === null ? null : html`<span class="wrong">${problem}</span>`,
  ];
}

const ENTRY_COLUMNS: readonly Column[] = [
  ...[{ head: 'slot', number: true }, { head: 'address', short: true }, { head: 'buffers' }, { head: 'problem' }],
];

function ringEntries(ring: Ring): Markup | null {
  const { kind, queue, entries, leftOut } = ring;
  if (entries.length === 0) return null;
  const name = `${kind} ${queue}`;
  const shown = beginning(entries, (some) => table(`Entries of ${name}`, ENTRY_COLUMNS, some.map(entryRow)), 'entries');
  const wrong = entries.some(({ problem }) => problem !== null);
  return subfold(`${name}: ${entries.length + leftOut} entries${wrong ? ', with problems' : ''}`, shown, wrong);
}

function ringRow({ kind, queue, offset, len, write, read, filled, hostIndex, driverIndex }: Ring): Content[] {
  const share = filled === null || len === 0 ? 0 : Math.min(1, filled / len);
  return [
    `${kind} ${queue}`,
    filled === null ? html`<span class="wrong">unreadable</span>` : filled,
    html`<div class="fill" aria-hidden="true"><span style="width:${(share * 100).toFixed(2)}%"></span></div>`,
    ...[len, write, read, hostIndex ?? 'unknown', driverIndex ?? 'unknown'],
    offset === null ? html`<span class="wrong">in no map</span>` : hex32(offset),
  ];
}

const RING_COLUMNS: readonly Column[] = [
  ...[{ head: 'FIFO', short: true }, { head: 'filled', number: true }, { head: 'share' }],
  ...['len', 'write', 'read', 'host’s index', 'driver’s index', 'offset in BAR 2'].map((head) => ({
    head,
    number: true,
  })),
];

function ringPart(rings: readonly Ring[]): Markup {
  const isUsed = ({ write, read, filled }: Ring): boolean => write !== 0 || read !== 0 || filled !== 0;
  const used = rings.filter(isUsed);
  const unused = rings.filter((ring) => !isUsed(ring));
  const idle = unused.map(({ kind, queue }) => `${kind} ${queue}`).join(', ');
  return html`<h3>FIFOs</h3>
${used.length === 0 ? html`<p>None was ever used.</p>` : table('FIFOs', RING_COLUMNS, used.map(ringRow))}
${unused.length === 0 ? null : html`<p class="faint">Never used: ${idle}.</p>`}${used.map(ringEntries)}`;
}

function poolPart(pool: Pool): Markup {
  const { pool: number, addr, phys_addr, length, offset, buffers, where } = pool;
  const strip =
    buffers === null || buffers === 0
      ? null
      : html`<div class="places" aria-hidden="true">${where.map((run) => place(run.place, run.count / buffers))}</div>`;
  const at = offset === null ? 'in no map' : `at ${hex32(offset)}`;
  const runs = (some: typeof where): Markup => html`<ul>${some.map((run) => html`<li>${runText(run)}</li>`)}</ul>`;
  return html`<p><b>pool ${number}</b> <span class="faint">addr ${addr}, phys_addr ${phys_addr}, length ${length}, ${at}</span></p>
${strip}${where.length === 0 ? null : subfold('which buffer is where', beginning(where, runs, 'runs of buffers'))}`;
}

function bufferPart({ total, counts, pools }: Buffers): Markup {
  const names = (Object.keys(PLACES) as BufferPlace[]).filter((name) => counts[name] !== undefined);
  const sum = total ?? names.reduce((all, name) => all + counts[name]!, 0);
  const strip = html`<div class="places" aria-hidden="true">${names.map((name) => (counts[name] === 0 ? null : place(name, counts[name]! / Math.max(1, sum))))}</div>`;
  const rows = names.map((name) => [html`${swatch(name)}${PLACES[name][1]}`, counts[name]!]);
  const about =
    total === null
      ? html`<p class="faint">Those on no FIFO are in the host’s pool or in the guest’s hands: the BARs do not say which.</p>`
      : html`<p>${total} packet buffers.</p>`;
  return html`<h3>Packet buffers</h3>
${about}${strip}${table('Where the packet buffers are', [{ head: 'place' }, { head: 'buffers', number: true }], rows)}
${pools.map(poolPart)}`;
}

function mapPart({ memoryMap }: DeviceInspection): Markup | null {
  if (memoryMap === null) return null;
  const columns = [{ head: 'addr' }, { head: 'phys_addr' }, { head: 'length' }, { head: 'offset in BAR 2' }];
  const rows = (some: typeof memoryMap.maps): Markup =>
    table(
      'Memory map',
      columns,
      some.map(({ addr, phys_addr, length, offset }) => [addr, phys_addr, length, hex32(offset)]),
    );
  return subfold(`memory map: ${memoryMap.nb_maps} maps`, beginning(memoryMap.maps, rows, 'maps'));
}

/**
 * Renders a device: its registers, structs, rings and buffers.
 * @param records private records by their name; null for one that is unknown.
 */
export function devicePart(
  device: DeviceInspection,
  records: readonly (readonly [name: string, values: Scalars | null])[] = [],
): Content {
  if (!device.present) return html`<p>The device has vanished: everything reads as all ones.</p>`;
  const { problems, registers, deviceInfo, request, rings, buffers } = device;
  const known = records.flatMap(([name, values]) =>
    values === null
      ? []
      : [fold(name, html`<p class="faint">Without fields that are 0.</p>${structFacts(withoutZeros(values))}`)],
  );
  return html`${problems.length === 0 ? null : html`<ul class="wrong">${problems.map((one) => html`<li>${one}</li>`)}</ul>`}
${facts([
  ['registers', registers === null ? null : registerText(registers)],
  ['device info', deviceInfo === null ? null : infoText(deviceInfo)],
  ['sync area', request === null ? null : pairs(request)],
])}
${mapPart(device)}${ringPart(rings)}${bufferPart(buffers)}${known}`;
}
