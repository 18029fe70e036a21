import { type Curve, CURVE_COLORS, type Plot } from '../../pages/plot';

/** A value from a moment on, until the next one of its curve. */
export interface Moment {
  readonly atUs: number;
  readonly value: number;
}

export interface NamedCurve {
  readonly name: string;
  /** In the order of time. */
  readonly moments: readonly Moment[];
}

/** Times that a plot has at most. A screen shows no more, and each costs bytes of the page. */
const MAX_TIMES = 2_000;
const US_PER_MS = 1_000;

/** Divides the time into parts of which each has one value. */
function thinned(times: readonly number[], endUs: number): readonly number[] {
  if (times.length <= MAX_TIMES) return times;
  const first = times[0]!;
  const stepUs = Math.max(1, (endUs - first) / MAX_TIMES);
  return [...new Set(times.map((atUs) => first + Math.floor((atUs - first) / stepUs) * stepUs))];
}

/**
 * Values of a curve at given times: the most that it had from each time on until the next. Null before its first moment.
 */
function valuesAt(times: readonly number[], { moments }: NamedCurve): (number | null)[] {
  let next = 0;
  let last: number | null = null;
  return times.map((_atUs, index) => {
    const untilUs = times[index + 1] ?? Infinity;
    // The value that holds when the part begins counts, unless it changes right there.
    const begins = next < moments.length && moments[next]!.atUs <= times[index]!;
    let most = begins ? null : last;
    for (; next < moments.length && moments[next]!.atUs < untilUs; next++) {
      last = moments[next]!.value;
      most = Math.max(most ?? 0, last);
    }
    return most;
  });
}

/** Puts curves on one axis of time, in milliseconds. Null where there is no curve. */
export function timePlot(
  { title, yTitle, endUs, bands }: Pick<Plot, 'title' | 'yTitle' | 'bands'> & { readonly endUs: number },
  curves: readonly NamedCurve[],
): Plot | null {
  const known = curves.filter(({ moments }) => moments.length > 0);
  if (known.length === 0) return null;
  const all = new Set(known.flatMap(({ moments }) => moments.map(({ atUs }) => atUs)));
  const times = thinned(
    [...all.add(0).add(endUs)].sort((one, other) => one - other),
    endUs,
  );
  return {
    ...{ title, yTitle, scale: 'time', yScale: 'linear', xTitle: 'ms', ...(bands === undefined ? {} : { bands }) },
    x: times.map((atUs) => atUs / US_PER_MS),
    curves: known.map((one, index): Curve => ({
      name: one.name,
      color: (index % CURVE_COLORS) + 1,
      values: valuesAt(times, one),
    })),
  };
}
