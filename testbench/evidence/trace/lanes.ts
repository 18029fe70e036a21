import type { TraceSpan } from './traceRecord';

/** A span with its end, in the row where it is shown. */
export interface PlacedSpan {
  readonly span: TraceSpan;
  readonly endUs: number;
  /** 0 is the track itself; the others are rows beside it. */
  readonly lane: number;
}

/**
 * Deals the spans of one track out to lanes in which they follow or contain one another: in
 * one row of a viewer, two that merely overlap would show as something that never was.
 * @param latestUs where spans end that are not over.
 */
export function placeSpans(spans: readonly TraceSpan[], latestUs: number): PlacedSpan[] {
  const closed = spans.map((span) => ({ span, endUs: span.endUs ?? Math.max(span.atUs, latestUs) }));
  // Of those that begin together the longer contains the shorter.
  closed.sort((one, other) => one.span.atUs - other.span.atUs || other.endUs - one.endUs);
  /** For each lane the ends of the spans that are open, the outermost first. */
  const lanes: number[][] = [];
  return closed.map(({ span, endUs }) => {
    for (const open of lanes) while (open.length > 0 && open.at(-1)! <= span.atUs) open.pop();
    let lane = lanes.findIndex((open) => open.length === 0 || open.at(-1)! >= endUs);
    if (lane < 0) lane = lanes.push([]) - 1;
    lanes[lane]!.push(endUs);
    return { span, endUs, lane };
  });
}
