import { caughtBy } from '../catalog/caughtBy';

/**
 * Tries that are known to catch a variant, by variant and engine. A score begins with them, because that is short,
 * and measures them again.
 */
export type CaughtBy = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** Tries of an engine that have caught a variant before, from the catalog. */
export function knownTries(variant: string, engine: string): readonly string[] {
  return (caughtBy as CaughtBy)[variant]?.[engine] ?? [];
}
