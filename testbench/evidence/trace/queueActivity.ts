import type { Track } from './traceRecord';
import type { OpenSpan, TraceLog } from './traceLog';

/** Traces when packets moved through a queue: a span for each uninterrupted run of packets. */
export class QueueActivity {
  private count = 0;
  private atStart = 0;
  private lookedUs: number;
  private open: OpenSpan | null = null;

  /** @param what name of the spans, for example `receives`. */
  constructor(
    private readonly log: TraceLog,
    private readonly what: string,
  ) {
    this.lookedUs = log.nowUs;
  }

  /** Call it at every look. @param count all packets so far; a smaller count than before begins a new count */
  look(track: Track, count: number): void {
    const before = this.lookedUs;
    this.lookedUs = this.log.nowUs;
    if (count > this.count) {
      if (this.open === null) {
        this.atStart = this.count;
        this.open = this.log.begin(track, this.what, {}, before);
      }
    } else this.rest(before);
    this.count = count;
  }

  private rest(sinceUs: number): void {
    this.open?.end({ packets: this.count - this.atStart }, sinceUs);
    this.open = null;
  }

  /** Ends an open span. */
  end(): void {
    this.rest(this.lookedUs);
  }
}
