/** Measures what catches the broken variants (`avp mutants`). */
import { UsageError } from '../../../shared/errors';
import { didYouMean } from '../../../shared/nearest';
import { allVariants } from '../catalog';
import { clauseScores } from './clauses';
import type { AnyVariant } from '../build/mutant';
import type { Sample, ScoreEngine, ScoreSize, TryOrder } from './engine';
import { ENGINES } from './engines';
import {
  type CleanTry,
  cleanTry,
  type EngineTries,
  mutantScore,
  type MutantScore,
  type ScoreReport,
  type Shard,
  totalsOf,
} from './report';
import { type Job, runJobs } from './threads';

/** Progress of a measurement. */
export interface ScoreProgress {
  /** Engines that are through with a variant, or with a try on the product. */
  readonly done: number;
  /** Number that `done` reaches at the end. */
  readonly all: number;
  /** Reports on the product so far. */
  readonly failed: number;
}

export interface ScoreSettings extends ScoreSize {
  /** Variants to measure; empty for all. */
  readonly ids: readonly string[];
  /** Engines that take part; empty for all. */
  readonly engines: readonly string[];
  /** First seed; the tries of a sampling engine take the seeds that follow. */
  readonly seed: number;
  /** Number of threads. */
  readonly jobs: number;
  /** Part of the work to do; null for all of it. */
  readonly shard: Shard | null;
  /** Ends the measurement early: the report then has `endedBy`. */
  readonly stop: AbortSignal;
  /** Called after each try, with the try in words. */
  readonly onProgress: (tried: string, progress: ScoreProgress) => void;
  /** Variants to measure in place of the catalog's. Tests set them. */
  readonly variants?: readonly AnyVariant[];
}

/** @throws UsageError for an id that no variant has */
export function variantsNamed(
  ids: readonly string[],
  variants: readonly AnyVariant[] = allVariants,
): readonly AnyVariant[] {
  const known = variants.map(({ id }) => id);
  const unknown = ids.find((id) => !known.includes(id));
  if (unknown !== undefined)
    throw new UsageError(
      `there is no broken variant '${unknown}': ${didYouMean(unknown, known, 'avp mutants --list shows all')}`,
    );
  return ids.length === 0 ? variants : variants.filter(({ id }) => ids.includes(id));
}

/** @throws UsageError for a name that no engine has, and where a named engine cannot run here */
export function enginesNamed(names: readonly string[]): readonly ScoreEngine[] {
  const known = ENGINES.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new UsageError(
      `there is no engine '${unknown}': ${didYouMean(unknown, known, `expected ${known.join(', ')}`)}`,
    );
  const named = ENGINES.filter(({ name }) => names.includes(name));
  for (const engine of named) {
    const lacking = engine.lacking();
    if (lacking !== null) throw new UsageError(`engine ${engine.name}: ${lacking}`);
  }
  return names.length === 0 ? ENGINES.filter((engine) => engine.lacking() === null) : named;
}

/** A variant with its tries by engine, or one try on the product. */
type Item =
  | { readonly variant: AnyVariant; readonly tries: ReadonlyMap<ScoreEngine, readonly string[]> }
  | { readonly variant: null; readonly engine: ScoreEngine; readonly how: string };

function itemsOf(settings: ScoreSettings): Item[] {
  const engines = enginesNamed(settings.engines);
  const variants = variantsNamed(settings.ids, settings.variants);
  const items: Item[] = variants.map((variant) => ({
    variant,
    tries: new Map(engines.map((engine) => [engine, engine.triesOf(variant, settings)] as const)),
  }));
  const clean = engines.flatMap((engine) => {
    const hows = new Set(items.flatMap((item) => (item.variant === null ? [] : (item.tries.get(engine) ?? []))));
    return [...hows].map((how): Item => ({ variant: null, engine, how }));
  });
  return [...items, ...clean];
}

/** Outcomes of one item, as its jobs bring them. */
interface Measured {
  readonly item: Item;
  readonly tries: Map<ScoreEngine, { readonly how: string; readonly samples: readonly Sample[] }[]>;
  /** Jobs that have not ended. */
  pending: number;
}

class Measurement {
  readonly measured: Measured[];
  private done = 0;
  private all = 0;
  private reported = 0;

