import type { Engine } from '../../shared/engine';
import type { FaultOrder } from '../api/faults';
import type { TrialOrder, TrialReport } from '../api/trial';
import type { Mode, ScenarioResult } from '../api/result';
import type { Evidence } from '../evidence/evidenceLog';
import type { TraceRecord } from '../evidence/trace/traceRecord';
import type { WireRecord } from '../evidence/wireLog';

/** Options of a run besides its scenario, mode and settings. */
export interface RunOrder {
  /** Seed of the run: everything random follows from it. */
  readonly seed: number;
  /** Record the packets at the ports as pcapng. */
  readonly record: boolean;
  /** Keep the packets and events that explain a failure. */
  readonly keepEvidence?: boolean;
  /** Keep the timeline for a trace viewer. */
  readonly trace?: boolean;
  /** Keep what the page of the run shows: the timeline, events, and the first and last packets. */
  readonly page?: boolean;
  /** Folder to which the memory of a run that does not pass is written. */
  readonly dump?: string;
  /** Engine of driver and host. Default: the mode's own. `wasm` removes the watched memory of a mode that has it. */
  readonly engine?: Engine;
  /** Faults that are put before the scenario's body runs. */
  readonly faults?: readonly FaultOrder[];
  /** Put one fault, and judge the run by its invariants. Only a bench in the calling thread can do that. */
  readonly trial?: TrialOrder;
  /** Limit of real time. The scenario's own, or the default, where it is left out. */
  readonly realMs?: number;
}

/** An order in the thread that carries it out. */
export interface LocalOrder extends RunOrder {
  /** Rejects where something outside the scenario's body ends the run, such as an exception in a timer. */
  readonly interruption?: Promise<never>;
}

/** A run of a scenario as the command line asks for it. Plain data. */
export interface ScenarioOrder extends RunOrder {
  /** Path of the scenario's file. */
  readonly file: string;
  /** Default: the scenario's first mode. */
  readonly mode?: Mode;
  /** Settings as the user gave them, without defaults. */
  readonly settings: ReadonlyMap<string, string>;
}

/** The result of a run and everything that it recorded. Plain data. */
export interface ScenarioRun {
  /** The result, as `avp run --json` writes it. */
  readonly result: ScenarioResult;
  /** For each failed expectation the value that was found; then the error that ended the run. */
  readonly details: readonly string[];
  /** Packets at the ports, as a pcapng file; null unless `record` was set. */
  readonly pcap: Uint8Array | null;
  /** Packets and events; null unless `keepEvidence` or `trace` was set. */
  readonly evidence: Evidence | null;
  /** The timeline; null unless `trace` or `page` was set. */
  readonly trace: TraceRecord | null;
  /** Events, and the first and last packets at every port; null unless `page` was set. Modes that keep no packets leave it out. */
  readonly wire?: WireRecord | null;
  /** Outcome of the trial; null where the order has none. */
  readonly trial?: TrialReport | null;
  /** Virtual time of the first failure; null for none, left out in a mode whose time is the real one. */
  readonly failedAtMs?: number | null;
  /** True if the memory was written to the folder `dump`. */
  readonly dumped: boolean;
}
