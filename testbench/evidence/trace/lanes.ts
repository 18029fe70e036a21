import type { TraceSpan } from './traceRecord';

/** A span with its end and the row on which it is shown. */
export interface PlacedSpan {
  readonly span: TraceSpan;
  readonly endUs: number;
  /** 0 is the track itself; others are additional rows. */
  readonly lane: number;
}

/**
 * Distributes the spans of one track over lanes in which spans only follow or contain one another.
 * Viewers show spans that merely overlap in one row wrongly.
 * @param latestUs end of open spans.
 */
export function placeSpans(spans: readonly TraceSpan[], latestUs: number): PlacedSpan[] {
  const closed = spans.map((span) => ({ span, endUs: span.endUs ?? Math.max(span.atUs, latestUs) }));
  // If spans begin together, the longer contains the shorter.
  closed.sort((one, other) => one.span.atUs - other.span.atUs || other.endUs - one.endUs);
  /** Ends of the open spans of each lane, outermost first. */
  const lanes: number[][] = [];
  return closed.map(({ span, endUs }) => {
    for (const open of lanes) while (open.length > 0 && open.at(-1)! <= span.atUs) open.pop();
    let lane = lanes.findIndex((open) => open.length === 0 || open.at(-1)! >= endUs);
    if (lane < 0) lane = lanes.push([]) - 1;
    lanes[lane]!.push(endUs);
    return { span, endUs, lane };
  });
}
