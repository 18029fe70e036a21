import type { VirtualClock } from '../../shared/clock';
import type { Random } from '../../shared/random';
import type { Load, LoadOptions, LoadReport } from '../api/traffic';
import { checkLoad } from '../common/loadOptions';
import { captureFlows } from '../traffic/captureFlows';
import { probeFlow } from '../traffic/probeFrame';
import { type FrameFlow, frameFlow, TrafficOracle } from '../traffic/trafficOracle';
import type { InlinePort } from './port';

const DEFAULT_FRAMES_PER_MS = 8;
const DEFAULT_FLOWS = 4;
const PERCENT = 100;
/** Limit of frames that wait for the driver. The application pauses while it is reached. */
const MAX_WAITING = 256;

/** The bench, as a load sees it. */
export interface LoadContext {
  readonly clock: VirtualClock;
  readonly random: Random;
  /** A flow number that the run has not used yet. */
  nextFlow(): number;
}

/** Flows and the order in which they take turns, as indices of `flows`. */
interface Source {
  readonly flows: readonly FrameFlow[];
  readonly order: readonly number[];
}

function makeSource(
  context: LoadContext,
  from: InlinePort,
  to: InlinePort,
  options: LoadOptions,
  seed: number,
): Source {
  const nextFlow = (): number => context.nextFlow();
  const ends = { sourceMac: from.mac, destinationMac: to.mac };
  if (options.captures !== undefined) return captureFlows(options.captures, ends, nextFlow);
  const { frameBytes = { min: 64, max: 1_514 }, flows = DEFAULT_FLOWS, vlanTci = null } = options;
  const make = (): FrameFlow => frameFlow(probeFlow({ id: nextFlow(), seed, ...ends, frameBytes, vlanTci }));
  return {
    flows: Array.from({ length: flows }, make),
    order: Array.from({ length: flows }, (_unused, index) => index),
  };
}

/** Frames from one port to another while virtual time passes. A sender whose port is closed sends no more. */
export class InlineLoad implements Load {
  private readonly requestOracle = new TrafficOracle();
  private readonly replyOracle = new TrafficOracle();
  private readonly requests: Source;
  /** The flow of the replies to each flow of requests. */
  private readonly replyTo: ReadonlyMap<number, FrameFlow>;
  private readonly random: Random;
  private readonly leaveClock: () => void;
  private turn = 0;
  private left: number;

  constructor(
    context: LoadContext,
    private readonly from: InlinePort,
    private readonly to: InlinePort,
    private readonly options: LoadOptions,
  ) {
    checkLoad(from, options);
    const { clock, random } = context;
    this.left = options.frames ?? Infinity;
    this.random = random.fork();
    const seed = this.random.u32();
    this.requests = makeSource(context, from, to, options, seed);
    const replies = options.reply === true ? makeSource(context, to, from, options, seed).flows : [];
    this.replyTo = new Map(replies.map((reply, index) => [this.requests.flows[index]!.id, reply]));
    this.requestOracle.addFlows(this.requests.flows);
    this.replyOracle.addFlows(replies);
    to.receive(this.requests.flows, (frame, flow) => this.receiveRequest(frame, flow));
    from.receive(replies, (frame) => void this.replyOracle.judge(frame));
    let nextMs = clock.nowMs();
    this.leaveClock = clock.onStep(() => {
      // A round of steps may take no virtual time, or more than a millisecond.
      for (; nextMs < clock.nowMs(); nextMs++) this.sendForOneMs();
    });
  }

  private sendForOneMs(): void {
    const { framesPerMs = DEFAULT_FRAMES_PER_MS } = this.options;
    for (let count = 0; count < framesPerMs && this.left > 0 && this.from.open; count++) {
      if (this.from.waiting >= MAX_WAITING) return;
      this.left--;
      this.sendNext(this.from, this.requestOracle, this.requests.flows[this.pickFlow()]!);
    }
  }

  private pickFlow(): number {
    const { firstFlowPercent = 0 } = this.options;
    if (firstFlowPercent > 0 && this.random.below(PERCENT) < firstFlowPercent) return 0;
    return this.requests.order[this.turn++ % this.requests.order.length]!;
  }

  private sendNext(port: InlinePort, oracle: TrafficOracle, flow: FrameFlow): void {
    if (port.open) port.send(flow.frameAt(oracle.nextSequence(flow.id)));
  }

  private receiveRequest(frame: Uint8Array, flow: number): void {
    const arrival = this.requestOracle.judge(frame);
    const reply = this.replyTo.get(flow);
    if (arrival === 'delivered' && reply !== undefined) this.sendNext(this.to, this.replyOracle, reply);
  }

  stop(): void {
    this.left = 0;
    this.leaveClock();
  }

  get done(): boolean {
    return this.left === 0 || !this.from.open;
  }

  report(): LoadReport {
    const [requests, replies] = [this.requestOracle.report(), this.replyOracle.report()];
    const corrupted = requests.corrupted + replies.corrupted;
    const duplicated = requests.duplicated + replies.duplicated;
    const reordered = requests.reordered + replies.reordered;
    const unexpected = requests.unexpected + replies.unexpected;
    return {
      sent: requests.sent,
      delivered: requests.delivered,
      missing: requests.missing,
      wrong: corrupted + duplicated + reordered + unexpected,
      corrupted,
      duplicated,
      reordered,
      unexpected,
      replied: replies.sent,
      answered: replies.delivered,
      flows: requests.flows.map((flow) => flow.delivered),
    };
  }
}
