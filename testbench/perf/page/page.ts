import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { html, Markup } from '../../runtime/markup';
import { PAGE_STYLE } from '../../runtime/pageStyle';
import { toolVersion } from '../../runtime/package';
import type { PerfMachine } from '../machine';
import type { PerfReport, PerfScale } from '../perf';
import { type PeerName, type PerfResult } from '../results';
import { peerTitle, sizeNotes, subjectText } from '../resultTable';
import { type Plot, type PlotGroup, plotGroups } from './plots';
import { PLOT_SCRIPT } from './plotScript';

/** Contents of the page. */
export interface PerfPage extends PerfReport {
  readonly machine: PerfMachine;
  readonly seed: number;
  readonly startedAt: string;
  /** Lines of the comparison with an earlier run, by heading. */
  readonly changes: readonly { readonly heading: string; readonly lines: readonly string[] }[];
}

const STYLE = `${PAGE_STYLE}
:root { --ours: #1f5fbf; --c: #b3541e; --dpdk: #17794a; }
@media (prefers-color-scheme: dark) { :root { --ours: #86b4ff; --c: #f0a45b; --dpdk: #5fcf95; } }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1rem; }
figure { margin: 0; min-width: 0; border: 1px solid var(--line); border-radius: 6px; padding: .6rem .6rem .3rem; break-inside: avoid; }
figcaption { font-size: .9rem; font-weight: 600; margin-bottom: .3rem; }
.plot { width: 100%; min-height: 290px; }
.u-legend { color: var(--text); font-size: .8rem; }
.wide { overflow-x: auto; }
.wide:focus-visible { outline-offset: 0; }
.figures { font-variant-numeric: tabular-nums; font-size: .85rem; }
.figures th, .figures td { padding: .3rem .5rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
.figures thead th { color: var(--faint); font-size: .8rem; vertical-align: bottom; }
.figures .word { text-align: left; }
.figures small { color: var(--faint); }
.reason { font-size: .85rem; color: var(--faint); overflow-wrap: anywhere; }
@media (max-width: 40rem) { .plot { min-height: 270px; } figure { padding: .4rem .3rem .2rem; } }
@media print { :root { --page: #fff; --text: #000; --faint: #444; --line: #bbb; color-scheme: light; } main, header { max-width: none; } .wide { overflow: visible; } }
`;

/** Reads a file of the library that draws the plots. */
function libraryFile(name: string): string {
  return readFileSync(require.resolve(`uplot/dist/${name}`), 'utf8');
}

function number(value: number | null, decimals = 1): string {
  return value === null ? 'n/a' : value.toFixed(decimals);
}

function figureCell(figure: { nsPerPacket: number | null; leastNs: number | null; mostNs: number | null }): Markup {
  const { nsPerPacket, leastNs, mostNs } = figure;
  const spread = leastNs === null ? null : html` <small>${number(leastNs, 0)}..${number(mostNs, 0)}</small>`;
  return html`<td>${number(nsPerPacket)}${spread}</td>`;
}

function resultRow(result: PerfResult, peers: readonly PeerName[]): Markup {
  const { mode, side, shape, path, bytes, burst, ports, queues, engine } = result;
  const own = [`${mode}, ${side}`, shape, path].map((word) => html`<td class="word">${word}</td>`);
  const counts = [bytes, burst, `${ports} x ${queues}`].map((count) => html`<td>${count}</td>`);
  const cells = peers.map((name) => {
    const peer = result.peers[name];
    return peer === undefined ? html`<td></td><td></td>` : html`${figureCell(peer)}<td>${number(peer.ratio, 2)}</td>`;
  });
  return html`<tr>${own}${counts}<td class="word">${engine}</td>${figureCell(result)}<td>${number(result.scavengesPerMpackets, 2)}</td>${cells}</tr>
`;
}

