/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return value;
}

/**
 * Derives a clause's seed from the run's seed and the clause's id. Nothing else enters, so neither the order
 * nor the
 * selection of clauses changes what a clause does.
 */
export function clauseSeed(runSeed: number, id: string): number {
  return hash(`${runSeed} ${id}`);
}

/**
 * Returns the seed of one repetition of a run, counted from 0. The replay command of a failure names this seed,
 * so it
 * needs no `--repeat`.
 */
export function repetitionSeed(runSeed: number, repetition: number): number {
  return (runSeed + repetition) >>> 0;
}
