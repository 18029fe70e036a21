/**
 * The longest time during which no packet moved at a port, as its application sees it: from the
 * last packet before a migration to the first one after it, or between two in the meantime.
 */
export class Silence {
  private longest = 0;
  private over = false;
  private closed = false;

  /** @param lastMs when a packet last moved. */
  constructor(private lastMs: number) {}

  /** A packet has moved. */
  beat(nowMs: number): void {
    if (this.closed) return;
    this.longest = Math.max(this.longest, nowMs - this.lastMs);
    this.lastMs = nowMs;
    this.closed = this.over;
  }

  /** What it is to cover has ended; it goes on to the next packet. */
  end(): void {
    this.over = true;
  }

  /** True once a packet has moved after the end. */
  get broken(): boolean {
    return this.closed;
  }

  get longestMs(): number {
    return this.longest;
  }
}
