import type { DropCounts } from './drops';
import type { FaultOrder } from './faults';

/** A run in which one fault is put. Invariants judge it afterwards, instead of the scenario. */
export interface TrialOrder {
  readonly fault: FaultOrder;
  /** List the operations that the fault could strike, and strike none. */
  readonly survey: boolean;
}

/** An operation that a fault could have struck. */
export interface SeenOperation {
  /** The run's time. */
  readonly atMs: number;
  readonly what: string;
}

/**
 * How a NIC came to carry traffic again: nothing was needed, or it took another attach, the application's configure and
 * start, or a device in its place.
 */
export type Recovery = 'went on' | 're-attached' | 'restarted' | 'replugged';

/** Outcome of a trial. */
export interface TrialReport {
  /** Every operation in order, if the run was a survey. */
  readonly operations: readonly SeenOperation[];
  readonly fired: number;
  /** Why the scenario could not go on; null where its body came to its end. */
  readonly ended: string | null;
  /** Invariants that do not hold, one line each; empty if all do. */
  readonly broken: readonly string[];
  readonly lostByCause: DropCounts;
  /** By NIC. */
  readonly recovery: Readonly<Record<string, Recovery>>;
}
