/**
 * The timeline of a run: a plain list of entries that a thread collects by itself and may send to
 * another. `chromeTrace` makes a file of it.
 */

/** The row of one party on which an entry is shown. */
export interface Track {
  /** A compute node, a guest, the bench. */
  readonly process: string;
  /** A NIC or one of its queues. */
  readonly thread: string;
}

/** Details that a viewer shows for a selected entry. */
export type TraceArgs = Readonly<Record<string, string | number | boolean>>;

interface Entry {
  readonly track: Track;
  readonly name: string;
  /** Time by the run's clock, in microseconds. */
  readonly atUs: number;
}

/** An event at one moment. */
export interface TraceInstant extends Entry {
  readonly kind: 'instant';
  readonly args: TraceArgs;
}

/** An activity with a duration. */
export interface TraceSpan extends Entry {
  readonly kind: 'span';
  args: TraceArgs;
  /** End in microseconds; null for a span that is still open, which ends with the trace. */
  endUs: number | null;
}

/** Values that hold until the next sample of the same name. */
export interface TraceSample extends Entry {
  readonly kind: 'sample';
  readonly values: Readonly<Record<string, number>>;
}

export type TraceEntry = TraceInstant | TraceSpan | TraceSample;

/** The entries of a run, in any order. */
export interface TraceRecord {
  readonly entries: readonly TraceEntry[];
  /** Number of samples and instants for which there was no room. */
  readonly leftOut: number;
  /** When the record was taken, in microseconds; open spans end here. */
  readonly endUs: number;
}
