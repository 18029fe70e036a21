import type { SwitchPort } from '../../emulator';
import { type FrameComments, Recorder } from '../traffic/recorder';
import type { Clock } from '../../shared/clock';
import { WireLog, type WireRecord } from './wireLog';
import { TraceLog } from './trace/traceLog';

/** More events than any scenario that people read has; of a longer one the beginning and the end. */
const MAX_EVENTS = 20_000;

/** What is kept of a run, to explain its failure. Plain data that one thread can send to another. */
export interface Evidence {
  /** A pcapng file of every port. */
  readonly pcap: Uint8Array;
  readonly wire: WireRecord;
}

/** What a run is to keep. */
export interface EvidenceWishes {
  /** What explains a failure: packets and events. */
  readonly failure: boolean;
  /** The timeline for a trace viewer. */
  readonly trace: boolean;
}

/** Collects everything that a run is explained with: what crossed every port, and the events. */
export class EvidenceLog {
  readonly log = new WireLog({ frames: 0, frameBytes: 0, events: MAX_EVENTS });
  /** Null where no trace is wanted. */
  readonly trace: TraceLog | null;
  /** The compute node of each instance, by names. */
  private readonly nodes = new Map<string, string>();
  private readonly recorder: Recorder | null;

  constructor(clock: Clock, wishes: EvidenceWishes = { failure: true, trace: false }) {
    const nowNs = (): number => Number(clock.nowNs());
    this.log.timeBy(nowNs);
    this.trace = wishes.trace ? new TraceLog(nowNs) : null;
    this.recorder = wishes.failure ? new Recorder({ clock }) : null;
  }

  record(port: SwitchPort, name: string, comments?: FrameComments): void {
    this.recorder?.record(port, name, null, comments);
  }

  /** An instance runs on a node from now on. */
  place(instance: string, node: string): void {
    this.nodes.set(instance, node);
  }

  /** Name of the node on which an instance runs. */
  nodeOf(instance: string): string {
    return this.nodes.get(instance) ?? 'unknown';
  }

  /** Null where nothing that explains a failure was wanted. */
  kept(): Evidence | null {
    return this.recorder === null ? null : { pcap: this.recorder.toBytes(), wire: this.log.record() };
  }

  stop(): void {
    this.recorder?.stop();
  }
}
