import { fnv1a } from '../../shared/fnv1a';

/**
 * Derives a clause's seed from the run's seed and the clause's id. Nothing else enters, so neither the order
 * nor the selection of clauses changes what a clause does.
 */
export function clauseSeed(runSeed: number, id: string): number {
  return fnv1a(`${runSeed} ${id}`);
}

/**
 * Returns the seed of one repetition of a run, counted from 0. The replay command of a failure names this seed,
 * so it needs no `--repeat`.
 */
export function repetitionSeed(runSeed: number, repetition: number): number {
  return (runSeed + repetition) >>> 0;
}
