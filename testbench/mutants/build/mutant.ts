/** A change of one passage of a source file. */
export interface Edit {
  /** Path in the package, such as `driver/loops/rx.ts`. */
  readonly file: string;
  /** Text that occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
}

/**
 * A deliberately broken variant of the driver or the host, as data. It proves that the clauses which it names can
 * fail. It exists in memory only, never in the product's files.
 */
export interface Mutant {
  /** Short and stable name that begins with a chapter of the suite, such as `rx-no-mbuf-limit`. */
  readonly id: string;
  /** Fault of released drivers that the variant reproduces, such as `R1`. Null if no released driver has the fault. */
  readonly row: string | null;
  /** Description of the mistake in one line. */
  readonly what: string;
  /** Conformance clauses that the variant fails. */
  readonly fails: readonly string[];
  readonly edits: readonly Edit[];
  /**
   * The application on top of the driver when the clauses are run: `on-request` makes a burst when the clause asks
   * for one, `polling` makes them all the time, as DPDK's testpmd does. Default: `on-request`.
   */
  readonly application?: MutantApplication;
}

export type MutantApplication = 'on-request' | 'polling';

export function edit(file: string, find: string, replace: string): Edit {
  return { file, find, replace };
}