function resultTables(results: readonly PerfResult[]): Markup[] {
  const sides = [
    ['guest', 'Drivers'],
    ['host', 'Hosts'],
  ] as const;
  return sides.flatMap(([side, heading]) => {
    const rows = results.filter((result) => result.side === side);
    if (rows.length === 0) return [];
    const peers = [...new Set(rows.flatMap((row) => Object.keys(row.peers) as PeerName[]))];
    const heads = peers.map(
      (peer) => html`<th scope="col">${peerTitle(side, peer)}, ns</th><th scope="col">ratio</th>`,
    );
    return [
      html`<h2>${heading}</h2>
<div class="wide" tabindex="0" role="region" aria-label="${heading}"><table class="figures"><thead><tr><th scope="col" class="word">mode</th><th scope="col" class="word">shape</th><th scope="col" class="word">path</th><th scope="col">bytes</th><th scope="col">burst</th><th scope="col">ports x queues</th><th scope="col" class="word">engine</th><th scope="col">ours, ns</th><th scope="col">scavenges a million</th>${heads}</tr></thead>
<tbody>${rows.map((row) => resultRow(row, peers))}</tbody></table></div>
${sizeNotes(rows).map((note) => html`<p class="reason">${note}</p>\n`)}${rows.flatMap(reasonsOf)}`,
    ];
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

function scaleSection(scale: PerfScale | null): Markup | null {
  if (scale === null) return null;
  const { attach, nodes, deviceMemory } = scale;
  const attached = attach.map(
    (one) =>
      html`<tr><td>${one.segments}</td><td>${one.pools}</td><td>${one.mempools}</td><td>${number(one.probeMs, 2)} <small>${number(one.leastProbeMs, 2)}..${number(one.mostProbeMs, 2)}</small></td><td>${number(one.attachMs, 2)} <small>${number(one.leastAttachMs, 2)}..${number(one.mostAttachMs, 2)}</small></td></tr>`,
  );
  const inOneThread = nodes.map(
    (one) =>
      html`<tr><td>${one.devices}</td><td>${one.bytes}</td>${figureCell(one)}<td>${number(one.scavengesPerMpackets, 2)}</td></tr>`,
  );
  return html`<h2>Scale</h2>
<div class="wide" tabindex="0" role="region" aria-label="Probe and attach"><table class="figures" id="attach"><thead><tr><th scope="col">map segments</th><th scope="col">host pools</th><th scope="col">mempools</th><th scope="col">probe, ms</th><th scope="col">attach, ms</th></tr></thead><tbody>${attached}</tbody></table></div>
<h3>A node in one thread</h3>
<div class="wide" tabindex="0" role="region" aria-label="A node in one thread"><table class="figures" id="nodes"><thead><tr><th scope="col">devices</th><th scope="col">bytes</th><th scope="col">ns a packet</th><th scope="col">scavenges a million</th></tr></thead><tbody>${inOneThread}</tbody></table></div>
<p>A device with default settings takes ${number(deviceMemory.sharedBytes / MIB, 0)} MiB of address space in BAR 2, ${number(deviceMemory.hostBytes / KIB, 0)} KiB of the host’s records, ${number(deviceMemory.portBytes / KIB, 0)} KiB of the driver’s, and ${number(deviceMemory.heapBytes / KIB, 0)} KiB of JavaScript objects.</p>
`;
}

function plotFigure(plot: Plot, index: number): Markup {
  const names = plot.curves.map(({ name }) => name).join(', ');
  const label = `${plot.title}: ${plot.yTitle} over ${plot.xTitle}, ${names}. The table has the figures.`;
  return html`<figure><figcaption>${plot.title}</figcaption><div class="plot" data-plot="${index}" role="img" aria-label="${label}"></div></figure>
`;
}

function plotSection({ heading, about, plots, command }: PlotGroup, first: number): Markup {
  if (plots.length === 0)
    return html`<h2>${heading}</h2><p class="faint">Not in this run: <code>${command}</code></p>
`;
  return html`<h2>${heading}</h2><p class="faint">${about}</p>
<div class="plots">${plots.map((plot, index) => plotFigure(plot, first + index))}</div>
`;
}

function changeSection(changes: PerfPage['changes']): Markup | null {
  if (changes.length === 0) return null;
  return html`<h2>Since the earlier run</h2>
${changes.map(
  ({ heading, lines }) => html`<h3>${heading}</h3><ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>
`,
)}`;
}

/** Builds a Content Security Policy that allows the page's own style and scripts and nothing else: no network access. */
function policy(scripts: readonly string[]): string {
  const hashes = scripts.map((script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`).join(' ');
  return `default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src ${hashes}; base-uri 'none'; form-action 'none'`;
}

/** Text of a JSON value within a script element: no text in it can end the element. */
function inScript(value: unknown): Markup {
  return new Markup(JSON.stringify(value).replace(/</g, '\\u003c'));
}

/** Builds the page: one self-contained file with plots and tables. */
export function perfPage(page: PerfPage): string {
  const { machine, results, seed, startedAt, peerVersion, scale, changes } = page;
  const library = libraryFile('uPlot.iife.min.js');
  const groups = plotGroups(results);
  const plots = groups.flatMap((group) => group.plots);
  const sections = groups.map((group, index) =>
    plotSection(
      group,
      groups.slice(0, index).reduce((sum, one) => sum + one.plots.length, 0),
    ),
  );
  const started = startedAt.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC');
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy([library, PLOT_SCRIPT])}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>AVP fast path</title>
<link rel="icon" href="data:,">
<style>${new Markup(libraryFile('uPlot.min.css'))}${new Markup(STYLE)}</style>
</head>
<body>
<header><h1>AVP fast path</h1>
<p>${machine.cpuModel}, ${machine.cpus} CPUs, Node ${machine.node}, kernel ${machine.kernel}${peerVersion === null ? null : `, DPDK ${peerVersion}`}</p>
<p class="faint">seed ${seed}, started ${started}. Medians of interleaved runs; ratio = our time / the peer’s.</p></header>
<main>
<noscript><p>The plots need scripts. The tables below have all figures.</p></noscript>
${changeSection(changes)}${sections}${resultTables(results)}${scaleSection(scale)}</main>
<footer class="faint">Made by avp-testbench ${toolVersion()}. Plots: uPlot, © Leon Sorokin, MIT licence.</footer>
<script type="application/json" id="plots">${inScript(plots)}</script>
<script>${new Markup(library)}</script>
<script>${new Markup(PLOT_SCRIPT)}</script>
</body>
</html>
`.text;
}
