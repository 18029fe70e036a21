import type { AccessKind } from '../../../shared/mem/watched';
import type { Deviation } from './token';

/** Ways in which a stepped run ends. */
export type Outcome =
  /** All actors except the services have ended. */
  | 'done'
  /** An actor threw. */
  | 'failed'
  /** All actors wait, and no wait can end. */
  | 'deadlock'
  /** The run exceeded a limit of steps or of virtual time. */
  | 'limit'
  /** An actor neither ended nor touched memory for too long. */
  | 'stuck'
  /** The schedule to follow does not fit the run. */
  | 'mismatch';

/** Why a run ended early. */
export interface Abort {
  readonly kind: Exclude<Outcome, 'done' | 'stuck'>;
  readonly what: string;
  /** Stack of the actor's error. */
  readonly stack?: string;
}

/** A decision that differs from run-to-block, and where it fell. */
export interface DeviationNote extends Deviation {
  readonly timeNs: number;
  /** The actor that had the turn. */
  readonly by: number;
  /** The access after which it fell, for a hold or in a traced run; otherwise empty. */
  readonly where: string;
}

/** The turn passed from one actor to another. */
export interface Handover {
  readonly decision: number;
  readonly timeNs: number;
  readonly from: number;
  readonly to: number;
}

/** A note of an actor or of the scheduler, or an access without a right. */
export interface TimelineEntry {
  /** Position among all entries of the run. */
  readonly order: number;
  /** Virtual time in milliseconds. */
  readonly timeMs: number;
  /** Name of the actor. */
  readonly actor: string;
  /** The note, or the access. */
  readonly what: string;
}

/** An access that its actor had no right to, in a run that records them. */
export interface ViolationNote {
  readonly order: number;
  readonly timeMs: number;
  readonly actor: string;
  readonly kind: AccessKind;
  readonly bytes: number;
  /** The range or allocation that lies there, and the offset into it. */
  readonly at: string;
  /** The function that made the access. */
  readonly where: string;
}

/** Report of an actor's thread once the actor has ended. */
export interface ActorReport {
  readonly run: number;
  readonly result: unknown;
  readonly abort: Abort | null;
  /** Event that the actor was waiting for when the run was aborted; null if it was not waiting. */
  readonly waitingFor: string | null;
  readonly deviations: readonly DeviationNote[];
  readonly handovers: readonly Handover[];
  readonly timeline: readonly TimelineEntry[];
  readonly violations: readonly ViolationNote[];
  /** Number of violations, including those that were not kept. */
  readonly violationCount: number;
  /** Evidence of the actor, by name; empty unless the plan keeps evidence. */
  readonly kept: Readonly<Record<string, unknown>>;
}

/** A stepped run that has ended well. */
export interface SteppedRun {
  /** Repeats the run: `{ kind: 'replay', token }`. */
  readonly token: string;
  /** Return value of each actor, by its name. */
  readonly results: Readonly<Record<string, unknown>>;
  readonly timeline: readonly TimelineEntry[];
  readonly violations: readonly ViolationNote[];
  readonly violationCount: number;
  /** Evidence of all actors, by name; empty unless the plan keeps evidence. */
  readonly kept: Readonly<Record<string, unknown>>;
  /** The decisions that differ from run-to-block. */
  readonly deviations: readonly DeviationNote[];
  /** Every handover of the turn, where the plan asked for a trace. */
  readonly handovers: readonly Handover[];
  readonly decisions: number;
  readonly steps: number;
  /** Virtual time at the end. */
  readonly timeMs: number;
}
