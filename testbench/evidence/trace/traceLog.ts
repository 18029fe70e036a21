import type { TraceArgs, TraceEntry, TraceInstant, TraceRecord, TraceSpan, Track } from './traceRecord';

const NS_PER_US = 1_000;
/** More than a viewer shows with ease. Spans are always kept, because they are few and each needs its end. */
const MAX_SAMPLES = 400_000;
const MAX_INSTANTS = 100_000;

/** An open span. */
export interface OpenSpan {
  /** Ends the span; later calls have no effect. `args` are added to those of the start. */
  end(args?: TraceArgs, atUs?: number): void;
}

/** Number of samples and instants that a log keeps. */
export interface TraceLimits {
  readonly samples: number;
  readonly instants: number;
}

/** Collects the entries of one thread. */
export class TraceLog {
  private readonly entries: TraceEntry[] = [];
  private readonly newest = new Map<string, string>();
  private samples = 0;
  private instants = 0;
  private leftOut = 0;

  /** @param nowNs nanoseconds since the start of the run. */
  constructor(
    private readonly nowNs: () => number,
    private readonly limits: TraceLimits = { samples: MAX_SAMPLES, instants: MAX_INSTANTS },
  ) {}

  /** The present time in microseconds. */
  get nowUs(): number {
    return this.nowNs() / NS_PER_US;
  }

  instant(track: Track, name: string, args: TraceArgs = {}, atUs = this.nowUs): void {
    if (this.instants >= this.limits.instants) {
      this.leftOut++;
      return;
    }
    this.instants++;
    const entry: TraceInstant = { kind: 'instant', track, name, atUs, args };
    this.entries.push(entry);
  }

  begin(track: Track, name: string, args: TraceArgs = {}, atUs = this.nowUs): OpenSpan {
    const span = this.span(track, name, atUs, null, args);
    return {
      end: (more = {}, endUs = this.nowUs) => {
        if (span.endUs !== null) return;
        // Times may come from the clocks of other threads: keep the end after the begin.
        span.endUs = Math.max(span.atUs, endUs);
        span.args = { ...span.args, ...more };
      },
    };
  }

  /** Adds a span. @param endUs null for an open one */
  span(track: Track, name: string, atUs: number, endUs: number | null, args: TraceArgs = {}): TraceSpan {
    const span: TraceSpan = { kind: 'span', track, name, atUs, endUs, args };
    this.entries.push(span);
    return span;
  }

  /** Adds a sample, unless the values are unchanged. */
  sample(track: Track, name: string, values: Readonly<Record<string, number>>): void {
    const key = JSON.stringify([track.process, name]);
    const text = JSON.stringify(values);
    if (this.newest.get(key) === text) return;
    this.newest.set(key, text);
    if (this.samples >= this.limits.samples) {
      this.leftOut++;
      return;
    }
    this.samples++;
    this.entries.push({ kind: 'sample', track, name, atUs: this.nowUs, values });
  }

  /** Returns a copy of the entries so far. */
  record(): TraceRecord {
    return { entries: this.entries.map((entry) => ({ ...entry })), leftOut: this.leftOut, endUs: this.nowUs };
  }
}
