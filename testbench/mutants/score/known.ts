import { caughtBy } from '../catalog/caughtBy';

/** What is known to catch a variant, by engine: tries that begin with these are short. A score measures them again. */
export type CaughtBy = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** Tries of an engine that have caught a variant before, from the catalog. */
export function knownTries(variant: string, engine: string): readonly string[] {
  return (caughtBy as CaughtBy)[variant]?.[engine] ?? [];
}
