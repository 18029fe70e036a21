import type { AccessKind } from '../../../shared/mem/watched';
import type { Deviation } from './token';

/** How a stepped run ended. */
export type Outcome =
  /** All actors that it waits for have ended. */
  | 'done'
  /** An actor threw. */
  | 'failed'
  /** All actors wait for ever. */
  | 'deadlock'
  /** It went beyond a limit of steps or of virtual time. */
  | 'limit'
  /** An actor neither ended nor touched memory for too long. */
  | 'stuck'
  /** It was to follow a schedule that does not fit it. */
  | 'mismatch';

/** Why a run ended early. */
export interface Abort {
  readonly kind: Exclude<Outcome, 'done' | 'stuck'>;
  readonly what: string;
  /** Of an error. */
  readonly stack?: string;
}

/** A decision that was another one than run-to-block's, and where it fell. */
export interface DeviationNote extends Deviation {
  readonly timeNs: number;
  /** Actor that had the turn. */
  readonly by: number;
  /** The access, for a hold or in a run that is traced; else empty. */
  readonly where: string;
}

/** The turn went from one actor to another. */
export interface Handover {
  readonly decision: number;
  readonly timeNs: number;
  readonly from: number;
  readonly to: number;
}

/** Something worth telling: by an actor itself, by the scheduler, or an access without a right. */
export interface TimelineEntry {
  /** Place among all entries of the run. */
  readonly order: number;
  readonly timeMs: number;
  readonly actor: string;
  readonly what: string;
}

/** An access that its actor had no right to, in a run that records them. */
export interface ViolationNote {
  readonly order: number;
  readonly timeMs: number;
  readonly actor: string;
  readonly kind: AccessKind;
  readonly bytes: number;
  /** What lies there, and how far into it. */
  readonly at: string;
  /** The function that made it. */
  readonly where: string;
}

/** What an actor's thread says at its end. */
export interface ActorReport {
  readonly run: number;
  readonly result: unknown;
  readonly abort: Abort | null;
  /** What it was waiting for when the run was aborted, null where it was not. */
  readonly waitingFor: string | null;
  readonly deviations: readonly DeviationNote[];
  readonly handovers: readonly Handover[];
  readonly timeline: readonly TimelineEntry[];
  readonly violations: readonly ViolationNote[];
  /** All of them, also those that were not kept. */
  readonly violationCount: number;
}

/** A stepped run that has ended well. */
export interface SteppedRun {
  /** Repeats the run: `{ kind: 'replay', token }`. */
  readonly token: string;
  /** What each actor returned, by its name. */
  readonly results: Readonly<Record<string, unknown>>;
  readonly timeline: readonly TimelineEntry[];
  readonly violations: readonly ViolationNote[];
  readonly violationCount: number;
  /** Where the scheduler decided otherwise than run-to-block. */
  readonly deviations: readonly DeviationNote[];
  /** Every handing over of the turn, where the plan asked for a trace. */
  readonly handovers: readonly Handover[];
  readonly decisions: number;
  readonly steps: number;
  /** Virtual time at the end. */
  readonly timeMs: number;
}
