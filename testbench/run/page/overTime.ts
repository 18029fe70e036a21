import type { TraceRecord } from '../../evidence/trace/traceRecord';
import { fold, table } from '../../pages/components';
import { type Content, html, type Markup } from '../../pages/markup';
import { type Band, type Plot, plotFigure } from '../../pages/plot';
import { lossCurves, type NicCurves, packetCurves, type Ring, ringCurves, RINGS, samplesOf } from './samples';
import { type NamedCurve, timePlot } from './timeSeries';

/** Plots of a page, in the order of their places. */
export class PlotList {
  readonly plots: Plot[] = [];

  /** Places a plot. @param words where else its figures are */
  place(plot: Plot, words: string): Markup {
    return plotFigure(plot, this.plots.push(plot) - 1, words);
  }
}

/** Curves over time of the NICs of a run. */
export interface OverTime {
  readonly rings: ReadonlyMap<Ring, readonly NicCurves[]>;
  readonly packets: readonly NicCurves[];
  readonly losses: readonly NicCurves[];
  readonly endUs: number;
  readonly bands: readonly Band[];
}

/** Collects the curves from the timeline of a run. @param bands migrations, which the plots shade */
export function overTime(record: TraceRecord, bands: readonly Band[]): OverTime {
  const samples = samplesOf(record.entries);
  return {
    rings: new Map(RINGS.map((ring) => [ring, ringCurves(samples, ring)])),
    ...{ packets: packetCurves(samples), losses: lossCurves(samples), endUs: record.endUs, bands },
  };
}

/** The mean of a curve over the time from its first moment to the end. */
function mean({ moments }: NamedCurve, endUs: number): number {
  const sum = moments.reduce(
    (all, { atUs, value }, index) => all + value * ((moments[index + 1]?.atUs ?? endUs) - atUs),
    0,
  );
  return sum / Math.max(1, endUs - moments[0]!.atUs);
}

const RING_ABOUT: Readonly<Record<Ring, string>> = {
  rx: 'rx: packets for the guest',
  free: 'free: buffers that the guest returns',
  tx: 'tx: packets from the guest',
  alloc: 'alloc: buffers for the guest to fill',
};

function ringRows(nic: string, { rings, endUs }: OverTime): Content[][] {
  return RINGS.flatMap((ring) =>
    (rings.get(ring)!.find((one) => one.nic === nic)?.curves ?? []).map((curve) => {
      const values = curve.moments.map(({ value }) => value);
      const most = values.reduce((one, other) => Math.max(one, other), 0);
      return [
        curve.name,
        values.reduce((one, other) => Math.min(one, other), most),
        mean(curve, endUs).toFixed(1),
        most,
        values.at(-1)!,
      ];
    }),
  );
}

const RING_COLUMNS = [
  { head: 'FIFO' },
  ...['least', 'mean', 'most', 'at the end'].map((head) => ({ head, number: true })),
];

/** The FIFOs of each NIC over time. Null where the run has none on record. */
export function ringContent(seen: OverTime, list: PlotList): Content {
  const nics = [...new Set([...seen.rings.values()].flatMap((all) => all.map(({ nic }) => nic)))];
  const { endUs, bands } = seen;
  return nics.map((nic, index) => {
    const plots = RINGS.flatMap((ring) => {
      const curves = seen.rings.get(ring)!.find((one) => one.nic === nic)?.curves ?? [];
      return timePlot({ title: RING_ABOUT[ring], yTitle: 'entries', endUs, bands }, curves) ?? [];
    });
    const content = html`<div class="plots">${plots.map((plot) => list.place(plot, 'The table below has least, mean and most.'))}</div>
${table(`FIFOs of ${nic}`, RING_COLUMNS, ringRows(nic, seen))}`;
    return fold(nic, content, { open: index === 0 });
  });
}

/** A plot for each NIC. Null where there is nothing to plot. */
export function nicPlots(
  nics: readonly NicCurves[],
  yTitle: string,
  { endUs, bands }: OverTime,
  list: PlotList,
): Markup | null {
  const plots = nics.flatMap(({ nic, curves }) => timePlot({ title: nic, yTitle, endUs, bands }, curves) ?? []);
  if (plots.length === 0) return null;
  return html`<div class="plots">${plots.map((plot) => list.place(plot, 'The tables have the sums.'))}</div>
`;
}
