/** The chart of the score: the share of races that each scheduler has found, over the schedules that it took. */
import { html, type Markup } from '../../pages/markup';
import { SCORED_SCHEDULERS } from './engines/explore';
import { comparedRaces, type ComparedRace, findsOf } from './compare';
import type { ScoreReport } from './report';

const WIDTH = 720;
const HEIGHT = 380;
const LEFT = 56;
const RIGHT = 90;
const TOP = 20;
const BOTTOM = 48;
const PERCENT = 100;

const COLORS: Readonly<Record<string, { readonly light: string; readonly dark: string; readonly dash: string }>> = {
  dfs: { light: '#555555', dark: '#b0b0b0', dash: '2 3' },
  random: { light: '#a3338f', dark: '#e08fd0', dash: '8 4' },
  pct: { light: '#1f5fbf', dark: '#86b4ff', dash: 'none' },
  pos: { light: '#17794a', dark: '#5fcf95', dash: '10 3 2 3' },
  surw: { light: '#b3541e', dark: '#f0a45b', dash: '5 3' },
};

function style(): string {
  const rules = (theme: 'light' | 'dark'): string =>
    Object.entries(COLORS)
      .map(([name, color]) => `.${name}{stroke:${color[theme]}}.l-${name}{fill:${color[theme]}}`)
      .join('');
  const dashes = Object.entries(COLORS)
    .map(([name, { dash }]) => `.${name}{stroke-dasharray:${dash}}`)
    .join('');
  return `text{font:12px system-ui,sans-serif;fill:#333}path{fill:none;stroke-width:2}.axis{stroke:#999;stroke-width:1}.grid{stroke:#ddd;stroke-width:1}${rules('light')}${dashes}@media(prefers-color-scheme:dark){text{fill:#ccc}.grid{stroke:#444}${rules('dark')}}`;
}

interface Scale {
  readonly x: (schedules: number) => number;
  readonly y: (share: number) => number;
}

function scaleTo(most: number): Scale {
  const span = Math.log10(Math.max(10, most));
  return {
    x: (schedules) => LEFT + ((WIDTH - LEFT - RIGHT) * Math.log10(Math.max(1, schedules))) / span,
    y: (share) => HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share,
  };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** A step at each race that was found, in the order of the schedules. */
function curve(finds: readonly (number | null)[], most: number, { x, y }: Scale): { path: string; end: number } {
  const known = finds.filter((value) => value !== null).sort((one, other) => one - other);
  const steps = known.map((schedules, i) => `H${round(x(schedules))}V${round(y((i + 1) / finds.length))}`);
  return {
    path: `M${round(x(1))} ${round(y(0))}${steps.join('')}H${round(x(most))}`,
    end: known.length / finds.length,
  };
}

function gridLines(most: number, { x, y }: Scale): Markup[] {
  const tens = Array.from({ length: Math.floor(Math.log10(most)) + 1 }, (_unused, power) => 10 ** power);
  const shares = [0, 0.25, 0.5, 0.75, 1];
  return [
    ...tens.map(
      (ten) => html`<line class="grid" x1="${round(x(ten))}" y1="${y(0)}" x2="${round(x(ten))}" y2="${y(1)}"/>
<text x="${round(x(ten))}" y="${y(0) + 18}" text-anchor="middle">${ten.toLocaleString('en')}</text>
`,
    ),
    ...shares.map(
      (
        share,
      ) => html`<line class="grid" x1="${LEFT}" y1="${round(y(share))}" x2="${round(x(most))}" y2="${round(y(share))}"/>
<text x="${LEFT - 8}" y="${round(y(share)) + 4}" text-anchor="end">${share * PERCENT}%</text>
`,
    ),
  ];
}

/** Heights of the names beside the curves' ends, moved apart where two would overlap. */
function labelHeights(ends: readonly { readonly name: string; readonly y: number }[]): Map<string, number> {
  const LINE = 14;
  const heights = new Map<string, number>();
  let lowest = -Infinity;
  for (const { name, y } of ends.toSorted((one, other) => one.y - other.y)) {
    const height = Math.max(y, lowest + LINE);
    heights.set(name, height);
    lowest = height;
  }
  return heights;
}

function drawn(races: readonly ComparedRace[], most: number): Markup {
  const scale = scaleTo(most);
  const curves = SCORED_SCHEDULERS.map((name) => ({ name, ...curve(findsOf(name, races), most, scale) }));
  const heights = labelHeights(curves.map(({ name, end }) => ({ name, y: scale.y(end) })));
  return html`${gridLines(most, scale)}${curves.map(
    ({ name, path }) => html`<path class="${name}" d="${path}"/>
<text class="l-${name}" x="${round(scale.x(most)) + 8}" y="${round(heights.get(name)!) + 4}">${name}</text>
`,
  )}<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 8}" text-anchor="middle">schedules (median of the seeds)</text>
`;
}

/** Draws the chart as an SVG file that reads in light and dark. */
export function scoreChart(report: ScoreReport): string {
  const races = comparedRaces(report);
  const { schedules } = report.selection;
  const body =
    races.length === 0
      ? html`<text x="${LEFT}" y="${HEIGHT / 2}">No scheduler was tried on a race.</text>
`
      : drawn(races, schedules);
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="Share of races found over schedules, by scheduler">
<style>${style()}</style>
${body}</svg>
`.text;
}
