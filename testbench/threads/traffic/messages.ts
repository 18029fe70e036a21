import type { ProbeFlow } from '../../traffic/probeFrame';

/** What the frames of a flow are made from. */
export type FlowSource =
  | { readonly kind: 'probe'; readonly id: number; readonly probe: ProbeFlow }
  /** These frames, over and over, each with a mark behind it. */
  | { readonly kind: 'captured'; readonly id: number; readonly frames: readonly Uint8Array[] };

/** A flow as the threads of both its ends are told of it. */
export interface FlowOrder {
  readonly id: number;
  /** Arena address of its block. */
  readonly block: number;
  /** Of a flow of probes, null of one of captured frames. */
  readonly probe: ProbeFlow | null;
}

/** Flows that one thread is to send. */
export interface SendOrder {
  readonly load: number;
  readonly flows: readonly FlowOrder[];
  /** Whose turn it is, as indices of `flows`, over and over. */
  readonly turns: readonly number[];
  /** Frames each millisecond over these flows. */
  readonly framesPerMs: number;
  /** How many in all; `Infinity` until it is stopped. */
  readonly frames: number;
  /** So many of a hundred frames, at random, go to the first flow. */
  readonly firstFlowPercent: number;
  readonly seed: number;
}

/** A flow that one thread is to expect, and what it is to answer each of its frames with. */
export interface ExpectOrder extends FlowOrder {
  readonly load: number;
  readonly reply: FlowOrder | null;
}

/** What has become of the frames of one flow, as far as one thread has seen them. */
export interface FlowCounts {
  readonly load: number;
  readonly flow: number;
  /** Arrived whole, once, and none later of the flow came before to this thread. */
  readonly delivered: number;
  readonly reordered: number;
  readonly duplicated: number;
  readonly corrupted: number;
  readonly unexpected: number;
}

/** A port as a queue thread is told of it. */
export interface PortOrder {
  /** Arena address of the driver's record. */
  readonly port: number;
  /** Arena address of the mempool. */
  readonly pool: number;
  /** Arena address of the port's pulse. */
  readonly pulse: number;
  /** Whether this thread's number is one of a receive queue, of a transmit queue. */
  readonly receives: boolean;
  readonly sends: boolean;
}

/** What one thread has moved so far on one port. */
export interface PortCounts {
  /** Rounds of the thread. */
  readonly rounds: number;
  /** Packets that the driver handed over. */
  readonly received: number;
  /** Frames made to be sent, and among them those for which there was no mbuf. */
  readonly offered: number;
  readonly noMbuf: number;
  /** Frames that the driver has not taken yet. */
  readonly pending: number;
  /** Frames given up by the application. */
  readonly unsent: number;
  /** Packets that are no frame of a flow that the thread knows. */
  readonly foreign: number;
}
