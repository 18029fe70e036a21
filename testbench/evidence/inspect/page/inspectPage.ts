import { hex32 } from '../../../../shared/hex';
import { badge, facts, fold, table } from '../../../pages/components';
import { type Content, html, type Markup } from '../../../pages/markup';
import { momentText, pageText, type Section } from '../../../pages/page';
import type { MempoolInspection, PortInspection, QueueInspection } from '../driverPort';
import type { DumpInspection } from '../inspectDump';
import type { DeviceInspection } from '../inspection';
import { pairs, withoutZeros } from '../inspectionText';
import { beginning, DEVICE_STYLE, devicePart, structFacts } from './devicePage';

/** A device of a live export. */
export interface ExportedDevice extends DeviceInspection {
  /** BDF, as in `0000:00:03.0`. */
  readonly slot: string;
}

function problemSection(problems: readonly string[]): Section {
  return {
    ...{ id: 'problems', heading: 'Problems' },
    content:
      problems.length === 0
        ? html`<p>None: everything fits together.</p>`
        : html`<ul class="wrong">${problems.map((one) => html`<li>${one}</li>\n`)}</ul>`,
  };
}

function verdict(problems: readonly string[]): Markup {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return html`<ul class="summary"><li>${problems.length === 0 ? badge('good', '✔', 'no problems') : badge('bad', '✘', count)}</li></ul>`;
}

function queueRows(kind: string, queues: readonly QueueInspection[]): Content[][] {
  return queues.map(({ state, counters }, queue) => [`${kind} ${queue}`, pairs(state), pairs(counters) || 'nothing']);
}

const QUEUE_COLUMNS = [{ head: 'queue', short: true }, { head: 'state' }, { head: 'counted' }];

function portSection(port: PortInspection, index: number): Section {
  const { device, slot, state, blocked, fields, counters, rxQueues, txQueues } = port;
  const queues = [...queueRows('rx', rxQueues), ...queueRows('tx', txQueues)];
  return {
    ...{ id: `port-${index}`, heading: `Port of ${device ?? 'no device'}` },
    content: html`${facts([
      ['slot', slot],
      ['state', state],
      ['bursts', blocked.length === 0 ? 'run' : `do nothing: ${blocked.join(', ')}`],
      ['counters', pairs(counters) || 'all zero'],
    ])}
${queues.length === 0 ? null : table('Queues', QUEUE_COLUMNS, queues)}${fold('Fields of the driver’s record', html`<p class="faint">Without fields that are 0.</p>${structFacts(withoutZeros(fields))}`)}`,
  };
}

const MBUF_COLUMNS = [
  { head: 'mbuf', short: true },
  ...['pkt_len', 'data_len', 'nb_segs', 'next'].map((head) => ({ head, number: true })),
];

function mempoolFold({ label, size, available, inUse, problem }: MempoolInspection): Markup {
  const rows = (some: typeof inUse): Markup =>
    table(
      `Mbufs in use of ${label}`,
      MBUF_COLUMNS,
      some.map((one) => [hex32(one.address), one.pkt_len, one.data_len, one.nb_segs, hex32(one.next)]),
    );
  const content = inUse.length === 0 ? html`<p>No mbuf is in use.</p>` : beginning(inUse, rows, 'mbufs');
  const wrong = problem === null ? null : html`<p class="wrong">${problem}</p>`;
  const heading = `${label}: ${size} mbufs, ${available} available, ${inUse.length} in use`;
  return fold(heading, html`${wrong}${content}`, { open: problem !== null });
}

function mempoolSection(mempools: readonly MempoolInspection[]): Section | null {
  if (mempools.length === 0) return null;
  return { id: 'mempools', heading: 'Mempools', content: mempools.map(mempoolFold) };
}

/** Builds the page of a dump: one self-contained file. @param folder of the dump, as the user named it */
export function dumpPage(dump: DumpInspection, folder: string): string {
  const { scenario, seed, settings, mode, engine, verdict: ended, atMs, extents, problems } = dump;
  const bytes = extents.reduce((sum, extent) => sum + extent.bytes, 0);
  const given = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  const devices = dump.devices.map((device, index) => ({
    ...{ id: `device-${index}`, heading: `Device ${device.name} in slot ${device.slot}` },
    content: devicePart(device, [
      ['Fields of the pci_function', device.function],
      ['Fields of the host_device', device.device],
      ['Fields of the host_port', device.host],
      ['Counters of the host', device.counters],
    ]),
  }));
  return pageText({
    title: `AVP memory: ${scenario}`,
    heading: `Memory of ${scenario}`,
    lead: html`${verdict(problems)}
${facts([
  ['dump', folder],
  ['run', `seed ${seed}, mode ${mode}${engine === null ? '' : `, engine ${engine}`}, verdict ${ended}, at ${atMs} ms`],
  ['settings', given.length === 0 ? null : given.join(', ')],
  ['memory', `${extents.length} extents, ${bytes} bytes`],
])}`,
    sections: [problemSection(problems), ...devices, ...dump.ports.map(portSection), mempoolSection(dump.mempools)],
    style: DEVICE_STYLE,
  });
}

/**
 * Builds the page of a live export.
 * @param folder of the export, as the user named it.
 * @param takenAt when it was read, in ISO 8601.
 */
export function exportPage(
  devices: readonly ExportedDevice[],
  problems: readonly string[],
  folder: string,
  takenAt: string,
): string {
  const parts = devices.map((device, index) => ({
    ...{ id: `device-${index}`, heading: `Device in slot ${device.slot}` },
    content: devicePart(device),
  }));
  return pageText({
    title: `AVP devices: ${folder}`,
    heading: `Devices of ${folder}`,
    lead: html`${verdict(problems)}
<p class="faint">Read ${momentText(takenAt)}, while both sides could write.</p>`,
    sections: [problemSection(problems), ...parts],
    style: DEVICE_STYLE,
  });
}
