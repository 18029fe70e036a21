/**
 * What a timeline is made from: a plain list that any thread can keep by itself and send to
 * another. `chromeTrace` makes the file of it.
 */

/** Where an entry is shown: a row of one party. */
export interface Track {
  /** A compute node, a guest, the bench. */
  readonly process: string;
  /** A NIC or one of its queues. */
  readonly thread: string;
}

/** What is shown with an entry when it is chosen. */
export type TraceArgs = Readonly<Record<string, string | number | boolean>>;

interface Entry {
  readonly track: Track;
  readonly name: string;
  /** Microseconds by the run's clock. */
  readonly atUs: number;
}

/** Something that happened at one moment. */
export interface TraceInstant extends Entry {
  readonly kind: 'instant';
  readonly args: TraceArgs;
}

/** Something that took time. */
export interface TraceSpan extends Entry {
  readonly kind: 'span';
  args: TraceArgs;
  /** Null while it is not over: such a span ends with the trace. */
  endUs: number | null;
}

/** Values from a moment on, until the next sample of the same name. */
export interface TraceSample extends Entry {
  readonly kind: 'sample';
  readonly values: Readonly<Record<string, number>>;
}

export type TraceEntry = TraceInstant | TraceSpan | TraceSample;

/** A list of entries, in any order. */
export interface TraceRecord {
  readonly entries: readonly TraceEntry[];
  /** Samples and instants for which there was no room. */
  readonly leftOut: number;
  /** When the record was taken: what is not over by then ends here. */
  readonly endUs: number;
}

/** One record of several threads' lists; their clocks have one zero. */
export function mergeTraces(records: readonly TraceRecord[]): TraceRecord {
  return {
    entries: records.flatMap(({ entries }) => entries),
    leftOut: records.reduce((sum, { leftOut }) => sum + leftOut, 0),
    endUs: records.reduce((latest, { endUs }) => Math.max(latest, endUs), 0),
  };
}
