/** Schedulers and memory models side by side, on the races of a score. */
import { cellOf, SCORED_MEMORIES, SCORED_SCHEDULERS } from './engines/explore';
import type { MutantScore, ScoreReport, TryScore } from './report';

/** Score of one scheduler on one race, under one memory model. */
export interface RaceCell {
  readonly scheduler: string;
  readonly memory: string;
  readonly score: TryScore;
}

/** A race with its cells of the check that is made for it. */
export interface ComparedRace {
  readonly id: string;
  readonly check: string;
  /** The strongest memory model under which a scheduler found it; the strongest that was tried where none did. */
  readonly memory: string;
  readonly cells: readonly RaceCell[];
}

/** One scheduler under one memory model, over all races that were tried there. */
export interface Compared {
  readonly scheduler: string;
  readonly memory: string;
  readonly tried: number;
  /** Races that at least half of the seeds found. */
  readonly found: number;
  /** Median over these of the schedules up to the find, and of the time; null where it found none. */
  readonly schedules: number | null;
  readonly durationMs: number | null;
}

/** The lower median; null of nothing. */
export function median(values: readonly number[]): number | null {
  return values.toSorted((one, other) => one - other)[Math.ceil(values.length / 2) - 1] ?? null;
}

/** Searches of a special depth or length are no part of the comparison. */
function isPlain(how: string): boolean {
  const { depth, schedules } = cellOf(how);
  return depth === null && schedules === null;
}

function cellsOf({ engines }: MutantScore): { readonly check: string; readonly cell: RaceCell }[] {
  const tries = engines.filter(({ engine }) => engine === 'explore').flatMap((one) => one.tries);
  return tries
    .filter(({ how }) => isPlain(how))
    .map((score) => {
      const { check, scheduler, options } = cellOf(score.how);
      return { check, cell: { scheduler, memory: options.memory, score } };
    });
}

/** The races on which all schedulers were tried. */
export function comparedRaces({ mutants }: ScoreReport): ComparedRace[] {
  return mutants
    .filter(({ race, equivalent }) => race && equivalent === null)
    .flatMap((mutant): ComparedRace[] => {
      const all = cellsOf(mutant);
      const check = all[0]?.check;
      const cells = all.filter((one) => one.check === check).map(({ cell }) => cell);
      const schedulers = new Set(cells.map(({ scheduler }) => scheduler));
      if (check === undefined || schedulers.size < SCORED_SCHEDULERS.length) return [];
      const tried = SCORED_MEMORIES.filter((memory) => cells.some((cell) => cell.memory === memory));
      const shown = tried.find((memory) => cells.some((cell) => cell.memory === memory && cell.score.caught > 0));
      return [{ id: mutant.id, check, memory: shown ?? tried[0]!, cells }];
    });
}

/** Compares each scheduler under each memory model. */
export function comparison(races: readonly ComparedRace[]): Compared[] {
  return SCORED_SCHEDULERS.flatMap((scheduler) =>
    SCORED_MEMORIES.map((memory) => {
      const cells = races.flatMap((race) =>
        race.cells.filter((cell) => cell.scheduler === scheduler && cell.memory === memory),
      );
      const found = cells.filter(({ score }) => score.cases !== null);
      return {
        scheduler,
        memory,
        tried: cells.length,
        found: found.length,
        schedules: median(found.map(({ score }) => score.cases!)),
        durationMs: median(found.map(({ score }) => score.durationMs)),
      };
    }),
  );
}

/** For a scheduler, the median schedules of each race under the strongest model that shows it; null for a miss. */
export function findsOf(scheduler: string, races: readonly ComparedRace[]): (number | null)[] {
  return races.map(
    ({ memory, cells }) =>
      cells.find((cell) => cell.scheduler === scheduler && cell.memory === memory)?.score.cases ?? null,
  );
}

/** A scheduler over all races, each under the strongest model that shows it. */
export interface Ranked {
  readonly scheduler: string;
  readonly found: number;
  readonly schedules: number | null;
}

/** The schedulers, the one that finds most races first; of equals, the one that needs fewer schedules. */
export function ranking(races: readonly ComparedRace[]): Ranked[] {
  return SCORED_SCHEDULERS.map((scheduler): Ranked => {
    const finds = findsOf(scheduler, races).filter((value) => value !== null);
    return { scheduler, found: finds.length, schedules: median(finds) };
  }).sort((one, other) => other.found - one.found || (one.schedules ?? Infinity) - (other.schedules ?? Infinity));
}
