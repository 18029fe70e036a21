/** A change of one passage of a source file. */
export interface Edit {
  /** Path in the package, such as `driver/loops/rx.ts`. */
  readonly file: string;
  /** Text that occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
}

/** A deliberately broken variant of the driver or the host, as data. It exists in memory only, never in the product's files. */
export interface BrokenVariant {
  /** Short and stable name in words, such as `rx-no-mbuf-limit`. */
  readonly id: string;
  /** Description of the mistake in one line. */
  readonly what: string;
  readonly edits: readonly Edit[];
}

/**
 * A variant that shows without any race. It proves that the clauses which it names can fail. Its id begins with a
 * chapter of the suite.
 */
export interface Mutant extends BrokenVariant {
  /** Fault of released drivers that the variant reproduces, such as `R1`. Null if no released driver has the fault. */
  readonly row: string | null;
  /** Conformance clauses that the variant fails. */
  readonly fails: readonly string[];
  /**
   * The application on top of the driver when the clauses are run: `on-request` makes a burst when the clause asks
   * for one, `polling` makes them all the time, as DPDK's testpmd does. Default: `on-request`.
   */
  readonly application?: MutantApplication;
}

export type MutantApplication = 'on-request' | 'polling';

/**
 * A variant that shows only against a neighbour that writes anything at any access. It proves that `avp hostile` finds
 * what it is made for. Its id begins with `hostile`.
 */
export interface HostileMutant extends BrokenVariant {
  /** Side of `avp hostile` that finds it. */
  readonly attacks: string;
}

/** Exploration that finds a race. */
export interface Hunt {
  /** A check of `avp explore`. */
  readonly check: string;
  /** The strongest memory model under which the check finds it. */
  readonly memory: 'sc' | 'tso' | 'pso';
  /** Packets of the world. Default: those of the check. */
  readonly packets?: number;
  /** Queue pairs of the world. Default: those of the check. */
  readonly queues?: number;
  /** Burst routines of the world. Default: those of the check. */
  readonly shape?: 'simple' | 'scattered';
}

/**
 * A variant that shows only in some order of the accesses of several actors. It proves that exploration finds what
 * it is made for. Its id begins with `race`.
 */
export type Race = BrokenVariant &
  (
    | {
        readonly hunt: Hunt;
        /** Why the check misses the race: a gap that is to be closed. Absent for a race that is found. */
        readonly missed?: string;
        readonly equivalent?: undefined;
      }
    /** Why no order of accesses tells the variant from the product, under any memory model of `avp explore`. */
    | { readonly equivalent: string; readonly hunt?: undefined; readonly missed?: undefined }
  );

/** A variant of any kind, with the properties of its kind. */
export type AnyVariant = Mutant | HostileMutant | Race;

export function isForClauses(variant: AnyVariant): variant is Mutant {
  return 'fails' in variant;
}

export function isHostile(variant: AnyVariant): variant is HostileMutant {
  return 'attacks' in variant;
}

export function isRace(variant: AnyVariant): variant is Race {
  return !isForClauses(variant) && !isHostile(variant);
}

export function edit(file: string, find: string, replace: string): Edit {
  return { file, find, replace };
}
