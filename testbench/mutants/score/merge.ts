import { isDeepStrictEqual } from 'node:util';
import { UsageError } from '../../../shared/errors';
import { missingShards } from '../../conformance/report';
import { clauseScores } from './clauses';
import { type CleanTry, type EngineText, joinedScore, type MutantScore, type ScoreReport, totalsOf } from './report';
import type { ScoreFile } from './result';

/** Properties that must be equal in all parts of a run, by the name that messages use. */
function commonOf({ report, toolVersion }: ScoreFile): Readonly<Record<string, unknown>> {
  const { ids, seeds, schedules, all } = report.selection;
  return {
    'version of the tool': toolVersion,
    seed: report.seed,
    'selected variants': ids,
    '--all': all,
    'number of seeds': seeds,
    'number of schedules': schedules,
  };
}

/** Properties that must be equal in all shards, beside those. */
function commonOfShards({ report }: ScoreFile): Readonly<Record<string, unknown>> {
  return {
    'number of variants and tries': report.selection.items,
    'engines that took part': enginesIn(report),
  };
}

function enginesIn({ engines }: ScoreReport): string[] {
  return engines.filter(({ lacking }) => lacking === null).map(({ name }) => name);
}

function text(value: unknown): string {
  return Array.isArray(value) ? `[${value.join(' ')}]` : String(value);
}

type Common = (part: ScoreFile) => Readonly<Record<string, unknown>>;

function requireSameRun(first: ScoreFile, other: ScoreFile, common: Common): void {
  const wanted = common(first);
  for (const [name, value] of Object.entries(common(other)))
    if (!isDeepStrictEqual(value, wanted[name]))
      throw new UsageError(
        `${first.path} and ${other.path} are no parts of one run: ${name} is ${text(wanted[name])} and ${text(value)}`,
      );
}

function shardOf({ report }: ScoreFile): { readonly index: number; readonly count: number } {
  return report.selection.shard ?? { index: 1, count: 1 };
}

/** The shards that are missing or ended early, such as `2/3`. */
function missingIn(places: ReadonlyMap<number, ScoreFile>, count: number): string[] {
  return Array.from({ length: count }, (_unused, i) => i + 1)
    .filter((index) => places.get(index)?.report.endedBy !== undefined || !places.has(index))
    .map((index) => `${index}/${count}`);
}

/** The parts by their shard. @throws UsageError where one is there twice, or has another number of shards. */
function placesOf(parts: readonly ScoreFile[]): ReadonlyMap<number, ScoreFile> {
  const { count } = shardOf(parts[0]!);
  const places = new Map<number, ScoreFile>();
  for (const part of parts) {
    const shard = shardOf(part);
    const former = places.get(shard.index);
    if (shard.count !== count)
      throw new UsageError(`${parts[0]!.path} is one of ${count} shards, ${part.path} one of ${shard.count}`);
    if (former !== undefined)
      throw new UsageError(`${former.path} and ${part.path} are both shard ${shard.index}/${count}: give each once`);
    places.set(shard.index, part);
  }
  return places;
}

type Item = { readonly mutant: MutantScore } | { readonly clean: CleanTry };

/** Restores the order of the run without shards: item k is in part k mod n. */
function interleave(parts: readonly ScoreFile[]): Item[] {
  const lists = parts.map(({ report }): Item[] => [
    ...report.mutants.map((mutant) => ({ mutant })),
    ...report.clean.map((clean) => ({ clean })),
  ]);
  const longest = Math.max(...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_unused, row) => lists.flatMap((list) => list.slice(row, row + 1))).flat();
}

/** Options of a merge. */
export interface ScoreMergeOptions {
  /** Accept that shards are missing or ended early. The merged score is incomplete then. */
  readonly partial?: boolean;
}

/** Merges the shards of the same engines. @throws UsageError as `mergeScores` does. */
function mergeShards(parts: readonly ScoreFile[], { partial = false }: ScoreMergeOptions): ScoreReport {
  const first = parts[0]!;
  for (const part of parts) requireSameRun(first, part, commonOfShards);
  const places = placesOf(parts);
  const { count } = shardOf(first);
  const missing = missingIn(places, count);
  if (missing.length > 0 && !partial)
    throw new UsageError(
      `shard ${missing.join(', ')} is missing or ended early: give the results of all ${count} shards, or merge what there is with --partial`,
    );
  const items = interleave([...places].sort(([one], [other]) => one - other).map(([, part]) => part));
  const mutants = items.flatMap((item) => ('mutant' in item ? [item.mutant] : []));
  const clean = items.flatMap((item) => ('clean' in item ? [item.clean] : []));
  const { seed, selection, engines } = first.report;
  return {
    seed,
    startedAt: parts.map(({ report }) => report.startedAt).sort()[0]!,
    durationMs: parts.reduce((sum, { report }) => sum + report.durationMs, 0),
    selection: { ...selection, shard: null },
    engines,
    mutants,
    clauses: clauseScores(mutants),
    clean,
    ...totalsOf(mutants, clean),
    ...(missing.length === 0 ? {} : { endedBy: missingShards(missing) }),
  };
}

/** An engine that took part in one of the runs took part in all together. */
function joinedEngines(runs: readonly ScoreReport[]): EngineText[] {
  const names = new Set(runs.flatMap(({ engines }) => engines.map(({ name }) => name)));
  return [...names].map((name) => {
    const texts = runs.flatMap(({ engines }) => engines.filter((engine) => engine.name === name));
    return texts.find(({ lacking }) => lacking === null) ?? texts[0]!;
  });
}

/** Puts runs of different engines side by side. @throws UsageError where an engine is in two of them. */
function join(runs: readonly ScoreReport[]): ScoreReport {
  const all = runs.flatMap(enginesIn);
  const twice = all.find((name, i) => all.indexOf(name) < i);
  if (twice !== undefined) throw new UsageError(`engine ${twice} is in two of the runs: give each once`);
  const byId = new Map<string, MutantScore[]>();
  for (const { mutants } of runs)
    for (const mutant of mutants) byId.set(mutant.id, [...(byId.get(mutant.id) ?? []), mutant]);
  const mutants = [...byId.values()].map(joinedScore);
  const clean = runs.flatMap((run) => run.clean);
  const endings = runs.flatMap(({ endedBy }) => (endedBy === undefined ? [] : [endedBy]));
  const [first] = runs as [ScoreReport];
  return {
    ...first,
    startedAt: runs.map(({ startedAt }) => startedAt).sort()[0]!,
    durationMs: runs.reduce((sum, { durationMs }) => sum + durationMs, 0),
    selection: { ...first.selection, engines: all, items: mutants.length + clean.length },
    engines: joinedEngines(runs),
    mutants,
    clauses: clauseScores(mutants),
    clean,
    ...totalsOf(mutants, clean),
    ...(endings.length === 0 ? {} : { endedBy: endings.join('; ') }),
  };
}

/**
 * Merges the shards of a score, and runs of different engines on the same variants.
 * @throws UsageError where they belong to different runs, or a shard or an engine is given twice; also where a shard is
 * missing or ended early, unless `partial` accepts that.
 */
export function mergeScores(parts: readonly ScoreFile[], options: ScoreMergeOptions = {}): ScoreReport {
  for (const part of parts) requireSameRun(parts[0]!, part, commonOf);
  const groups = new Map<string, ScoreFile[]>();
  for (const part of parts) {
    const key = enginesIn(part.report).join(' ');
    groups.set(key, [...(groups.get(key) ?? []), part]);
  }
  const runs = [...groups.values()].map((group) => mergeShards(group, options));
  return runs.length === 1 ? runs[0]! : join(runs);
}
