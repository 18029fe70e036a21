import { type Column, table } from '../../pages/components';
import { type Content, html, type Markup } from '../../pages/markup';
import { momentText, pageText, type Section } from '../../pages/page';
import { plotFigure, plotsNeedScripts } from '../../pages/plot';
import type { PerfMachine } from '../machine';
import type { PerfReport, PerfScale } from '../perf';
import { type PeerName, type PerfResult } from '../results';
import { peerTitle, sizeNotes, subjectText } from '../resultTable';
import { type PlotGroup, plotGroups } from './plots';

/** Contents of the page. */
export interface PerfPage extends PerfReport {
  readonly machine: PerfMachine;
  readonly seed: number;
  readonly startedAt: string;
  /** Lines of the comparison with an earlier run, by heading. */
  readonly changes: readonly { readonly heading: string; readonly lines: readonly string[] }[];
}

const STYLE = `
.figures td, .figures th { white-space: nowrap; }
.reason { font-size: .85rem; color: var(--faint); }
`;

function number(value: number | null, decimals = 1): string {
  return value === null ? 'n/a' : value.toFixed(decimals);
}

function figure({ nsPerPacket, leastNs, mostNs }: Figures): Content {
  return leastNs === null
    ? number(nsPerPacket)
    : html`${number(nsPerPacket)} <small>${number(leastNs, 0)}..${number(mostNs, 0)}</small>`;
}

interface Figures {
  readonly nsPerPacket: number | null;
  readonly leastNs: number | null;
  readonly mostNs: number | null;
}

function resultRow(result: PerfResult, peers: readonly PeerName[]): Content[] {
  const { mode, side, shape, path, bytes, burst, ports, queues, engine } = result;
  const cells = peers.flatMap((name): Content[] => {
    const peer = result.peers[name];
    return peer === undefined ? [null, null] : [figure(peer), number(peer.ratio, 2)];
  });
  return [
    ...[`${mode}, ${side}`, shape, path, bytes, burst, `${ports} x ${queues}`, engine],
    ...[figure(result), number(result.scavengesPerMpackets, 2), ...cells],
  ];
}

function heads(words: readonly string[], numbers: readonly string[]): Column[] {
  return [...words.map((head) => ({ head })), ...numbers.map((head) => ({ head, number: true }))];
}

function resultSections(results: readonly PerfResult[]): Section[] {
  const sides = [
    ['guest', 'Drivers'],
    ['host', 'Hosts'],
  ] as const;
  return sides.flatMap(([side, heading]) => {
    const rows = results.filter((result) => result.side === side);
    if (rows.length === 0) return [];
    const peers = [...new Set(rows.flatMap((row) => Object.keys(row.peers) as PeerName[]))];
    const columns = [
      ...heads(['mode', 'shape', 'path'], ['bytes', 'burst', 'ports x queues']),
      ...heads(['engine'], ['ours, ns', 'scavenges a million']),
      ...heads(
        [],
        peers.flatMap((peer) => [`${peerTitle(side, peer)}, ns`, 'ratio']),
      ),
    ];
    const figures = table(
      heading,
      columns,
      rows.map((row) => resultRow(row, peers)),
      { scrolls: true },
    );
    const notes = sizeNotes(rows).map((note) => html`<p class="reason">${note}</p>\n`);
    const content = html`<div class="figures">${figures}</div>\n${notes}${rows.flatMap(reasonsOf)}`;
    return [{ id: side === 'guest' ? 'drivers' : 'hosts', heading, content }];
  });
}

function reasonsOf(result: PerfResult): Markup[] {
  const all = [
    ['ours', result.reason] as const,
    ...Object.entries(result.peers).map(
      ([name, { reason }]) => [peerTitle(result.side, name as PeerName), reason] as const,
    ),
  ];
  return all.flatMap(([who, reason]) =>
    reason === undefined ? [] : [html`<p class="reason">${subjectText(result)}, ${who}: ${reason}</p>\n`],
  );
}

const MIB = 1_048_576;
const KIB = 1_024;

function withSpread(value: number, least: number, most: number): Markup {
  return html`${number(value, 2)} <small>${number(least, 2)}..${number(most, 2)}</small>`;
}

function scaleSection({ attach, nodes, deviceMemory }: PerfScale): Section {
  const attached = attach.map((one) => [
    ...[one.segments, one.pools, one.mempools],
    withSpread(one.probeMs, one.leastProbeMs, one.mostProbeMs),
    withSpread(one.attachMs, one.leastAttachMs, one.mostAttachMs),
  ]);
  const inOneThread = nodes.map((one) => [
    ...[one.devices, one.bytes, figure(one), number(one.scavengesPerMpackets, 2)],
  ]);
  const attachHeads = heads([], ['map segments', 'host pools', 'mempools', 'probe, ms', 'attach, ms']);
  const nodeHeads = heads([], ['devices', 'bytes', 'ns a packet', 'scavenges a million']);
  return {
    ...{ id: 'scale', heading: 'Scale' },
    content: html`<h3>Probe and attach</h3>
${table('Probe and attach', attachHeads, attached, { id: 'attach' })}
<h3>A node in one thread</h3>
${table('A node in one thread', nodeHeads, inOneThread, { id: 'nodes' })}
<p>A device with default settings takes ${number(deviceMemory.sharedBytes / MIB, 0)} MiB of address space in BAR 2, ${number(deviceMemory.hostBytes / KIB, 0)} KiB of the host’s records, ${number(deviceMemory.portBytes / KIB, 0)} KiB of the driver’s, and ${number(deviceMemory.heapBytes / KIB, 0)} KiB of JavaScript objects.</p>
`,
  };
}

function plotSection({ id, heading, about, plots, command }: PlotGroup, first: number): Section {
  const content =
    plots.length === 0
      ? html`<p class="faint">Not in this run: <code>${command}</code></p>\n`
      : html`<p class="faint">${about}</p>
<div class="plots">${plots.map((plot, index) => plotFigure(plot, first + index, 'The tables have the figures.'))}</div>
`;
  return { id, heading, content };
}

function changeSection(changes: PerfPage['changes']): Section | null {
  if (changes.length === 0) return null;
  const lists = changes.map(
    ({ heading, lines }) => html`<h3>${heading}</h3><ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>\n`,
  );
  return { id: 'changes', heading: 'Since the earlier run', content: html`${lists}` };
}

/** Builds the page: one self-contained file with plots and tables. */
export function perfPage({ machine, results, seed, startedAt, peerVersion, scale, changes }: PerfPage): string {
  const groups = plotGroups(results);
  const sections = groups.map((group, index) =>
    plotSection(
      group,
      groups.slice(0, index).reduce((sum, one) => sum + one.plots.length, 0),
    ),
  );
  return pageText({
    title: 'AVP fast path',
    lead: html`<p>${machine.cpuModel}, ${machine.cpus} CPUs, Node ${machine.node}, kernel ${machine.kernel}${peerVersion === null ? null : `, DPDK ${peerVersion}`}</p>
<p class="faint">seed ${seed}, started ${momentText(startedAt)}. Medians of interleaved runs; ratio = our time / the peer’s.</p>
${plotsNeedScripts('The tables below have all figures.')}`,
    sections: [
      ...[changeSection(changes), ...sections, ...resultSections(results)],
      scale === null ? null : scaleSection(scale),
    ],
    style: STYLE,
    plots: groups.flatMap(({ plots }) => plots),
  });
}
