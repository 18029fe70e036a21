import type { EngineScore, MutantScore, ScoreReport, TryScore } from '../../../../../testbench/mutants/score/report';
import { totalsOf } from '../../../../../testbench/mutants/score/report';

export function tried(how: string, cases: number | null, samples = 3): TryScore {
  return { how, samples, caught: cases === null ? 0 : samples, cases, durationMs: 5, detail: '' };
}

export function engineScore(engine: string, tries: readonly TryScore[]): EngineScore {
  const caught = tries.some((one) => one.caught > 0);
  return { engine, caught, cases: caught ? 1 : null, durationMs: 10, tries };
}

/** Makes the score of a variant, as a measurement could have returned it. */
export function someMutant(id: string, engines: readonly EngineScore[], over: Partial<MutantScore> = {}): MutantScore {
  const by = engines.filter(({ caught }) => caught).map(({ engine }) => engine);
  return {
    id,
    what: `the mistake ${id}`,
    row: null,
    race: false,
    equivalent: null,
    caught: by.length > 0,
    by,
    cases: by.length > 0 ? 1 : null,
    durationMs: 10,
    engines,
    ...over,
  };
}

/** A result with these variants, and nothing reported on the product. */
export function someReport(mutants: readonly MutantScore[], over: Partial<ScoreReport> = {}): ScoreReport {
  const clean = over.clean ?? [];
  return {
    seed: 1,
    startedAt: '2026-11-30T00:00:00.000Z',
    durationMs: 100,
    selection: { ids: [], engines: [], seeds: 3, schedules: 1_000, all: false, shard: null, items: mutants.length },
    engines: [{ name: 'conform', about: 'clauses', unit: 'clauses', lacking: null }],
    mutants,
    clauses: [],
    clean,
    ...totalsOf(mutants, clean),
    ...over,
  };
}