  constructor(
    private readonly settings: ScoreSettings,
    items: readonly Item[],
  ) {
    this.measured = items.map((item) => ({ item, tries: new Map(), pending: 0 }));
  }

  jobs(): Job[] {
    const jobs = this.measured.flatMap((one) => {
      const { item } = one;
      if (item.variant === null) return [this.job(one, item.engine, null, [item.how], [])];
      const { variant } = item;
      return [...item.tries].map(([engine, hows]) =>
        this.job(one, engine, variant.id, hows, engine.lastResort?.(variant, this.settings) ?? []),
      );
    });
    this.all = jobs.length;
    return jobs;
  }

  private job(
    one: Measured,
    engine: ScoreEngine,
    variant: string | null,
    hows: readonly string[],
    lastHows: readonly string[],
  ): Job {
    const outcomes: { readonly how: string; readonly samples: readonly Sample[] }[] = [];
    one.tries.set(engine, outcomes);
    one.pending++;
    const orderOf = (how: string): TryOrder => this.order(engine, variant, how);
    return {
      engine,
      orders: hows.map(orderOf),
      lastResort: lastHows.map(orderOf),
      onTried: (order, samples) => {
        outcomes.push({ how: order.how, samples });
        if (variant === null && samples.some(({ detail }) => detail !== '')) this.reported++;
        this.settings.onProgress(`${engine.name} ${variant ?? 'product'} ${order.how}`, this.progress());
      },
      onEnd: () => {
        one.pending--;
        this.done++;
      },
    };
  }

  private order(engine: ScoreEngine, variant: string | null, how: string): TryOrder {
    const { seed, seeds, schedules, all } = this.settings;
    // One seed is enough on the product: its tries are those of all variants together.
    const size: ScoreSize = { seeds: variant === null ? 1 : seeds, schedules, all };
    return { engine: engine.name, variant, how, seed, size };
  }

  private progress(): ScoreProgress {
    const { done, all, reported } = this;
    return { done, all, failed: reported };
  }

  /** The variants with which all engines are through: all of them, unless the run was stopped. */
  mutants(): MutantScore[] {
    return this.measured.flatMap(({ item, tries, pending }) =>
      item.variant === null || pending > 0
        ? []
        : [
            mutantScore(
              item.variant,
              [...tries].map(([{ name: engine, oneIsEnough }, outcomes]): EngineTries => ({
                engine,
                oneIsEnough,
                tries: outcomes,
              })),
            ),
          ],
    );
  }

  clean(): CleanTry[] {
    return this.measured.flatMap(({ item, tries }) => {
      if (item.variant !== null) return [];
      const { engine, how } = item;
      const replay = engine.command(this.order(engine, null, how)) ?? `npx avp mutants --engine ${engine.name}`;
      return (tries.get(engine) ?? []).map(({ samples }) => cleanTry(engine.name, how, samples, replay));
    });
  }
}

/**
 * Measures which engines catch which variants, and that none reports anything on the product.
 * @throws UsageError for an unknown variant or engine.
 */
export async function measureScore(settings: ScoreSettings): Promise<ScoreReport> {
  const startedAt = new Date();
  const { ids, engines, seeds, schedules, all, shard, seed, stop } = settings;
  const items = itemsOf(settings);
  const own = shard === null ? items : items.filter((_item, i) => i % shard.count === shard.index - 1);
  const measurement = new Measurement(settings, own);
  await runJobs(measurement.jobs(), settings.jobs, stop);
  const mutants = measurement.mutants();
  const clean = measurement.clean();
  return {
    seed,
    startedAt: startedAt.toISOString(),
    durationMs: Date.now() - startedAt.getTime(),
    selection: { ids, engines, seeds, schedules, all, shard, items: items.length },
    engines: ENGINES.map((engine) => {
      const { name, about, unit } = engine;
      const isLeftOut = engines.length > 0 && !engines.includes(name);
      return { name, about, unit, lacking: isLeftOut ? 'it was not asked for' : engine.lacking() };
    }),
    mutants,
    clauses: clauseScores(mutants),
    clean,
    ...totalsOf(mutants, clean),
    ...(stop.aborted ? { endedBy: `${String(stop.reason)} ended it` } : {}),
  };
}
