import type { Capture } from '../../emulator';
import { type FrameFlow, frameFlow, TrafficOracle } from '../traffic/trafficOracle';
import type { VirtualClock } from '../../shared/clock';
import { type FrameBytes, probeFlow } from '../traffic/probeFrame';
import type { Random } from '../../shared/random';
import type { AppPort } from './appPort';
import { captureFlows } from '../traffic/captureFlows';

const DEFAULT_FRAMES_PER_MS = 8;
const DEFAULT_FLOWS = 4;
const PERCENT = 100;
/** Frames that an application lets wait for the driver; then it sends no more until some have gone. */
const MAX_WAITING = 256;

export interface LoadOptions {
  /** Default 8. */
  readonly framesPerMs?: number;
  /** Bytes of each frame, a size or a range. Default 64 to 1,514. */
  readonly frameBytes?: FrameBytes;
  /** How many flows they are dealt out to in turn, default 4. */
  readonly flows?: number;
  /** So many of a hundred frames, at random, go to the first flow before the others get theirs. Default none. */
  readonly firstFlowPercent?: number;
  /** Sent with this 802.1Q tag. */
  readonly vlanTci?: number | null;
  /** Each frame that arrives is answered by one of the receiver's own, of the same kind. */
  readonly reply?: boolean;
  /** How many frames in all; default no end. */
  readonly frames?: number;
  /** Sends the frames of these captures in their order, over and over, instead of frames of its own. */
  readonly captures?: readonly Capture[];
}

/** What has become of a load so far. */
export interface LoadReport {
  readonly sent: number;
  /** Arrived whole, once, in the order of their flow. */
  readonly delivered: number;
  /** Sent and not arrived. */
  readonly missing: number;
  /** Corrupted, duplicated, reordered or foreign, replies too. */
  readonly wrong: number;
  readonly corrupted: number;
  readonly duplicated: number;
  readonly reordered: number;
  /** Nobody has sent them. */
  readonly unexpected: number;
  /** Replies sent, and those that came back whole, once, in the order of their flow. */
  readonly replied: number;
  readonly answered: number;
  /** Delivered of each flow. */
  readonly flows: readonly number[];
}

/** What a load needs of the bench. */
export interface Surroundings {
  readonly clock: VirtualClock;
  readonly random: Random;
  /** A number that no other flow of the bench has. */
  nextFlow(): number;
}

/** Flows and, for a capture, which one is next. */
interface Source {
  readonly flows: readonly FrameFlow[];
  readonly order: readonly number[];
}

function makeSource(bench: Surroundings, from: AppPort, to: AppPort, options: LoadOptions, seed: number): Source {
  const nextFlow = (): number => bench.nextFlow();
  const ends = { sourceMac: from.mac, destinationMac: to.mac };
  if (options.captures !== undefined) return captureFlows(options.captures, ends, nextFlow);
  const { frameBytes = { min: 64, max: 1_514 }, flows = DEFAULT_FLOWS, vlanTci = null } = options;
  const make = (): FrameFlow => frameFlow(probeFlow({ id: nextFlow(), seed, ...ends, frameBytes, vlanTci }));
  return {
    flows: Array.from({ length: flows }, make),
    order: Array.from({ length: flows }, (_unused, index) => index),
  };
}

/** Frames from one port to another while time passes. A sender whose port is closed sends no more. */
export class Load {
  private readonly there = new TrafficOracle();
  private readonly back = new TrafficOracle();
  private readonly requests: Source;
  private readonly replies: readonly FrameFlow[];
  private readonly random: Random;
  private readonly leaveClock: () => void;
  private turn = 0;
  private left: number;

  constructor(
    bench: Surroundings,
    private readonly from: AppPort,
    private readonly to: AppPort,
    private readonly options: LoadOptions,
  ) {
    const { clock, random } = bench;
    this.left = options.frames ?? Infinity;
    this.random = random.fork();
    const seed = this.random.u32();
    this.requests = makeSource(bench, from, to, options, seed);
    this.replies = options.reply === true ? makeSource(bench, to, from, options, seed).flows : [];
    this.there.addFlows(this.requests.flows);
    this.back.addFlows(this.replies);
    to.receive(this.requests.flows, (frame, flow) => this.arrivedThere(frame, flow));
    from.receive(this.replies, (frame) => void this.back.judge(frame));
    let nextMs = clock.nowMs();
    this.leaveClock = clock.onStep(() => {
      // A round of steps does not always mean that a millisecond has passed.
      for (; nextMs < clock.nowMs(); nextMs++) this.sendSome();
    });
  }

  private sendSome(): void {
    const { framesPerMs = DEFAULT_FRAMES_PER_MS } = this.options;
    for (let count = 0; count < framesPerMs && this.left > 0 && this.from.open; count++) {
      if (this.from.waiting >= MAX_WAITING) return;
      this.left--;
      this.sendOf(this.from, this.there, this.requests.flows[this.pick()]!);
    }
  }

  private pick(): number {
    const { firstFlowPercent = 0 } = this.options;
    if (firstFlowPercent > 0 && this.random.below(PERCENT) < firstFlowPercent) return 0;
    return this.requests.order[this.turn++ % this.requests.order.length]!;
  }

  private sendOf(port: AppPort, oracle: TrafficOracle, flow: FrameFlow): void {
    if (port.open) port.send(flow.frameAt(oracle.nextSequence(flow.id)));
  }

  private arrivedThere(frame: Uint8Array, flow: number): void {
    const arrival = this.there.judge(frame);
    const reply = this.replies[this.requests.flows.findIndex(({ id }) => id === flow)];
    if (arrival === 'delivered' && reply !== undefined) this.sendOf(this.to, this.back, reply);
  }

  /** Sends no more; what is under way still arrives, and is answered. */
  stop(): void {
    this.left = 0;
    this.leaveClock();
  }

  /** True once it has sent all that it was asked to. */
  get done(): boolean {
    return this.left === 0 || !this.from.open;
  }

  report(): LoadReport {
    const [went, came] = [this.there.report(), this.back.report()];
    const both = (field: 'corrupted' | 'duplicated' | 'reordered' | 'unexpected'): number => went[field] + came[field];
    const [corrupted, duplicated, reordered, unexpected] = [
      both('corrupted'),
      both('duplicated'),
      both('reordered'),
      both('unexpected'),
    ];
    return {
      sent: went.sent,
      delivered: went.delivered,
      missing: went.missing,
      wrong: corrupted + duplicated + reordered + unexpected,
      corrupted,
      duplicated,
      reordered,
      unexpected,
      replied: came.sent,
      answered: came.delivered,
      flows: went.flows.map((flow) => flow.delivered),
    };
  }
}
