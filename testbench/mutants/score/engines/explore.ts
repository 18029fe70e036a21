/** The engine `explore`: `avp explore` with each scheduler and memory model. */
import type { MemoryModel } from '../../../explore/models/model';
import type { Check, CheckOptions } from '../../../explore/checks/check';
import type { Exploration, SchedulerName } from '../../../explore/search/exploration';
import type { World } from '../../../explore/search/world';
import { shellQuote } from '../../../runtime/shellQuote';
import { type AnyVariant, type BrokenVariant, type Hunt, isRace } from '../../build/mutant';
import type { Sample, ScoreEngine, ScoreSize, TryOrder } from '../engine';
import { knownTries } from '../known';

/** Also the order in which tables show them. */
export const SCORED_SCHEDULERS: readonly SchedulerName[] = ['dfs', 'random', 'pct', 'pos', 'surw'];
/** From the strongest to the weakest. What shows under one shows under those behind it. */
export const SCORED_MEMORIES: readonly MemoryModel[] = ['sc', 'tso', 'pso'];

/** Depth of PCT, one more than most races need. */
const DEPTH = 4;
const PREEMPTIONS = 2;
/** Depths and length of the searches for a race that no cell has shown. */
const LONG_DEPTHS = [4, 3];
const LONG_SCHEDULES = 10_000;
/** Number of seeds after which the score stops if none of them has found anything. */
const GIVE_UP_AFTER = 2;
/** A cell takes no further seed once its seeds together have made so many times the schedules of one. */
export const MOST_ROUNDS = 2;
/** Schedulers, and seeds, under a memory model that is weaker than a race needs. Figures are medians over all races. */
const WEAK_SCHEDULERS: readonly SchedulerName[] = ['pct', 'pos'];
const WEAK_SEEDS = 1;
/** Schedules of each exploration of the product, which the tests of the checks explore longer. */
const CLEAN_SCHEDULES = 100;
const LIMIT_MS = 3_600_000;

/** Checks in which a variant that nothing tells from the product must find nothing: both have all steps of a burst. */
const QUIET_CHECKS = ['rx-burst', 'detach'];
const QUIET_SCHEDULES = 300;

/** A cell of the comparison: a check, a scheduler and a memory model. */
export interface Cell {
  readonly check: string;
  readonly scheduler: SchedulerName;
  readonly options: CheckOptions;
  /** Depth of PCT; null for the usual one. */
  readonly depth: number | null;
  /** Schedules after which nothing is found; null for those of the score. */
  readonly schedules: number | null;
}

/** Writes a cell as one line, such as `detach pct tso queues=2`. */
function cellText(check: string, scheduler: SchedulerName, memory: MemoryModel, numbers: object): string {
  const given = Object.entries(numbers).map(([name, value]) => `${name}=${String(value)}`);
  return [check, scheduler, memory, ...given].join(' ');
}

/** Reads what `cellText` has written. */
export function cellOf(how: string): Cell {
  const [check, scheduler, memory, ...given] = how.split(' ') as [string, SchedulerName, MemoryModel, ...string[]];
  const { depth, schedules, ...size } = Object.fromEntries(
    given.map((one) => {
      const [name, value] = one.split('=') as [string, string];
      return [name, name === 'shape' ? value : Number(value)];
    }),
  ) as Omit<CheckOptions, 'memory'> & { readonly depth?: number; readonly schedules?: number };
  return { check, scheduler, options: { ...size, memory }, depth: depth ?? null, schedules: schedules ?? null };
}

function cells(hunt: Hunt, schedulers: readonly SchedulerName[], memories: readonly MemoryModel[]): string[] {
  const { check, memory: _strongest, ...size } = hunt;
  return memories.flatMap((memory) => schedulers.map((scheduler) => cellText(check, scheduler, memory, size)));
}

function checks(): readonly Check[] {
  return (require('../../../explore/checks') as typeof import('../../../explore/checks')).CHECKS;
}

function exists(how: string): boolean {
  return checks().some(({ name }) => name === cellOf(how).check);
}

/** Every check, with the scheduler that finds most. */
function everyCheck(memory: MemoryModel): string[] {
  return checks().flatMap(({ name }) => cells({ check: name, memory }, ['pct'], [memory]));
}

function triesOf(variant: AnyVariant, all: boolean): string[] {
  if (!isRace(variant)) return all ? everyCheck('sc') : [];
  const { hunt, missed } = variant;
  if (hunt === undefined)
    return QUIET_CHECKS.map((check) => cellText(check, 'pct', 'pso', { schedules: QUIET_SCHEDULES }));
  const weaker = SCORED_MEMORIES.slice(SCORED_MEMORIES.indexOf(hunt.memory) + 1);
  if (all) return [...cells(hunt, SCORED_SCHEDULERS, SCORED_MEMORIES), ...everyCheck(hunt.memory)];
  if (missed !== undefined) return cells(hunt, ['pct'], [hunt.memory]);
  return [...cells(hunt, SCORED_SCHEDULERS, [hunt.memory]), ...cells(hunt, WEAK_SCHEDULERS, weaker)];
}

