import { UsageError } from '../../shared/errors';
import { VLAN_TAG_BYTES } from '../../shared/ethernet';
import { MAX_PROBE_BYTES, probeFrame, type ProbeFlow } from './probeFrame';
import { Random } from '../../shared/random';
import type { Endpoint, FrameSink } from '../../emulator/network/endpoint';
import { FrameSource } from './frameSource';
import type { TrafficOracle } from './trafficOracle';

/** Options of a traffic generator. */
export interface TrafficGeneratorOptions {
  /** Name in messages and captures. */
  readonly name: string;
  /** Decides the order in which the flows take turns; the frames follow from the flows. */
  readonly seed: number;
  /** Flows made with `probeFlow`; the generator adds them to the oracle. */
  readonly flows: readonly ProbeFlow[];
  /** Frames to send on each flow; `Infinity` for no end. */
  readonly framesPerFlow: number;
  /** Frames that a step sends, over all flows. Default 32. */
  readonly framesPerStep?: number;
  /** Oracle that numbers the frames, and judges them where they arrive. */
  readonly oracle: TrafficOracle;
}

/** Sends probe frames of several flows, interleaved at random by its seed; each flow stays in order. */
export class TrafficGenerator implements Endpoint {
  uplink: FrameSink | null = null;
  readonly name: string;
  /** Frames that the network delivered. */
  received = 0;
  private readonly random: Random;
  private readonly active: { flow: ProbeFlow; left: number }[];
  private readonly framesPerStep: number;
  private readonly oracle: TrafficOracle;
  private readonly source: FrameSource;

  /** @throws UsageError for bad counts or a flow id used twice; ErrnoError ENOMEM. */
  constructor(options: TrafficGeneratorOptions) {
    const { name, seed, flows, framesPerFlow, framesPerStep = 32, oracle } = options;
    checkCount(name, 'framesPerStep', framesPerStep);
    if (framesPerFlow !== Infinity) checkCount(name, 'framesPerFlow', framesPerFlow);
    this.name = name;
    this.random = new Random(seed);
    this.framesPerStep = framesPerStep;
    this.oracle = oracle;
    this.source = new FrameSource(name, MAX_PROBE_BYTES + VLAN_TAG_BYTES);
    try {
      oracle.addFlows(flows);
    } catch (error) {
      this.source.destroy();
      throw error;
    }
    this.active = flows.map((flow) => ({ flow, left: framesPerFlow }));
  }

  /** True once every frame has been sent. */
  get done(): boolean {
    return this.active.length === 0;
  }

  /** Sends the next frames; does nothing while the generator is not connected. */
  step(): void {
    for (let sent = 0; sent < this.framesPerStep; sent++) {
      if (this.done || this.uplink === null) return;
      this.sendOne(this.uplink);
    }
  }

  deliver(_address: number, _bytes: number): void {
    this.received++;
  }

  /** Frees the memory. The generator can no longer send. */
  destroy(): void {
    this.active.length = 0;
    this.source.destroy();
  }

  private sendOne(uplink: FrameSink): void {
    const index = this.random.below(this.active.length);
    const turn = this.active[index]!;
    turn.left--;
    if (turn.left === 0) this.active.splice(index, 1);
    this.source.send(uplink, probeFrame(turn.flow, this.oracle.nextSequence(turn.flow.id)));
  }
}

function checkCount(name: string, field: string, value: number): void {
  if (!Number.isInteger(value) || value < 1)
    throw new UsageError(`generator '${name}': ${field} ${value}, expected a whole number from 1`);
}
