/** The interface between the score and its engines. An engine is a way to look for mistakes in driver and host. */
import type { AnyVariant, BrokenVariant } from '../build/mutant';

/**
 * A thread in which tries run. `watched`: the package's modules as a variant has them, on memory that checks each
 * access. `source`: the same from the TypeScript source, with the project's own tests. `explored`: plain memory, where
 * exploration compiles each variant by itself.
 */
export type ThreadKind = 'watched' | 'source' | 'explored';

/** Size of the effort. */
export interface ScoreSize {
  /** Seeds of a try that samples. */
  readonly seeds: number;
  /** Schedules of an exploration, after which it has found nothing. */
  readonly schedules: number;
  /** Make every try, instead of those alone that are known to catch a variant. */
  readonly all: boolean;
}

/** One try of an engine on a variant, as its thread gets it. Plain data. */
export interface TryOrder {
  readonly engine: string;
  /** Id of the variant; null for the unchanged product. */
  readonly variant: string | null;
  /** The try in the engine's notation: a clause, a check with scheduler and memory model, a test file. */
  readonly how: string;
  readonly seed: number;
  readonly size: ScoreSize;
}

/** Outcome of a try with one seed. */
export interface Sample {
  readonly caught: boolean;
  /** Cases up to the one that caught the variant, or all that ran. */
  readonly cases: number;
  readonly durationMs: number;
  /** Report of the engine; empty for none. */
  readonly detail: string;
}

/** An engine of the score. `engines/index.ts` lists them all; each is one file beside it. */
export interface ScoreEngine {
  readonly name: string;
  /** One line for `avp mutants --list`. */
  readonly about: string;
  /** Name of its unit of work, for tables: `clauses`, `schedules`. */
  readonly unit: string;
  readonly thread: ThreadKind;
  /** Time limit for one try with all its seeds. */
  readonly limitMs: number;
  /** A try that never ends, or ends its thread, counts as caught: the engine would report that too. */
  readonly catchesHangs: boolean;
  /** The first try that catches a variant ends its tries. Otherwise each try says something of its own. */
  readonly oneIsEnough: boolean;
  /** Why the engine cannot run here; null where it can. */
  lacking(): string | null;
  /** Returns the tries for a variant, the likeliest to catch it first. */
  triesOf(variant: AnyVariant, size: ScoreSize): readonly string[];
  /** Returns further tries, which take long, for a variant that none of `triesOf` has caught. Default: none. */
  lastResort?(variant: AnyVariant, size: ScoreSize): readonly string[];
  /**
   * Carries out a try, in a thread of its kind, which has chosen the variant. Returns a sample for each seed, fewer
   * where more would say nothing new.
   */
  run(order: TryOrder, variant: BrokenVariant | null): Promise<Sample[]>;
  /** The command that repeats a try by itself; null where only `avp mutants` can. */
  command(order: TryOrder): string | null;
}
