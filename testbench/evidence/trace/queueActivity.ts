import type { Track } from './traceRecord';
import type { OpenSpan, TraceLog } from './traceLog';

/** Shows when packets moved through a queue: a span from the first to the last of an uninterrupted run. */
export class Activity {
  private count = 0;
  private atStart = 0;
  private lookedUs: number;
  private open: OpenSpan | null = null;

  /** @param what is shown, for example `receives`. */
  constructor(
    private readonly log: TraceLog,
    private readonly what: string,
  ) {
    this.lookedUs = log.nowUs;
  }

  /** To be called at every look, with all packets so far; a smaller count than before begins anew. */
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

  /** Nobody looks any more. */
  end(): void {
    this.rest(this.lookedUs);
  }
}
