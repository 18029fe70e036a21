import { MEMORY_MODELS, type MemoryModel } from '../models/model';
import { DepthFirst } from '../search/depthFirst';
import { ProgramWorld } from './programWorld';
import { LITMUS, type Litmus } from './tests';

/** Outcomes of a litmus test under one memory model. */
export interface LitmusCell {
  readonly seen: readonly string[];
  /** Outcomes that the model allows and nothing showed. */
  readonly missing: readonly string[];
  /** Outcomes that the model forbids. */
  readonly forbidden: readonly string[];
  /** The relaxed outcome was seen. */
  readonly relaxed: boolean;
  readonly schedules: number;
}

export interface LitmusRow {
  readonly name: string;
  readonly relaxed: string;
  readonly cells: Readonly<Record<MemoryModel, LitmusCell>>;
}

/** Runs a litmus test in every order that a model allows. */
export function runLitmus(litmus: Litmus, memory: MemoryModel, reduce = true): LitmusCell {
  const { name, programs, finals, outcomes, relaxed } = litmus;
  const seen = new Set<string>();
  const world = new ProgramWorld({
    name,
    memory,
    programs,
    judge: (results, load) => {
      seen.add([...results, ...finals.map(load)].filter((one) => one !== '').join(' '));
      return null;
    },
  });
  const search = new DepthFirst(world, { preemptions: Infinity, reduce });
  let schedules = 0;
  for (let one = search.next(); one !== null; one = search.next()) {
    schedules++;
    if (one.complete) one.run.judge(true);
  }
  return {
    seen: [...seen].sort(),
    missing: outcomes[memory].filter((one) => !seen.has(one)),
    forbidden: [...seen].filter((one) => !outcomes[memory].includes(one)),
    relaxed: seen.has(relaxed),
    schedules,
  };
}

/** Runs all litmus tests under all models. */
export function litmusTable(): readonly LitmusRow[] {
  return LITMUS.map((litmus) => ({
    name: litmus.name,
    relaxed: litmus.relaxed,
    cells: Object.fromEntries(MEMORY_MODELS.map((model) => [model, runLitmus(litmus, model)])) as LitmusRow['cells'],
  }));
}

/** True where each model showed exactly what it allows. */
export function litmusHolds(rows: readonly LitmusRow[]): boolean {
  return rows.every(({ cells }) =>
    Object.values(cells).every(({ missing, forbidden }) => missing.length + forbidden.length === 0),
  );
}

/** The table as text: whether each model showed the relaxed outcome, and in how many schedules. */
export function litmusText(rows: readonly LitmusRow[]): string {
  const width = Math.max(...rows.map(({ name }) => name.length));
  const lines = rows.flatMap(({ name, relaxed, cells }) => {
    const columns = MEMORY_MODELS.map((model) => {
      const { relaxed: shown, schedules } = cells[model];
      return `${shown ? 'seen ' : 'never'} (${schedules})`.padEnd(16);
    });
    const wrong = MEMORY_MODELS.flatMap((model) => [
      ...cells[model].missing.map((one) => `  ${model} allows ${one}, which was not seen`),
      ...cells[model].forbidden.map((one) => `  ${model} forbids ${one}, which was seen`),
    ]);
    return [`${name.padEnd(width)}  ${relaxed.padEnd(8)}  ${columns.join('')}`.trimEnd(), ...wrong];
  });
  const head = `${'test'.padEnd(width)}  outcome   ${MEMORY_MODELS.map((model) => model.padEnd(16)).join('')}`;
  return [head.trimEnd(), ...lines].join('\n');
}
