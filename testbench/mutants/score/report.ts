/** The score as data: what `avp mutants --json` writes, and all that its page is made from. */
import { type AnyVariant, isForClauses, isRace } from '../build/mutant';
import type { Sample } from './engine';

/** Outcome of one try with all its seeds. */
export interface TryScore {
  /** A clause, a check with scheduler and memory model, a test file, a scenario with a fault. */
  readonly how: string;
  /** Seeds that were tried. */
  readonly samples: number;
  /** Seeds that caught the variant. */
  readonly caught: number;
  /** Median of the cases up to the catch; null where fewer than half of the seeds caught it. */
  readonly cases: number | null;
  /** Median time of a seed. */
  readonly durationMs: number;
  /** The first report; empty for none. */
  readonly detail: string;
}

/** Score of one engine on one variant. */
export interface EngineScore {
  /** Name of the engine. */
  readonly engine: string;
  /** True if a try caught the variant. */
  readonly caught: boolean;
  /** Cases that it took; null where it did not catch the variant. */
  readonly cases: number | null;
  /** Time of all tries. */
  readonly durationMs: number;
  /** Outcomes of the tries, in order. */
  readonly tries: readonly TryScore[];
}

/** Score of all engines on one variant. */
export interface MutantScore {
  /** Id of the variant. */
  readonly id: string;
  /** The mistake, in one line. */
  readonly what: string;
  /** Fault of released drivers that it brings back. */
  readonly row: string | null;
  /** True for a variant that only a schedule shows. */
  readonly race: boolean;
  /** Why nothing can tell it from the product; null for all others. */
  readonly equivalent: string | null;
  /** True if an engine caught it. */
  readonly caught: boolean;
  /** Engines that caught it. */
  readonly by: readonly string[];
  /** Fewest cases of an engine; null where none caught it. */
  readonly cases: number | null;
  /** Time of all engines, summed. */
  readonly durationMs: number;
  /** Score of each engine. */
  readonly engines: readonly EngineScore[];
}

/** A try on the unchanged product, which must report nothing. */
export interface CleanTry {
  /** Name of the engine. */
  readonly engine: string;
  /** The try, as in `TryScore.how`. */
  readonly how: string;
  /** Cases of all seeds, summed. */
  readonly cases: number;
  /** Time of all seeds, summed. */
  readonly durationMs: number;
  /** Its report; null for none. */
  readonly report: string | null;
  /** The command that repeats it. */
  readonly replay: string;
}

/** A clause, and the variants that fail it. */
export interface ClauseScore {
  /** Id of the clause, `CHAPTER/NUMBER`. */
  readonly id: string;
  /** Level of the clause. */
  readonly level: 'MUST' | 'SHOULD';
  /** Ids of the variants that fail it. */
  readonly variants: readonly string[];
}

/** An engine, and why it did not take part; null if it did. */
export interface EngineText {
  /** Name of the engine. */
  readonly name: string;
  /** One line. */
  readonly about: string;
  /** Name of its unit of work: `clauses`, `schedules`. */
  readonly unit: string;
  /** Reason why the engine did not take part; null if it did. */
  readonly lacking: string | null;
}

/** A part of a measurement. */
export interface Shard {
  /** Number of the part, from 1. */
  readonly index: number;
  /** Number of all parts. */
  readonly count: number;
}

/** Settings with which a score was made. */
export interface ScoreSelection {
  /** Variants that were asked for; empty for all. */
  readonly ids: readonly string[];
  /** Engines that were asked for; empty for all. */
  readonly engines: readonly string[];
  /** Seeds of a try that samples. */
  readonly seeds: number;
  /** Schedules of an exploration, after which it has found nothing. */
  readonly schedules: number;
  /** True if everything was tried, and not only the known catches. */
  readonly all: boolean;
  /** Part of the work, counted from 1; null for all of it. */
  readonly shard: Shard | null;
  /** Variants and tries on the product of all shards together. */
  readonly items: number;
}

/** Result of a measurement, as `avp mutants --json` writes it. */
export interface ScoreReport {
  /** First seed. */
  readonly seed: number;
  /** Date and time of the start, ISO 8601. */
  readonly startedAt: string;
  /** Time of the measurement. */
  readonly durationMs: number;
  /** Settings of the measurement. */
  readonly selection: ScoreSelection;
  /** All engines, those that took part and those that could not. */
  readonly engines: readonly EngineText[];
  /** Score of each variant. */
  readonly mutants: readonly MutantScore[];
  /** Clauses, each with the variants that fail it. */
  readonly clauses: readonly ClauseScore[];
  /** Tries on the unchanged product. */
  readonly clean: readonly CleanTry[];
  /** Reports on the unchanged product. */
  readonly cleanReports: number;
  /** Variants that no engine caught, apart from those that nothing can tell from the product. */
  readonly notCaught: readonly string[];
  /** Variants that an engine caught although the catalog says that nothing can. */
  readonly wronglyEquivalent: readonly string[];
  /** Missing where all was tried. */
  readonly endedBy?: string;
}

