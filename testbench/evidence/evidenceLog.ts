import type { SwitchPort } from '../../emulator';
import { type FrameComments, Recorder } from '../traffic/recorder';
import type { Clock } from '../../shared/clock';
import { WireLog, type WireRecord } from './wireLog';
import { TraceLog } from './trace/traceLog';

/** Limit of events. A scenario worth reading has fewer; of a longer one the log keeps the beginning and the end. */
const MAX_EVENTS = 20_000;

/** Packets and events that explain the failure of a run. Plain data, so that threads can exchange it. */
export interface Evidence {
  /** A pcapng file of every port. */
  readonly pcap: Uint8Array;
  readonly wire: WireRecord;
}

/** Selects what a run records. */
export interface EvidenceOptions {
  /** Packets and events, to explain a failure. */
  readonly failure: boolean;
  /** The timeline for a trace viewer. */
  readonly trace: boolean;
}

/** Records the packets at every port of a run, its events, and its timeline. */
export class EvidenceLog {
  readonly log = new WireLog({ frames: 0, frameBytes: 0, events: MAX_EVENTS });
  /** Null where no timeline is to be recorded. */
  readonly trace: TraceLog | null;
  /** Name of the compute node by name of the instance. */
  private readonly nodes = new Map<string, string>();
  private readonly recorder: Recorder | null;

  constructor(clock: Clock, options: EvidenceOptions = { failure: true, trace: false }) {
    const nowNs = (): number => Number(clock.nowNs());
    this.log.timeBy(nowNs);
    this.trace = options.trace ? new TraceLog(nowNs) : null;
    this.recorder = options.failure ? new Recorder({ clock }) : null;
  }

  record(port: SwitchPort, name: string, comments?: FrameComments): void {
    this.recorder?.record(port, name, null, comments);
  }

  /** Notes that an instance runs on a node from now on. */
  place(instance: string, node: string): void {
    this.nodes.set(instance, node);
  }

  /** Name of the node on which an instance runs. */
  nodeOf(instance: string): string {
    return this.nodes.get(instance) ?? 'unknown';
  }

  /** Returns the evidence of a failure, null where none was recorded. */
  kept(): Evidence | null {
    return this.recorder === null ? null : { pcap: this.recorder.toBytes(), wire: this.log.record() };
  }

  stop(): void {
    this.recorder?.stop();
  }
}
