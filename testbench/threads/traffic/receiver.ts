import { mbufData } from '../../../driver/loops/mbuf';
import { loadMbufNbSegs, loadMbufPktLen } from '../../../driver/loops/records';
import type { Arrival } from '../../traffic/trafficOracle';
import { isCapturedIntact, markFlowOf, markSequenceOf } from './capturedFrames';
import { MAX_FRAMES, noteArrival, sentOf } from './flowBlock';
import type { ExpectedFlow, FlowCounts, FlowDescriptor } from './messages';
import { HEAD_BYTES, isProbeIntact, MIN_FRAME_BYTES, probeFlowOf, probeSequenceOf } from './probeFrames';

/** Verdict on a frame of a known flow. */
type FlowArrival = Exclude<Arrival, 'foreign'>;

interface FlowState {
  readonly flow: ExpectedFlow;
  readonly counts: Record<FlowArrival, number>;
  /** Highest sequence number that this thread has seen, -1 before the first. */
  highest: number;
}

/** Arena memory that a receiver needs for itself. */
export const SCRATCH_BYTES = HEAD_BYTES;

/** Judges the frames of one receive queue in place, byte by byte. */
export class Receiver {
  /** Packets that belong to no expected flow. */
  foreign = 0;
  private readonly flows = new Map<number, FlowState>();

  /** @param scratch arena address of `SCRATCH_BYTES` that belong to the calling thread. */
  constructor(private readonly scratch: number) {}

  expect(flows: readonly ExpectedFlow[]): void {
    for (const flow of flows) {
      const counts = { delivered: 0, reordered: 0, duplicated: 0, corrupted: 0, unexpected: 0 };
      this.flows.set(flow.id, { flow, counts, highest: -1 });
    }
  }

  /** Judges a packet, whose mbuf stays the caller's. Returns the flow to answer it with, null for none. */
  judge(mbuf: number): FlowDescriptor | null {
    const bytes = loadMbufPktLen(mbuf);
    const frame = mbufData(mbuf);
    const state = loadMbufNbSegs(mbuf) === 1 ? this.stateOf(frame, bytes) : undefined;
    if (state === undefined) {
      this.foreign++;
      return null;
    }
    const arrival = this.classify(state, frame, bytes);
    state.counts[arrival]++;
    return arrival === 'delivered' ? state.flow.reply : null;
  }

  counts(): FlowCounts[] {
    return [...this.flows.values()].map(({ flow, counts }) => ({ load: flow.load, flow: flow.id, ...counts }));
  }

  /** The flow that a frame names. A probe may end with bytes that look like a mark, so the flow's kind decides. */
  private stateOf(frame: number, bytes: number): FlowState | undefined {
    const marked = this.flows.get(markFlowOf(frame, bytes));
    if (marked !== undefined && marked.flow.probe === null) return marked;
    const probe = bytes >= MIN_FRAME_BYTES ? this.flows.get(probeFlowOf(frame)) : undefined;
    return probe === undefined || probe.flow.probe === null ? undefined : probe;
  }

  private classify(state: FlowState, frame: number, bytes: number): FlowArrival {
    const { block, probe } = state.flow;
    const sequence = probe === null ? markSequenceOf(frame, bytes) : probeSequenceOf(frame);
    const intact =
      probe === null
        ? isCapturedIntact(block, frame, bytes, sequence)
        : isProbeIntact(block, frame, bytes, sequence, this.scratch);
    if (!intact) return 'corrupted';
    if (sequence >= MAX_FRAMES || sequence >= sentOf(block)) return 'unexpected';
    if (!noteArrival(block, sequence)) return 'duplicated';
    if (sequence < state.highest) return 'reordered';
    state.highest = sequence;
    return 'delivered';
  }
}
