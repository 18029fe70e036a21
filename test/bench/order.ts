import type { Evidence } from './evidence';
import type { ScenarioResult } from './result';

/** What a run is asked to do. */
export interface ScenarioOrder {
  readonly file: string;
  readonly seed: number;
  readonly settings: ReadonlyMap<string, string>;
  /** Record the ports. */
  readonly record: boolean;
  /** Note down everything that a failure is explained with. */
  readonly keepEvidence?: boolean;
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
}

/** What a worker gives back: a run, or what was wrong with the order. */
export type ScenarioReport = ScenarioRun | { readonly usage: string };
