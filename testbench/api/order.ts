import type { Evidence } from '../evidence/evidence';
import type { ScenarioResult } from './result';
import type { TraceRecord } from '../evidence/trace/entries';

/** What a run is asked to do. */
export interface ScenarioOrder {
  readonly file: string;
  readonly seed: number;
  readonly settings: ReadonlyMap<string, string>;
  /** Record the ports. */
  readonly record: boolean;
  /** Note down everything that a failure is explained with. */
  readonly keepEvidence?: boolean;
  /** Keep the timeline for a trace viewer. */
  readonly trace?: boolean;
  /** Folder for the memory of a run that does not pass. */
  readonly dump?: string;
}

/** What a run gives. */
export interface ScenarioRun {
  readonly result: ScenarioResult;
  /** For each expectation that failed, what was found; and the error that ended the run. */
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

/** What a worker gives back: a run, or what was wrong with the order. */
export type ScenarioReport = ScenarioRun | { readonly usage: string };
