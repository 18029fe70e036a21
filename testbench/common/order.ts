import type { Mode, ScenarioResult } from '../api/result';
import type { Evidence } from '../evidence/evidenceLog';
import type { TraceRecord } from '../evidence/trace/traceRecord';

/** What a run is asked for, besides its scenario, mode and settings. */
export interface RunOrder {
  readonly seed: number;
  /** Record the ports. */
  readonly record: boolean;
  /** Keep packets and events that explain a failure. */
  readonly keepEvidence?: boolean;
  /** Keep the timeline for a trace viewer. */
  readonly trace?: boolean;
  /** Folder for the memory of a run that does not pass. */
  readonly dump?: string;
}

/** A run of a scenario as the command line asks for it. Plain data. */
export interface ScenarioOrder extends RunOrder {
  readonly file: string;
  /** The scenario's first mode where it is left out. */
  readonly mode?: Mode;
  /** As the user gave them. */
  readonly settings: ReadonlyMap<string, string>;
}

/** Everything that a run leaves. Plain data. */
export interface ScenarioRun {
  readonly result: ScenarioResult;
  /** What was found for each expectation that failed; then the error that ended the run. */
  readonly details: readonly string[];
  /** A pcapng file, null where none was asked for. */
  readonly pcap: Uint8Array | null;
  /** Null where none was asked for. */
  readonly evidence: Evidence | null;
  /** Null where none was asked for. */
  readonly trace: TraceRecord | null;
  /** Whether the memory was written to the folder that was named. */
  readonly dumped: boolean;
}
