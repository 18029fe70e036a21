import type { AccessKind } from '../../../shared/mem/watched';

/** Something that runs by itself in a stepped run: a function of a module, in a worker thread. */
export interface ActorSpec {
  readonly name: string;
  /** Path in the package without its extension, `testbench/explore/avp/host`, or an absolute path. */
  readonly module: string;
  /** Name of an exported function `(context: ActorContext, data) => result`. */
  readonly export: string;
  /** Handed to the function; plain data. */
  readonly data?: unknown;
  /** The run does not wait for it: it is told when all others have ended (`ActorContext.over`). */
  readonly service?: boolean;
}

/** Which accesses to memory are points where another actor may get the turn. All given fields have to fit. */
export interface PointRule {
  readonly kinds?: readonly AccessKind[];
  /** Ranges that an actor has marked with this name (`ActorContext.mark`). */
  readonly mark?: string;
}

/** Holds one actor up: when it comes to a certain point, it does not go on for a while. */
export interface StallRule {
  /** Name of the actor. */
  readonly actor: string;
  /** What counts, among the plan's points; every point of the actor where it is left out. */
  readonly at?: PointRule;
  /** Which of those, from 1. */
  readonly occurrence: number;
  /** Counting starts when this name is on the board. */
  readonly after?: string;
  /** How long: milliseconds of virtual time, or until a name is on the board. */
  readonly until: { readonly ms: number } | { readonly posted: string };
}

/** Who decides. Plain data: each actor's thread makes its own scheduler from it. */
export type Strategy =
  /** Nobody is interrupted; who waits hands over to the next in order. */
  | { readonly kind: 'run-to-block' }
  /** At a point another actor gets the turn once in `oneIn` times, at most `preemptions` times; after a wait anybody does. */
  | { readonly kind: 'random'; readonly seed: number; readonly preemptions: number; readonly oneIn?: number }
  /** As run-to-block, with one actor held up. */
  | { readonly kind: 'stall'; readonly stall: StallRule }
  /** The schedule of a former run, decision by decision. */
  | { readonly kind: 'replay'; readonly token: string };

/** Beyond these a run is ended and reported. */
export interface Limits {
  /** Accesses to memory and waits, all actors together. Default 50 million. */
  readonly steps?: number;
  /** Virtual time. Default 60,000. */
  readonly virtualMs?: number;
  /** Real time without an end, for actors that touch no memory any more. Default 60,000. */
  readonly realMs?: number;
}

/** Everything that a stepped run follows from. The same plan and schedule give the same run. */
export interface Plan {
  readonly actors: readonly ActorSpec[];
  /** Accesses at which the scheduler is asked; an actor that waits always asks it. Default none. */
  readonly points?: readonly PointRule[];
  /** Default run-to-block. */
  readonly strategy?: Strategy;
  /** Note accesses without a right and let them through, instead of ending the run. */
  readonly recordViolations?: boolean;
  /** Keep every handing over of the turn, not only those that the scheduler chose otherwise. */
  readonly trace?: boolean;
  readonly limits?: Limits;
}

/** No more actors than bits in a word. */
export const MAX_ACTORS = 30;

export const DEFAULT_LIMITS: Required<Limits> = { steps: 50_000_000, virtualMs: 60_000, realMs: 60_000 };
