/** Messages between the caller and queue threads: flows, ports and counts. Plain data. */
import type { ProbeFlow } from '../../traffic/probeFrame';

/** The frames of a flow: generated probes, or captured frames, repeated over and over with a mark behind each. */
export type FlowSource =
  | { readonly kind: 'probe'; readonly id: number; readonly probe: ProbeFlow }
  | { readonly kind: 'captured'; readonly id: number; readonly frames: readonly Uint8Array[] };

/** A flow, as the threads of both its ends know it. */
export interface FlowDescriptor {
  readonly id: number;
  /** Arena address of its block (`flowBlock.ts`). */
  readonly block: number;
  /** Null where the flow consists of captured frames. */
  readonly probe: ProbeFlow | null;
}

/** Flows that a thread is to send. */
export interface SendRequest {
  /** Number of the load. */
  readonly load: number;
  readonly flows: readonly FlowDescriptor[];
  /** The order in which flows take turns, as indices of `flows`; repeated over and over. */
  readonly turns: readonly number[];
  /** Frames of all these flows in each millisecond. */
  readonly framesPerMs: number;
  /** Total number of frames; `Infinity` until the load is stopped. */
  readonly frames: number;
  /** Percentage of frames, drawn at random, that go to the first flow out of turn. */
  readonly firstFlowPercent: number;
  readonly seed: number;
}

/** A flow that a thread is to expect. */
export interface ExpectedFlow extends FlowDescriptor {
  /** Number of the load. */
  readonly load: number;
  /** The flow with which each frame is answered, null for no answer. */
  readonly reply: FlowDescriptor | null;
}

/** One thread's counts of the frames of one flow. */
export interface FlowCounts {
  /** Number of the load. */
  readonly load: number;
  /** Id of the flow. */
  readonly flow: number;
  /** Frames that arrived intact, once, and in order as far as this thread has seen. */
  readonly delivered: number;
  readonly reordered: number;
  readonly duplicated: number;
  readonly corrupted: number;
  readonly unexpected: number;
}

/** A port, as a queue thread knows it. */
export interface PortDescriptor {
  /** Arena address of the driver's record. */
  readonly address: number;
  /** Arena address of the mempool. */
  readonly pool: number;
  /** Arena address of the record of packet times (`silence.ts`). */
  readonly silence: number;
  /** Whether the port has a receive queue with this thread's number. */
  readonly receives: boolean;
  /** Whether the port has a transmit queue with this thread's number. */
  readonly sends: boolean;
}

/** One thread's counts on one port. */
export interface PortCounts {
  /** Rounds of the thread. */
  readonly rounds: number;
  /** Packets that the driver delivered. */
  readonly received: number;
  /** Frames that the application made. */
  readonly offered: number;
  /** Offered frames for which there was no mbuf. */
  readonly noMbuf: number;
  /** Frames that the driver has not taken yet. */
  readonly pending: number;
  /** Frames that the application gave up. */
  readonly unsent: number;
  /** Packets that belong to no flow that the thread expects. */
  readonly foreign: number;
}
