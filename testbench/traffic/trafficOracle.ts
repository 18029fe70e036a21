import { readBytes } from '#mem';
import { asHost } from '../../shared/actors';
import { UsageError } from '../../shared/errors';
import { probeFrame, readProbe, sameBytes, type ProbeFlow } from './probeFrame';
import type { Endpoint, FrameSink } from '../../emulator/network/endpoint';
import { readMark, type FrameMark } from './frameMark';

/**
 * Verdict on a frame that arrived:
 * - `delivered`: intact, for the first time, and before any later frame of its flow;
 * - `reordered`: intact, for the first time, but after a later frame of its flow;
 * - `duplicated`: intact, but not for the first time;
 * - `corrupted`: a frame of a known flow with other bytes than were sent;
 * - `unexpected`: the right bytes of a frame that nobody has sent;
 * - `foreign`: a frame that names no flow, or one that the oracle does not know.
 */
export const ARRIVALS = ['delivered', 'reordered', 'duplicated', 'corrupted', 'unexpected', 'foreign'] as const;
/** One verdict of `ARRIVALS`. */
export type Arrival = (typeof ARRIVALS)[number];

/** Counts of the frames of one flow, or of all. */
export interface TrafficCounts {
  /** Frames that were sent. */
  readonly sent: number;
  /** Frames that arrived intact, once, and before any later frame of their flow. */
  readonly delivered: number;
  /** Frames that arrived intact for the first time, but after a later frame of their flow. */
  readonly reordered: number;
  /** Arrivals of intact frames that had arrived before. */
  readonly duplicated: number;
  /** Frames of a known flow that arrived with other bytes than were sent. */
  readonly corrupted: number;
  /** Frames that arrived with the right bytes, although nobody had sent them. */
  readonly unexpected: number;
  /** Frames that were sent and never arrived intact, corrupted ones included. */
  readonly missing: number;
}

/** Counts of the frames of all flows together, and of each flow. */
export interface TrafficReport extends TrafficCounts {
  /** Frames that arrived and name no flow, or one that the oracle does not know. */
  readonly foreign: number;
  /** Counts of each flow, in the order in which the flows were added. */
  readonly flows: readonly FlowCounts[];
}

/** Counts of the frames of one flow. */
export interface FlowCounts extends TrafficCounts {
  /** Id of the flow. */
  readonly flow: number;
}

/** A flow of frames that carry a mark (`frameMark.ts`) or are probe frames. */
export interface FrameFlow {
  /** Id of the flow, unique within an oracle. */
  readonly id: number;
  /** Makes frame number `sequence`; always the same bytes. */
  frameAt(sequence: number): Uint8Array;
}

interface FlowState {
  readonly flow: FrameFlow;
  sent: number;
  /** Highest sequence number that has arrived, -1 before the first. */
  highest: number;
  /** By sequence number, 1 for a frame that has arrived intact. */
  arrived: Uint8Array;
  readonly counts: Record<Arrival, number>;
}

function noArrivals(): Record<Arrival, number> {
  return Object.fromEntries(ARRIVALS.map((arrival) => [arrival, 0])) as Record<Arrival, number>;
}

/** Knows which frames were sent, and judges each frame that arrives by its bytes. */
export class TrafficOracle {
  private readonly states = new Map<number, FlowState>();
  private foreign = 0;

  /** @throws UsageError where an id is there already or comes twice; no flow is added then. */
  addFlows(flows: readonly (ProbeFlow | FrameFlow)[]): void {
    const ids = new Set(this.states.keys());
    for (const { id } of flows) {
      if (ids.has(id)) throw new UsageError(`flow ${id} is there already: give each flow an id of its own`);
      ids.add(id);
    }
    for (const flow of flows.map(frameFlow))
      this.states.set(flow.id, { flow, sent: 0, highest: -1, arrived: new Uint8Array(64), counts: noArrivals() });
  }

  /** Returns the sequence number of a flow's next frame. The sender calls it right before it sends that frame. */
  nextSequence(flow: number): number {
    const state = this.states.get(flow);
    if (state === undefined) throw new UsageError(`flow ${flow} is unknown: add it first`);
    return state.sent++;
  }

  /** Judges a frame that has arrived, tag in place. Does not keep it. */
  judge(frame: Uint8Array): Arrival {
    const reading = readAny(frame);
    const state = reading === null ? undefined : this.states.get(reading.flow);
    if (reading === null || state === undefined) {
      this.foreign++;
      return 'foreign';
    }
    const arrival = this.classify(state, reading.sequence, frame);
    state.counts[arrival]++;
    return arrival;
  }

  /** Returns the counts so far. */
  report(): TrafficReport {
    const flows = [...this.states.values()].map((state) => ({ flow: state.flow.id, ...countsOf(state) }));
    const sum = (field: keyof TrafficCounts): number => flows.reduce((total, flow) => total + flow[field], 0);
    return {
      sent: sum('sent'),
      delivered: sum('delivered'),
      reordered: sum('reordered'),
      duplicated: sum('duplicated'),
      corrupted: sum('corrupted'),
      unexpected: sum('unexpected'),
      missing: sum('missing'),
      foreign: this.foreign,
      flows,
    };
  }

  private classify(state: FlowState, sequence: number, frame: Uint8Array): Arrival {
    if (!sameBytes(frame, state.flow.frameAt(sequence))) return 'corrupted';
    if (sequence >= state.sent) return 'unexpected';
    if (sequence >= state.arrived.length) state.arrived = grown(state.arrived, state.sent);
    if (state.arrived[sequence] === 1) return 'duplicated';
    state.arrived[sequence] = 1;
    if (sequence < state.highest) return 'reordered';
    state.highest = sequence;
    return 'delivered';
  }
}

/** Converts a probe flow to a flow of frames. */
export function frameFlow(flow: ProbeFlow | FrameFlow): FrameFlow {
  return 'frameAt' in flow ? flow : { id: flow.id, frameAt: (sequence) => probeFrame(flow, sequence) };
}

/** Reads flow and sequence number from a frame's mark, or from its payload as a probe. */
function readAny(frame: Uint8Array): FrameMark | null {
  return readMark(frame) ?? readProbe(frame);
}

/** Reads the number of a frame's flow; null for a frame that names none. */
export function flowOf(frame: Uint8Array): number | null {
  return readAny(frame)?.flow ?? null;
}

function grown(bytes: Uint8Array, least: number): Uint8Array {
  const larger = new Uint8Array(Math.max(least, bytes.length * 2));
  larger.set(bytes);
  return larger;
}

function countsOf({ sent, arrived, counts }: FlowState): TrafficCounts {
  let missing = 0;
  for (let sequence = 0; sequence < sent; sequence++) if (arrived[sequence] !== 1) missing++;
  const { delivered, reordered, duplicated, corrupted, unexpected } = counts;
  return { sent, delivered, reordered, duplicated, corrupted, unexpected, missing };
}

/** Judges the frames that arrive at a switch port by an oracle. */
export class OracleSink implements Endpoint {
  uplink: FrameSink | null = null;
  /** Frames to other addresses, which a flooding switch sends here too. */
  notMine = 0;

  /** @param mac judges only frames to this address, 6 bytes; null for all. */
  constructor(
    readonly name: string,
    private readonly oracle: TrafficOracle,
    private readonly mac: Uint8Array | null = null,
  ) {}

  deliver(address: number, bytes: number): void {
    const frame = asHost(() => readBytes(address, bytes));
    if (this.mac !== null && !sameBytes(this.mac, frame.subarray(0, this.mac.length))) this.notMine++;
    else this.oracle.judge(frame);
  }
}
