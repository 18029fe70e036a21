import { Random } from '../../../shared/random';
import { MAX_FRAMES } from './flowBlock';
import type { FlowDescriptor, SendRequest } from './messages';

const PERCENT = 100;
/** A delayed sender catches up on no more than this, like an application that waits while it cannot send. */
const MAX_BEHIND_MS = 10;

/** Decides when each frame of a load is due. */
export class Sender {
  readonly load: number;
  /** Next sequence number of each flow. */
  private readonly next: Float64Array;
  private readonly random: Random;
  private left: number;
  private turn = 0;
  private dueMs: number;

  constructor(
    private readonly request: SendRequest,
    nowMs: number,
  ) {
    this.load = request.load;
    this.next = new Float64Array(request.flows.length);
    this.random = new Random(request.seed);
    this.left = request.frames;
    this.dueMs = nowMs;
  }

  get done(): boolean {
    return this.left <= 0;
  }

  stop(): void {
    this.left = 0;
  }

  /** Passes the frames that are due to `send`, at most `limit` of them. Returns how many. */
  run(nowMs: number, limit: number, send: (flow: FlowDescriptor, sequence: number) => void): number {
    this.dueMs = Math.max(this.dueMs, nowMs - MAX_BEHIND_MS);
    const stepMs = 1 / this.request.framesPerMs;
    let count = 0;
    for (; count < limit && this.left > 0 && this.dueMs <= nowMs; count++) {
      const index = this.pickFlow();
      const sequence = this.next[index]!++;
      if (sequence + 1 >= MAX_FRAMES) this.left = 0;
      this.left--;
      this.dueMs += stepMs;
      send(this.request.flows[index]!, sequence);
    }
    return count;
  }

  private pickFlow(): number {
    const { firstFlowPercent, turns } = this.request;
    if (firstFlowPercent > 0 && this.random.below(PERCENT) < firstFlowPercent) return 0;
    return turns[this.turn++ % turns.length]!;
  }
}
