import { readBytes } from '#mem';
import type { SwitchPort } from '../../emulator';
import { asHost } from '../../shared/actors';
import type { Clock } from '../../shared/clock';
import { type FrameComments, Recorder } from '../traffic/recorder';
import { Tap, type TapListener } from '../traffic/tap';
import { REPORT_LIMITS, shortened, WireLog, type WireRecord } from './wireLog';
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
  /** The first and last packets, for a page. */
  readonly page?: boolean;
}

/** Records the packets at every port of a run, its events, and its timeline. Each as far as it was asked for. */
export class EvidenceLog {
  readonly log: WireLog;
  /** Null where no timeline is to be recorded. */
  readonly trace: TraceLog | null;
  /** Name of the compute node by name of the instance. */
  private readonly nodes = new Map<string, string>();
  private readonly recorder: Recorder | null;
  private readonly isForPage: boolean;
  private readonly taps: Tap[] = [];

  constructor(clock: Clock, options: EvidenceOptions = { failure: true, trace: false }) {
    const { frames, frameBytes } = options.page === true ? REPORT_LIMITS : { frames: 0, frameBytes: 0 };
    this.isForPage = options.page === true;
    this.log = new WireLog({ frames, frameBytes, events: MAX_EVENTS });
    const nowNs = (): number => Number(clock.nowNs());
    this.log.timeBy(nowNs);
    this.trace = options.trace ? new TraceLog(nowNs) : null;
    this.recorder = options.failure ? new Recorder({ clock }) : null;
  }

  record(port: SwitchPort, name: string, comments?: FrameComments): void {
    this.recorder?.record(port, name, null, comments);
    const tap = this.isForPage ? Tap.insert(port, this.listener(name)) : null;
    if (tap !== null) this.taps.push(tap);
  }

  private listener(name: string): TapListener {
    return {
      onFrame: (direction, address, bytes) => {
        const frame = asHost(() => readBytes(address, bytes));
        this.log.frame(name, direction === 'toEndpoint' ? 'toGuest' : 'fromGuest', frame);
        return false;
      },
    };
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

  /** Returns what a page shows, null where none was asked for. */
  shown(): WireRecord | null {
    return this.isForPage ? shortened(this.log.record(), REPORT_LIMITS) : null;
  }

  stop(): void {
    // Taps of a port must be removed in the reverse order of their insertion.
    for (const tap of this.taps.splice(0).reverse()) tap.remove();
    this.recorder?.stop();
  }
}
