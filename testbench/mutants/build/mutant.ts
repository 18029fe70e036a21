/** One passage of a source file in the broken variant. */
export interface Edit {
  /** Path in the package, `driver/loops/rx.ts`. */
  readonly file: string;
  /** Text that stands exactly once in the file. */
  readonly find: string;
  readonly replace: string;
}

/**
 * A deliberately broken variant of the driver or the host, as data: it proves that the clauses
 * which it names can fail. It exists in memory alone, never in the product's files.
 */
export interface Mutant {
  /** Short and stable; it begins with the part that is broken, `rx-no-mbuf-limit`. */
  readonly id: string;
  /** The fault of released drivers that it brings back, `R1`; null where it is another one. */
  readonly row: string | null;
  /** What is wrong with it, in one line. */
  readonly what: string;
  /** Conformance clauses that it fails. */
  readonly fails: readonly string[];
  readonly edits: readonly Edit[];
}

export function edit(file: string, find: string, replace: string): Edit {
  return { file, find, replace };
}