/** The lower median. A seed that caught nothing counts as infinite. */
function medianOf(values: readonly number[]): number | null {
  const middle = values.toSorted((one, other) => (one === other ? 0 : one - other))[Math.ceil(values.length / 2) - 1];
  return middle !== undefined && Number.isFinite(middle) ? middle : null;
}

/** Longest report that is kept of a try. */
const DETAIL_CHARACTERS = 300;

export function tryScore(how: string, samples: readonly Sample[]): TryScore {
  const said = samples.find(({ detail }) => detail !== '');
  return {
    how,
    samples: samples.length,
    caught: samples.filter(({ caught }) => caught).length,
    cases: medianOf(samples.map(({ caught, cases }) => (caught ? cases : Infinity))),
    durationMs: Math.round(medianOf(samples.map(({ durationMs }) => durationMs)) ?? 0),
    detail: (said?.detail ?? '').replace(/\s+/g, ' ').slice(0, DETAIL_CHARACTERS),
  };
}

/** The tries of an engine on a variant, with their samples. */
export interface EngineTries {
  readonly engine: string;
  /** One catch ends the tries, so that the cases of those before it count too. */
  readonly oneIsEnough: boolean;
  readonly tries: readonly { readonly how: string; readonly samples: readonly Sample[] }[];
}

/** Cases up to the first catch, where tries follow each other until one catches. */
function casesInARow({ tries }: EngineTries): number | null {
  let sum = 0;
  for (const { samples } of tries)
    for (const { cases, caught } of samples) {
      sum += cases;
      if (caught) return sum;
    }
  return null;
}

function least(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.min(...known);
}

function sumOfMs(samples: readonly Sample[]): number {
  return samples.reduce((sum, { durationMs }) => sum + durationMs, 0);
}

function engineScore(given: EngineTries): EngineScore {
  const tries = given.tries.map(({ how, samples }) => tryScore(how, samples));
  const caught = tries.some((one) => one.caught > 0);
  return {
    engine: given.engine,
    caught,
    cases: given.oneIsEnough ? casesInARow(given) : least(tries.map(({ cases }) => cases)),
    durationMs: Math.round(given.tries.reduce((sum, { samples }) => sum + sumOfMs(samples), 0)),
    tries,
  };
}

type About = Pick<MutantScore, 'id' | 'what' | 'row' | 'race' | 'equivalent'>;

function scoreOf({ id, what, row, race, equivalent }: About, engines: readonly EngineScore[]): MutantScore {
  const by = engines.filter(({ caught }) => caught).map(({ engine }) => engine);
  return {
    id,
    what,
    row,
    race,
    equivalent,
    caught: by.length > 0,
    by,
    cases: least(engines.map(({ cases }) => cases)),
    durationMs: engines.reduce((sum, { durationMs }) => sum + durationMs, 0),
    engines,
  };
}

/** The fault of released drivers that a variant brings back; null for none. */
export function rowOf(variant: AnyVariant): string | null {
  return isForClauses(variant) ? variant.row : null;
}

export function mutantScore(variant: AnyVariant, given: readonly EngineTries[]): MutantScore {
  const { id, what } = variant;
  const row = rowOf(variant);
  const equivalent = isRace(variant) ? (variant.equivalent ?? null) : null;
  return scoreOf({ id, what, row, race: isRace(variant), equivalent }, given.map(engineScore));
}

/** Joins the scores of different engines on one variant. */
export function joinedScore(scores: readonly MutantScore[]): MutantScore {
  return scoreOf(
    scores[0]!,
    scores.flatMap(({ engines }) => engines),
  );
}

export function cleanTry(engine: string, how: string, samples: readonly Sample[], replay: string): CleanTry {
  const said = samples.find(({ detail }) => detail !== '');
  return {
    engine,
    how,
    cases: samples.reduce((sum, { cases }) => sum + cases, 0),
    durationMs: Math.round(sumOfMs(samples)),
    report: said === undefined ? null : said.detail,
    replay,
  };
}

/** The figures that follow from the outcomes. */
export function totalsOf(
  mutants: readonly MutantScore[],
  clean: readonly CleanTry[],
): Pick<ScoreReport, 'cleanReports' | 'notCaught' | 'wronglyEquivalent'> {
  return {
    cleanReports: clean.filter(({ report }) => report !== null).length,
    notCaught: mutants.filter(({ caught, equivalent }) => !caught && equivalent === null).map(({ id }) => id),
    wronglyEquivalent: mutants.filter(({ caught, equivalent }) => caught && equivalent !== null).map(({ id }) => id),
  };
}

/** Tells whether a score is good: every variant caught that can be, and nothing reported on the product. */
export function isGood({ cleanReports, notCaught, wronglyEquivalent, endedBy }: ScoreReport): boolean {
  return cleanReports === 0 && notCaught.length === 0 && wronglyEquivalent.length === 0 && endedBy === undefined;
}