/** Long searches for a race that no cell has shown. Those that are known to be missed are searched for only if asked. */
function lastResort(variant: AnyVariant, all: boolean): string[] {
  if (!isRace(variant) || variant.hunt === undefined || (variant.missed !== undefined && !all)) return [];
  const { check, memory, ...size } = variant.hunt;
  return LONG_DEPTHS.map((depth) => cellText(check, 'pct', memory, { ...size, depth, schedules: LONG_SCHEDULES }));
}

/** The last world of this thread. Its variant is compiled once for all that is tried on it. */
let made: { readonly key: string; readonly world: World } | null = null;

function worldOf({ check, options }: Cell, variant: string | null): World {
  const given: CheckOptions = variant === null ? options : { ...options, mutant: variant };
  const key = JSON.stringify([check, given]);
  if (made?.key !== key) {
    const { findCheck } = require('../../../explore/checks/find') as typeof import('../../../explore/checks/find');
    made = { key, world: findCheck(check).make(given) };
  }
  return made.world;
}

function sampleOf(exploration: Exploration, schedules: number): Sample {
  const from = performance.now();
  const ended = (caught: boolean, detail: string): Sample => ({
    caught,
    cases: exploration.state.schedules,
    durationMs: performance.now() - from,
    detail,
  });
  while (exploration.state.schedules < schedules) {
    const found = exploration.advance();
    if (found !== null) return ended(true, [found.cause, ...found.details].join('; '));
    if (exploration.state.complete) break;
  }
  return ended(false, '');
}

/** Tells that further seeds would not change the median, or would take too long for what they add. */
function saysNoMore(samples: readonly Sample[], seeds: number, schedules: number): boolean {
  const misses = samples.filter(({ caught }) => !caught).length;
  if (misses * 2 > seeds || (misses === samples.length && misses >= GIVE_UP_AFTER)) return true;
  return samples.reduce((sum, { cases }) => sum + cases, 0) >= MOST_ROUNDS * schedules;
}

/** Seeds of a cell. */
function seedsOf({ scheduler, options }: Cell, variant: AnyVariant | null, { seeds }: ScoreSize): number {
  // Depth first there is nothing to draw.
  if (scheduler === 'dfs') return 1;
  if (variant === null || !isRace(variant)) return seeds;
  const { hunt } = variant;
  // Nothing is expected, so that another seed says nothing else.
  if (hunt === undefined) return 1;
  return hunt.memory === options.memory ? seeds : Math.min(seeds, WEAK_SEEDS);
}

function run({ how, variant, seed, size }: TryOrder, broken: BrokenVariant | null): Promise<Sample[]> {
  const { Exploration } =
    require('../../../explore/search/exploration') as typeof import('../../../explore/search/exploration');
  const cell = cellOf(how);
  const world = worldOf(cell, variant);
  const { scheduler, depth, schedules } = cell;
  const most = variant === null ? Math.min(CLEAN_SCHEDULES, size.schedules) : (schedules ?? size.schedules);
  const seeds = seedsOf(cell, broken as AnyVariant | null, size);
  const samples: Sample[] = [];
  for (let i = 0; i < seeds; i++) {
    const bounds = { depth: depth ?? DEPTH, preemptions: PREEMPTIONS, reduce: true, shrink: false };
    const exploration = new Exploration(world, { scheduler, seed: seed + i, ...bounds });
    samples.push(sampleOf(exploration, most));
    if (saysNoMore(samples, seeds, most)) break;
  }
  return Promise.resolve(samples);
}

function command({ how, variant, seed, size }: TryOrder): string {
  const { check, scheduler, options, depth, schedules } = cellOf(how);
  const flags = Object.entries({ ...options, mutant: variant }).flatMap(([name, value]) =>
    value === null || value === undefined ? [] : [`--${name} ${value}`],
  );
  const depthFlag = scheduler === 'pct' ? [`--depth ${depth ?? DEPTH}`] : [];
  const counts = [`--schedules ${schedules ?? size.schedules}`, `--seed ${seed}`];
  return ['npx avp explore', shellQuote(check), `--scheduler ${scheduler}`, ...depthFlag, ...flags, ...counts].join(
    ' ',
  );
}

export const exploreEngine: ScoreEngine = {
  name: 'explore',
  about: 'small worlds in many interleavings, with each scheduler and memory model',
  unit: 'schedules',
  thread: 'explored',
  limitMs: LIMIT_MS,
  catchesHangs: false,
  oneIsEnough: false,
  lacking: () => null,
  triesOf: (variant, { all }) =>
    [...new Set([...knownTries(variant.id, 'explore'), ...triesOf(variant, all)])].filter(exists),
  lastResort: (variant, { all }) => lastResort(variant, all).filter(exists),
  run,
  command,
};
