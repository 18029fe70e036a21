/**
 * The downtime of a port as its application sees it: the longest time without a packet, from the last one before a
 * migration to the first one after it, or between two in the meantime.
 */
export class Silence {
  private longest = 0;
  private periodOver = false;
  private complete = false;

  /** @param lastMs when a packet last moved. */
  constructor(private lastMs: number) {}

  /** Call it when a packet has moved. */
  packetMoved(nowMs: number): void {
    if (this.complete) return;
    this.longest = Math.max(this.longest, nowMs - this.lastMs);
    this.lastMs = nowMs;
    this.complete = this.periodOver;
  }

  /** Ends the period. A silence that has begun counts until the next packet. */
  end(): void {
    this.periodOver = true;
  }

  /** True once a packet has moved after the end of the period. */
  get broken(): boolean {
    return this.complete;
  }

  /** Longest time without a packet so far, in milliseconds. It ends with a packet: see `broken`. */
  get longestMs(): number {
    return this.longest;
  }
}
