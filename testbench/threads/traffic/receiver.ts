import { mbufData } from '../../../driver/loops/mbuf';
import { loadMbufNbSegs, loadMbufPktLen } from '../../../driver/loops/records';
import { isCapturedIntact, markFlowOf, markSequenceOf } from './capturedFrames';
import { MAX_FRAMES, noteArrival, sentOf } from './flowBlock';
import type { ExpectOrder, FlowCounts, FlowOrder } from './messages';
import { HEAD_BYTES, isProbeIntact, MIN_FRAME_BYTES, probeFlowOf, probeSequenceOf } from './probeFrames';

type Verdict = 'delivered' | 'reordered' | 'duplicated' | 'corrupted' | 'unexpected';

interface Expected {
  readonly order: ExpectOrder;
  readonly counts: Record<Verdict, number>;
  /** Highest sequence number that this thread has seen, -1 before the first. */
  highest: number;
}

/** Arena memory that a receiver needs for itself. */
export const SCRATCH_BYTES = HEAD_BYTES;

/** Judges what arrives on one receive queue, frame by frame and byte by byte, where it lies. */
export class Receiver {
  /** Packets that are no frame of a flow it knows. */
  foreign = 0;
  private readonly flows = new Map<number, Expected>();

  /** @param scratch arena address of `SCRATCH_BYTES` of the calling thread's own. */
  constructor(private readonly scratch: number) {}

  expect(orders: readonly ExpectOrder[]): void {
    for (const order of orders) {
      const counts = { delivered: 0, reordered: 0, duplicated: 0, corrupted: 0, unexpected: 0 };
      this.flows.set(order.id, { order, counts, highest: -1 });
    }
  }

  /** Judges a packet, which stays the caller's. Gives the flow to answer it on, null for none. */
  judge(mbuf: number): FlowOrder | null {
    const bytes = loadMbufPktLen(mbuf);
    const frame = mbufData(mbuf);
    const expected = loadMbufNbSegs(mbuf) === 1 ? this.expectedOf(frame, bytes) : undefined;
    if (expected === undefined) {
      this.foreign++;
      return null;
    }
    const verdict = this.classify(expected, frame, bytes);
    expected.counts[verdict]++;
    return verdict === 'delivered' ? expected.order.reply : null;
  }

  counts(): FlowCounts[] {
    return [...this.flows.values()].map(({ order, counts }) => ({ load: order.load, flow: order.id, ...counts }));
  }

  /** The flow that a frame names; what looks like a mark may be the end of a probe. */
  private expectedOf(frame: number, bytes: number): Expected | undefined {
    const marked = this.flows.get(markFlowOf(frame, bytes));
    if (marked !== undefined && marked.order.probe === null) return marked;
    const probe = bytes >= MIN_FRAME_BYTES ? this.flows.get(probeFlowOf(frame)) : undefined;
    return probe === undefined || probe.order.probe === null ? undefined : probe;
  }

  private classify(expected: Expected, frame: number, bytes: number): Verdict {
    const { block, probe } = expected.order;
    const sequence = probe === null ? markSequenceOf(frame, bytes) : probeSequenceOf(frame);
    const intact =
      probe === null
        ? isCapturedIntact(block, frame, bytes, sequence)
        : isProbeIntact(block, frame, bytes, sequence, this.scratch);
    if (!intact) return 'corrupted';
    if (sequence >= MAX_FRAMES || sequence >= sentOf(block)) return 'unexpected';
    if (!noteArrival(block, sequence)) return 'duplicated';
    if (sequence < expected.highest) return 'reordered';
    expected.highest = sequence;
    return 'delivered';
  }
}
