/** Data of the plots of the page, which the page's script draws. */
import type { Curve, Plot } from '../../pages/plot';
import { type PeerName, type PerfResult } from '../results';
import { peerTitle } from '../resultTable';

/** Plots under one heading, or what to run for them. */
export interface PlotGroup {
  readonly id: string;
  readonly heading: string;
  readonly about: string;
  readonly plots: readonly Plot[];
  /** Command that measures what the plots need. */
  readonly command: string;
}

interface Axis {
  readonly scale: Plot['scale'];
  readonly yScale: Plot['yScale'];
  readonly xTitle: string;
  readonly yTitle: string;
  readonly numberOf: (result: PerfResult) => number;
  readonly labelOf: (result: PerfResult) => string;
  /** Turns nanoseconds a packet into what the plot shows. */
  readonly shown: (ns: number) => number;
}

/** Colours of the curves, by whose figures they show. */
const COLORS: Readonly<Record<'ours' | PeerName, number>> = { ours: 1, c: 2, dpdk: 3 };

const PS_PER_US = 1_000;

interface Figures {
  readonly nsPerPacket: number | null;
  readonly leastNs: number | null;
  readonly mostNs: number | null;
}

function curveOf(name: string, who: keyof typeof COLORS, figures: readonly (Figures | undefined)[], axis: Axis): Curve {
  const column = (of: (figure: Figures) => number | null): (number | null)[] =>
    figures.map((figure) => {
      const ns = figure === undefined || figure.nsPerPacket === null ? null : of(figure);
      return ns === null ? null : axis.shown(ns);
    });
  return {
    ...{ name, color: COLORS[who], values: column(({ nsPerPacket }) => nsPerPacket) },
    ...{ leasts: column(({ leastNs }) => leastNs), mosts: column(({ mostNs }) => mostNs) },
  };
}

/** Makes a plot of results that differ in one thing. Null where there are fewer than two places on its axis. */
function plotOf(title: string, results: readonly PerfResult[], axis: Axis): Plot | null {
  if (results.length < 2) return null;
  const sorted = axis.scale === 'log' ? results.toSorted((a, b) => axis.numberOf(a) - axis.numberOf(b)) : results;
  const peers = [...new Set(sorted.flatMap((result) => Object.keys(result.peers) as PeerName[]))];
  const { scale, yScale, xTitle, yTitle } = axis;
  const curves = [
    curveOf('ours', 'ours', sorted, axis),
    ...peers.map((peer) =>
      curveOf(
        peerTitle(sorted[0]!.side, peer),
        peer,
        sorted.map((result) => result.peers[peer]),
        axis,
      ),
    ),
  ];
  return {
    ...{ title, scale, yScale, xTitle, yTitle, labels: sorted.map(axis.labelOf) },
    x: sorted.map((result, index) => (scale === 'log' ? axis.numberOf(result) : index)),
    curves: curves.filter(({ values }) => values.some((value) => value !== null)),
  };
}

/** Groups results by the properties that do not vary along the axis, and plots each group. */
function plotsOf(results: readonly PerfResult[], titleOf: (result: PerfResult) => string, axis: Axis): readonly Plot[] {
  const groups = new Map<string, PerfResult[]>();
  for (const result of results) {
    const title = titleOf(result);
    groups.set(title, [...(groups.get(title) ?? []), result]);
  }
  return [...groups].map(([title, group]) => plotOf(title, group, axis)).filter((plot) => plot !== null);
}

const NS = { yTitle: 'ns a packet', shown: (ns: number): number => ns };

const OVER_SIZE: Axis = {
  ...{ scale: 'log', yScale: 'log', xTitle: 'bytes', ...NS },
  numberOf: ({ bytes }) => bytes,
  labelOf: ({ bytes }) => String(bytes),
};
const OVER_LANES: Axis = {
  ...{ scale: 'names', yScale: 'linear', xTitle: 'ports x queues', ...NS },
  numberOf: ({ ports, queues }) => ports * queues,
  labelOf: ({ ports, queues }) => `${ports} x ${queues}`,
};
const OVER_BURST: Axis = {
  ...{ scale: 'log', yScale: 'linear', xTitle: 'packets of a burst', yTitle: 'million rounds a second' },
  numberOf: ({ burst }) => burst,
  labelOf: ({ burst }) => String(burst),
  shown: (ns) => PS_PER_US / ns,
};
const OVER_PATH: Axis = {
  ...{ scale: 'names', yScale: 'linear', xTitle: 'what testpmd does', ...NS },
  numberOf: () => 0,
  labelOf: ({ path }) => path,
};

function lanes({ ports, queues }: PerfResult): string {
  return ports * queues === 1 ? '' : `, ${ports} x ${queues} queues`;
}

/** Makes all plots that the results of a run allow. */
export function plotGroups(results: readonly PerfResult[]): PlotGroup[] {
  const steps = results.filter(({ mode }) => mode === 'driver');
  const rounds = results.filter(({ mode, side }) => mode === 'round' && side === 'guest');
  const hosts = results.filter(({ mode, side }) => mode === 'round' && side === 'host');
  return [
    {
      id: 'sizes',
      heading: 'Time per packet over size',
      about: "A driver's step alone. The bars at a point reach from the least to the largest of its runs.",
      plots: plotsOf(steps, (one) => `${one.shape}, ${one.path}, burst ${one.burst}${lanes(one)}`, OVER_SIZE),
      command: 'avp perf --sizes 64,512,1518,9216',
    },
    {
      id: 'lanes',
      heading: 'Cost over ports and queues',
      about: "A driver's step, one thread polling all queues. Several ports have smaller pools and rings.",
      plots: plotsOf(steps, (one) => `${one.shape}, ${one.path}, ${one.bytes} bytes, burst ${one.burst}`, OVER_LANES),
      command: 'avp perf --peer c --ports 1,64 --queues 1,8',
    },
    {
      id: 'bursts',
      heading: 'Rounds per second over burst',
      about: 'Frames circle between the C host and a driver. A round is one frame’s whole circle, waiting included.',
      plots: plotsOf(rounds, (one) => `${one.shape}, ${one.bytes} bytes${lanes(one)}`, OVER_BURST),
      command: 'avp perf --mode round --bursts 1,8,32,64',
    },
    {
      id: 'serve',
      heading: 'The host of avp serve',
      about: 'Whole rounds of a host and testpmd.',
      plots: plotsOf(hosts, (one) => `${one.bytes} bytes`, OVER_PATH),
      command: 'avp perf --mode serve',
    },
  ];
}
