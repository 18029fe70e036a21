import type { Key } from './key';

/**
 * The seam between a search and what it explores. A world has actors, which share memory, and runs them one step at
 * a time in one thread. A search decides at each step which one goes on. Neither knows more of the other than this.
 */

/**
 * Kind of the access that a choice makes next. `copy` reads a second range. A fill is a `store` of its length. A
 * `none` step touches nothing that another actor sees.
 */
export type AccessKind = 'load' | 'store' | 'acquireLoad' | 'releaseStore' | 'rmw' | 'fence' | 'copy' | 'none';

/**
 * One thing that may happen next in a run. Objects may be reused from one call of `choices` to the next, so a search
 * that keeps one copies it.
 *
 * - `step`: the actor makes its access, then runs up to its next one. Ends its hold.
 * - `drain`: a store leaves the actor's store buffer. The address, length and site are those of the store.
 * - `hold`: the actor is kept out. Virtual time may pass although it could go on. The world bounds holds by progress.
 * - `time`: virtual time passes to the next deadline, although a held actor could go on. `actor` is -1.
 *
 * A step that has to wait for stores of its own actor (a fence, a read-modify-write, a load that overlaps a buffered
 * store partly) is no choice until they have drained. So each choice makes one access.
 */
export interface Choice {
  /** Index of the actor that goes on, or whose store buffer drains, or that is held; -1 for time. */
  readonly actor: number;
  readonly kind: 'step' | 'drain' | 'hold' | 'time';
  /** The access that the choice makes, which says what it depends on. */
  readonly access: AccessKind;
  /** First byte of the access; for a copy the first byte written. 0 where nothing is accessed. */
  readonly address: number;
  /** In bytes. 0 where nothing is accessed. */
  readonly length: number;
  readonly write: boolean;
  /**
   * The access touches its actor's store buffer only: a store that goes into it, or a load that it answers. Others
   * see nothing of it before the store drains. Of a copy, only the written range.
   */
  readonly buffered: boolean;
  /** First byte that a copy reads, `length` bytes; -1 for any other access. */
  readonly source: number;
  /** Source position, an index into `World.sites`; -1 where there is none. */
  readonly site: number;
}

/** Effect of a choice, known before it is taken. */
export interface Effect {
  /** Value that the actor gets from an access of up to four bytes; 0 for any other. */
  readonly read: number;
  /**
   * - `nothing`: no store, or a compare-and-exchange that fails.
   * - `value`: `written`, into up to four bytes.
   * - `bytes`: any number of bytes, which follow from what the actor has read and from the source of a copy.
   * - `rights`: not the bytes of the range, but the rights to them: `written`.
   */
  readonly writes: 'nothing' | 'value' | 'bytes' | 'rights';
  readonly written: number;
  /** True if the choice ends the count of `Run.idlePasses`. */
  readonly changes: boolean;
  /** True if the actor has no right to the access, which an oracle will report. */
  readonly faulty: boolean;
}

/**
 * A run of a world. One at a time: `World.begin` ends the former one.
 *
 * A reduction takes two runs for equal if each actor has made the same accesses and read the same values, has looked
 * at the clock at moments that lie as far apart and as far back, and if memory holds the same. What an actor does may
 * depend on how much time has passed between two moments, and not on the moments themselves. So all by which one actor influences another, or an
 * oracle, has to be an access: a change of rights is a `store` of its range, a message a store of its word.
 */
export interface Run {
  /** Everything that may happen now, in a fixed order; empty when the run is over. One choice needs no decision. */
  choices(): readonly Choice[];
  /** Index of the actor that made a step last, -1 at first. A drain changes nothing here. */
  readonly current: number;
  /**
   * True while the current actor could go on, or waits for its own store buffer only. Leaving it is a preemption. Once
   * it has had to wait for anything else, that is over until its next step: it has been left already.
   */
  readonly canGoOn: boolean;
  /** True while an actor waits for its own stores to drain, before a fence for instance. */
  draining(actor: number): boolean;
  /** True while an actor waits until a word of this range changes. */
  awaited(address: number, length: number): boolean;
  /** True where time could pass but for stores that have not drained: it does not pass before they have. */
  readonly timeIsDue: boolean;
  /** Tells what `choices()[index]` would do; not for `time`. The object is used again for the next answer. */
  foresee(index: number): Effect;
  /** Does what `choices()[index]` says. */
  take(index: number): void;
  /** True if the actor has looked at the clock in the step that was taken last, or has begun to sleep. */
  readonly lookedAtClock: boolean;
  /**
   * True if the actor that made the last step is at a place where `knowledgeInto` may tell all that it knows: it has
   * ended, or sleeps between two rounds of its work.
   */
  readonly settled: boolean;
  /**
   * True if an actor can know a moment of virtual time from before the run. It may depend on what former runs have
   * shown.
   */
  remembers(actor: number): boolean;
  /**
   * Mixes all that this actor knows into a key, which holds a hash of nothing before. Moments of virtual time count
   * from the present one.
   * @returns `timed` where it knows of any; `unknown` where it cannot be told what the actor knows, and so how it got
   *   there has to stand for it.
   */
  knowledgeInto(key: Key): 'timed' | 'timeless' | 'unknown';
  /** Number of times that virtual time has passed since the last change, as far as it bounds further passes. */
  readonly idlePasses: number;
  /** Value that the last step loaded or stored, for showing. 0 where it has none. */
  readonly value: number;
  /** Virtual time, in nanoseconds. */
  readonly timeNs: number;
  /** True once a milestone of `World.milestones` has been passed. */
  reached(milestone: number): boolean;
  /**
   * Judges the run, after its end. Null if all oracles hold.
   * @param thorough include the checks that are too slow for each run.
   */
  judge(thorough: boolean): Failure | null;
  /** Hash of all that the run did; equal for equal schedules. */
  hash(): number;
}

/** A failure that an oracle found. */
export interface Failure {
  /** One line. The same bug gives the same line in each schedule, so it names no counts or addresses. */
  readonly cause: string;
  readonly details: readonly string[];
}

export interface World {
  readonly name: string;
  /** Names of the actors. */
  readonly actors: readonly string[];
  /** Source positions, `folder/file.ts:line`. May grow while runs go on. */
  readonly sites: readonly string[];
  /** Named events of a run that a hold can wait for, such as `detached`. */
  readonly milestones: readonly string[];
  /**
   * Number of words known to be shared by two actors. Accesses to others are no choices. It may grow during a run;
   * a depth-first search then begins again.
   */
  readonly sharedWords: number;
  /** Fingerprint of all that determines a run besides its choices: check, options, code. */
  readonly fingerprint: number;
  /** Addresses of the words that are known to be shared, in ascending order. */
  sharedAddresses(): readonly number[];
  /**
   * Takes exactly these words for shared, and forgets who has touched which word so far. A search begins with it, so
   * that a schedule is the same in each process and after any other schedules.
   */
  setShared(addresses: readonly number[]): void;
  begin(): Run;
  /** Name of the word at an address, for people: `rx[0].write`. */
  describe(address: number): string;
}
