import type { SwitchPort } from '../../emulator';
import type { Clock } from '../../shared/clock';
import type { Expectation } from '../api/result';
import { EvidenceLog } from '../evidence/evidenceLog';
import { type FrameComments, Recorder } from '../traffic/recorder';
import type { RunOrder, ScenarioRun } from './order';
import { valueText } from './valueText';

/** Recorders of a run in one thread: packets for `--pcap`, and packets, events and timeline as evidence. */
export class RunRecords {
  /** Null where neither a bundle nor a trace nor a page was asked for. */
  readonly evidence: EvidenceLog | null;
  private readonly recorder: Recorder | null;
  /** Packets that were recorded elsewhere, as a pcapng file; null where this recorder has them. */
  private foreign: Uint8Array | null = null;

  /** @param recordedPorts the ports that `--pcap` records, null for all. */
  constructor(
    clock: Clock,
    { record, keepEvidence = false, trace = false, page = false }: RunOrder,
    private readonly recordedPorts: readonly string[] | null,
  ) {
    this.recorder = record ? new Recorder({ clock }) : null;
    const options = { failure: keepEvidence, trace: trace || page, page };
    this.evidence = keepEvidence || trace || page ? new EvidenceLog(clock, options) : null;
  }

  /**
   * Records a port under a name.
   * @param comments makes a source of comments on frames. Each recording gets its own, because a source remembers
   *   which comments it has given.
   */
  record(port: SwitchPort, name: string, comments?: () => FrameComments): void {
    this.evidence?.record(port, name, comments?.());
    if (this.recordedPorts === null || this.recordedPorts.includes(name))
      this.recorder?.record(port, name, null, comments?.());
  }

  /** Takes a pcapng file that was recorded elsewhere in place of everything recorded here. */
  replacePackets(pcap: Uint8Array): void {
    this.foreign = pcap;
  }

  /** Adds an expectation to the events. */
  expectation({ what, ok }: Expectation, actual: unknown): void {
    this.evidence?.log.event('bench', null, `expects: ${what}`, ok ? 'it does' : `no: ${valueText(actual)}`);
    this.evidence?.trace?.instant({ process: 'bench', thread: 'expectations' }, `${ok ? 'met' : 'missed'}: ${what}`);
  }

  /** Returns the records so far. */
  kept(): Pick<ScenarioRun, 'pcap' | 'evidence' | 'trace' | 'wire'> {
    const evidence = this.evidence?.kept() ?? null;
    return {
      pcap: this.recorder === null ? null : (this.foreign ?? this.recorder.toBytes()),
      evidence: evidence === null || this.foreign === null ? evidence : { ...evidence, pcap: this.foreign },
      trace: this.evidence?.trace?.record() ?? null,
      wire: this.evidence?.shown() ?? null,
    };
  }

  /** Ends the recordings; the records stay. */
  stop(): void {
    // Taps of a port must be removed in the reverse order of their insertion.
    this.recorder?.stop();
    this.evidence?.stop();
  }
}
