import { Random } from '../../../shared/random';
import { MAX_FRAMES } from './flowBlock';
import type { FlowOrder, SendOrder } from './messages';

const PERCENT = 100;
/** A sender that was held up makes good no more than this: an application that can't send waits. */
const MOST_BEHIND_MS = 10;

/** Decides which frame of a load is due when. */
export class Sender {
  readonly load: number;
  private readonly next: Float64Array;
  private readonly random: Random;
  private left: number;
  private turn = 0;
  private dueMs: number;

  constructor(
    private readonly order: SendOrder,
    nowMs: number,
  ) {
    this.load = order.load;
    this.next = new Float64Array(order.flows.length);
    this.random = new Random(order.seed);
    this.left = order.frames;
    this.dueMs = nowMs;
  }

  get done(): boolean {
    return this.left <= 0;
  }

  stop(): void {
    this.left = 0;
  }

  /** Sends what is due, at most `most` frames, through `send`. Gives how many. */
  run(nowMs: number, most: number, send: (flow: FlowOrder, sequence: number) => void): number {
    this.dueMs = Math.max(this.dueMs, nowMs - MOST_BEHIND_MS);
    const stepMs = 1 / this.order.framesPerMs;
    let count = 0;
    for (; count < most && this.left > 0 && this.dueMs <= nowMs; count++) {
      const index = this.pick();
      const sequence = this.next[index]!++;
      if (sequence + 1 >= MAX_FRAMES) this.left = 0;
      this.left--;
      this.dueMs += stepMs;
      send(this.order.flows[index]!, sequence);
    }
    return count;
  }

  private pick(): number {
    const { firstFlowPercent, turns } = this.order;
    if (firstFlowPercent > 0 && this.random.below(PERCENT) < firstFlowPercent) return 0;
    return turns[this.turn++ % turns.length]!;
  }
}
