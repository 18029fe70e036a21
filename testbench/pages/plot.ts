import { html, type Markup } from './markup';

/** Data of plots, which the page's script draws. */

/** A curve. `values`, `leasts` and `mosts` have an entry for each entry of the plot's `x`; null where there is none. */
export interface Curve {
  readonly name: string;
  /** Colour and dash, 1 to 8. */
  readonly color: number;
  readonly values: readonly (number | null)[];
  /** Least and most of several runs, drawn as a bar at each point. */
  readonly leasts?: readonly (number | null)[];
  readonly mosts?: readonly (number | null)[];
}

/** A part of the x axis with a shade of its own. */
export interface Band {
  readonly from: number;
  readonly to: number;
}

/** A plot of one or more curves. Plain data, which the page's script draws. */
export interface Plot {
  readonly title: string;
  /**
   * `log` for numbers that double, `names` for places side by side, `time` for values that hold until the next one. Plots
   * over time share their cursor and what they show.
   */
  readonly scale: 'log' | 'names' | 'time';
  /** `log` where the values differ by powers of ten, otherwise they are drawn from 0. */
  readonly yScale: 'log' | 'linear';
  readonly xTitle: string;
  readonly yTitle: string;
  /** Numbers, or the positions of the names. */
  readonly x: readonly number[];
  /** Label of each entry of `x`; left out over time. */
  readonly labels?: readonly string[];
  readonly curves: readonly Curve[];
  readonly bands?: readonly Band[];
}

/** Number of distinct curve colours. */
export const CURVE_COLORS = 8;

/**
 * The place of a plot.
 * @param index of the plot in the page's list.
 * @param words what the curves show, for those who do not see them.
 */
export function plotFigure({ title, xTitle, yTitle, curves }: Plot, index: number, words: string): Markup {
  const names = curves.map(({ name }) => name).join(', ');
  const label = `${title}: ${yTitle} over ${xTitle}, ${names}. ${words}`;
  return html`<figure><figcaption>${title}</figcaption><div class="plot" data-plot="${index}" role="img" aria-label="${label}"></div></figure>
`;
}

/** Says that plots need scripts. */
export function plotsNeedScripts(where: string): Markup {
  return html`<noscript><p>The plots need scripts. ${where}</p></noscript>
`;
}
