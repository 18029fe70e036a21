import { TrafficOracle } from '../../emulator';
import type { VirtualClock } from '../../shared/clock';
import { type FrameBytes, type ProbeFlow, probeFlow, probeFrame } from '../../shared/probe';
import type { Random } from '../../shared/random';
import type { AppPort } from './appPort';

const DEFAULT_FRAMES_PER_MS = 8;
const DEFAULT_FLOWS = 4;
const PERCENT = 100;

export interface LoadOptions {
  /** Default 8. */
  readonly framesPerMs?: number;
  /** Bytes of each frame, a size or a range. Default 64 to 1,514. */
  readonly frameBytes?: FrameBytes;
  /** How many flows they are dealt out to in turn, default 4. */
  readonly flows?: number;
  /** So many of a hundred frames, at random, go to the first flow before the others get theirs. Default none. */
  readonly firstFlowPercent?: number;
}

/** What has become of a load so far. */
export interface LoadReport {
  readonly sent: number;
  /** Arrived whole, once, in the order of their flow. */
  readonly delivered: number;
  /** Sent and not arrived. */
  readonly missing: number;
  /** Corrupted, duplicated, reordered or foreign. */
  readonly wrong: number;
  /** Delivered of each flow. */
  readonly flows: readonly number[];
}

/** What a load needs of the bench. */
interface Surroundings {
  readonly clock: VirtualClock;
  readonly random: Random;
}

/** Frames from one port to another while time passes. A sender whose port is closed sends no more. */
export class Load {
  private readonly flows: readonly ProbeFlow[];
  private readonly oracle = new TrafficOracle();
  private readonly random: Random;
  private readonly leaveClock: () => void;
  private readonly framesPerMs: number;
  private readonly firstFlowPercent: number;
  private turn = 0;

  constructor(
    { clock, random }: Surroundings,
    private readonly from: AppPort,
    to: AppPort,
    options: LoadOptions,
  ) {
    const { framesPerMs = DEFAULT_FRAMES_PER_MS, frameBytes = { min: 64, max: 1_514 }, flows = DEFAULT_FLOWS } = options;
    this.framesPerMs = framesPerMs;
    this.firstFlowPercent = options.firstFlowPercent ?? 0;
    this.random = random.fork();
    const seed = this.random.u32();
    const [sourceMac, destinationMac] = [from.mac, to.mac];
    this.flows = Array.from({ length: flows }, (_unused, id) => probeFlow({ id, seed, sourceMac, destinationMac, frameBytes }));
    this.oracle.addFlows(this.flows);
    to.onFrame((frame) => void this.oracle.judge(frame));
    let nextMs = clock.nowMs();
    this.leaveClock = clock.onStep(() => {
      // A round of steps does not always mean that a millisecond has passed.
      for (; nextMs < clock.nowMs(); nextMs++) this.sendSome();
    });
  }

  private sendSome(): void {
    for (let count = 0; count < this.framesPerMs && this.from.open; count++) {
      const first = this.random.below(PERCENT) < this.firstFlowPercent;
      const flow = this.flows[first ? 0 : this.turn++ % this.flows.length]!;
      this.from.send(probeFrame(flow, this.oracle.nextSequence(flow.id)));
    }
  }

  /** Sends no more; what is under way still arrives. */
  stop(): void {
    this.leaveClock();
  }

  report(): LoadReport {
    const { sent, delivered, missing, corrupted, duplicated, reordered, unexpected, foreign, flows } = this.oracle.report();
    const wrong = corrupted + duplicated + reordered + unexpected + foreign;
    return { sent, delivered, missing, wrong, flows: flows.map((flow) => flow.delivered) };
  }
}
