import type { AccessKind } from '../../../shared/mem/watched';

/** An actor of a stepped run: a function of a module that runs in a worker thread. */
export interface ActorSpec {
  readonly name: string;
  /** Path in the package without its extension, `testbench/explore/avp/host`, or an absolute path. */
  readonly module: string;
  /** Name of an exported function `(context: ActorContext, data) => result`. */
  readonly export: string;
  /** Second argument of the function; plain data. */
  readonly data?: unknown;
  /** The run does not wait for this actor, which learns from `ActorContext.over` that the others have ended. */
  readonly service?: boolean;
}

/** Selects the accesses to memory after which another actor may get the turn. All given fields have to fit. */
export interface PointRule {
  readonly kinds?: readonly AccessKind[];
  /** Ranges that an actor has marked with this name (`ActorContext.mark`). */
  readonly mark?: string;
}

/** Length of a hold: milliseconds of virtual time, or until a message is on the board. */
export type Hold = { readonly ms: number } | { readonly posted: string };

/** Holds one actor up at a chosen point. */
export interface StallRule {
  /** Name of the actor. */
  readonly actor: string;
  /** Rule for the plan's points that count. Default: every point of the actor. */
  readonly at?: PointRule;
  /** At which of those points it is held up, from 1. */
  readonly occurrence: number;
  /** Counting starts when the message of this name is on the board. */
  readonly after?: string;
  readonly until: Hold;
}

/** Strategy for passing the turn. Plain data: each actor's thread makes its own scheduler from it. */
export type Strategy =
  /** No actor is interrupted; one that waits hands over to the next in order. */
  | { readonly kind: 'run-to-block' }
  /** At a point, once in `oneIn` times and at most `preemptions` times, another actor gets the turn; after a wait any. */
  | { readonly kind: 'random'; readonly seed: number; readonly preemptions: number; readonly oneIn?: number }
  /** Run-to-block, with one actor held up. */
  | { readonly kind: 'stall'; readonly stall: StallRule }
  /** The schedule of a former run, repeated decision by decision. */
  | { readonly kind: 'replay'; readonly token: string };

/** Limits of a run; one that exceeds them is ended and reported. */
export interface Limits {
  /** Accesses to memory and waits, all actors together. Default 50 million. */
  readonly steps?: number;
  /** Virtual time. Default 60,000. */
  readonly virtualMs?: number;
  /** Real time without any step, for actors that hang. Default 60,000. */
  readonly realMs?: number;
}

/** Everything that determines a stepped run. The same plan and schedule give the same run. */
export interface Plan {
  readonly actors: readonly ActorSpec[];
  /** Accesses at which the scheduler is asked; it is always asked when an actor waits. Default none. */
  readonly points?: readonly PointRule[];
  /** Default run-to-block. */
  readonly strategy?: Strategy;
  /** Record accesses without a right and carry them out, instead of ending the run. */
  readonly recordViolations?: boolean;
  /** Keep every handover of the turn, not only those that differ from run-to-block. */
  readonly trace?: boolean;
  /** Keep what the actors offer as evidence (`ActorContext.keep`). */
  readonly evidence?: boolean;
  readonly limits?: Limits;
}

/** Sets of actors are kept as bits of a word. */
export const MAX_ACTORS = 30;

export const DEFAULT_LIMITS: Required<Limits> = { steps: 50_000_000, virtualMs: 60_000, realMs: 60_000 };
