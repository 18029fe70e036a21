import { isDeepStrictEqual } from 'node:util';
import { UsageError } from '../../shared/errors';
import { findClauseText } from './registry';
import { notRunOf } from './notRun';
import { missingShards, type Reported, type RunReport, type Unfinished } from './report';
import type { ResultClause, ResultFile } from './result';
import { mergeWaivers } from './waivers';

/** One shard's result for one target. */
export interface Part {
  readonly path: string;
  readonly result: ResultFile;
}

type PickSelection = Omit<ResultFile['selection'], 'shard'>;

/** The file of one shard, with a result for each target. */
export interface PartFile {
  readonly path: string;
  readonly results: readonly ResultFile[];
}

/** The shards of one target, merged. */
export interface MergedRun {
  readonly report: RunReport;
  readonly selection: PickSelection;
}

/** The shards of all targets, merged. */
export interface MergedRuns {
  readonly reports: readonly RunReport[];
  readonly selection: PickSelection;
}

function pickOf({ selection }: ResultFile): PickSelection {
  const { shard: _shard, ...pick } = selection;
  return pick;
}

/** Collects the properties that must be equal in all shards of a run, by the name that error messages use. */
function commonOf(result: ResultFile): Readonly<Record<string, unknown>> {
  const { target, seed, engine, versions } = result;
  const { ids, exclude, basis, repeat, clauses } = pickOf(result);
  return {
    target,
    seed,
    engine,
    'version of the tool': versions.tool,
    'version of the target': versions.target,
    'selected clauses': ids,
    'excluded clauses': exclude,
    'selected bases': basis,
    'number of repetitions': repeat,
    'number of clauses': clauses,
  };
}

function text(value: unknown): string {
  return Array.isArray(value) ? `[${value.join(' ')}]` : String(value);
}

function requireSameRun(first: Part, other: Part): void {
  const wanted = commonOf(first.result);
  for (const [name, value] of Object.entries(commonOf(other.result)))
    if (!isDeepStrictEqual(value, wanted[name]))
      throw new UsageError(
        `${first.path} and ${other.path} are no parts of one run: ${name} is ${text(wanted[name])} and ${text(value)}`,
      );
}

/** Returns which shard the part is. A run without `--shard` counts as shard 1 of 1. */
function shardOf({ result }: Part): { readonly index: number; readonly count: number } {
  return result.selection.shard ?? { index: 1, count: 1 };
}

function shardText(part: Part): string {
  const { index, count } = shardOf(part);
  return `${index}/${count}`;
}

/** Returns how many clauses the part's shard selects: every `count`-th clause, starting at the `index`-th. */
function clausesOfShard(part: Part): number {
  const { index, count } = shardOf(part);
  return Math.max(0, Math.ceil((part.result.selection.clauses - (index - 1)) / count));
}

function isWhole(part: Part): boolean {
  return part.result.clauses.length === clausesOfShard(part);
}

function requireWhole(part: Part): void {
  if (!isWhole(part))
    throw new UsageError(
      `${part.path} has ${part.result.clauses.length} clauses and shard ${shardText(part)} ${clausesOfShard(part)}: a run that ended early is merged only with --partial`,
    );
}

/** Sorts the parts by shard index. A shard that is missing has no part. @throws UsageError where one is there twice. */
function inOrder(parts: readonly Part[]): (Part | undefined)[] {
  const { count } = shardOf(parts[0]!);
  const places: (Part | undefined)[] = Array.from({ length: count }, () => undefined);
  for (const part of parts) {
    const shard = shardOf(part);
    if (shard.count !== count)
      throw new UsageError(
        `${parts[0]!.path} is shard ${shardText(parts[0]!)} and ${part.path} is ${shardText(part)}: give the shards of one run`,
      );
    const former = places[shard.index - 1];
    if (former !== undefined)
      throw new UsageError(`${former.path} and ${part.path} are both shard ${shardText(part)}: give each once`);
    places[shard.index - 1] = part;
  }
  return places;
}

function missingIn(places: readonly (Part | undefined)[]): string[] {
  return places.flatMap((part, index) => (part === undefined ? [`${index + 1}/${places.length}`] : []));
}

function requireAll(places: readonly (Part | undefined)[]): void {
  const missing = missingIn(places);
  if (missing.length > 0)
    throw new UsageError(
      `shard ${missing.join(', ')} is missing: give the results of all ${places.length} shards, or merge what there is with --partial`,
    );
  for (const part of places) requireWhole(part!);
}

/** Restores the order of the unsharded run. Clause k of the run is in part k mod n. */
function interleave(places: readonly (Part | undefined)[]): ResultClause[] {
  const lists = places.map((part) => part?.result.clauses ?? []);
  const longest = Math.max(...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_unused, row) => lists.flatMap((list) => list.slice(row, row + 1))).flat();
}

/** Says which shards are missing or ended early. Undefined if none are. @throws UsageError as `notRunOf`. */
function unfinishedOf(places: readonly (Part | undefined)[], results: readonly Reported[]): Unfinished | undefined {
  const cut = places.flatMap((part) => (part === undefined || isWhole(part) ? [] : [shardText(part)]));
  const missing = [...missingIn(places), ...cut];
  if (missing.length === 0) return undefined;
  const { path, result } = places.find((part) => part !== undefined)!;
  return { endedBy: missingShards(missing), notRun: notRunOf(path, result, results) };
}

function requireNoTwice(clauses: readonly ResultClause[]): void {
  const seen = new Set<string>();
  for (const { id } of clauses) {
    if (seen.has(id)) throw new UsageError(`clause ${id} is in two of the results: give the shards of one run`);
    seen.add(id);
  }
}

/**
 * Converts a clause of a result file for the reports. Adds goal, steps and requirement if this version has the
 * clause with the same title.
 */
function reported({ id, title, level, section, basis, faults, ...outcome }: ResultClause): Reported {
  const rule = { id, title, level, section, ...(basis === undefined ? {} : { basis }), faults };
  return { ...outcome, clause: { ...rule, ...findClauseText(id, title) } };
}

export interface MergeOptions {
  /** Accept that shards are missing or ended early. The merged run is incomplete then. */
  readonly partial?: boolean;
}

/**
 * Merges the shards of a run on one target. The clauses keep the order of the unsharded run, where no shard is missing.
 * @throws UsageError if parts belong to different runs or occur twice; also if one is missing or ended early, unless
 * `partial` accepts that.
 */
export function mergeResults(parts: readonly Part[], { partial = false }: MergeOptions = {}): MergedRun {
  const first = parts[0]!;
  for (const part of parts) requireSameRun(first, part);
  const places = inOrder(parts);
  if (!partial) requireAll(places);
  const clauses = interleave(places);
  requireNoTwice(clauses);
  const reports = clauses.map(reported);
  const results = places.flatMap((part) => (part === undefined ? [] : [part.result]));
  const waivers = results.flatMap((result) => (result.waivers === undefined ? [] : [result.waivers]));
  const { target, versions, seed, engine } = first.result;
  return {
    selection: pickOf(first.result),
    report: {
      target: { name: target, version: versions.target },
      toolVersion: versions.tool,
      seed,
      engine,
      startedAt: results.map(({ startedAt }) => startedAt).sort()[0]!,
      durationMs: results.reduce((sum, { durationMs }) => sum + durationMs, 0),
      results: reports,
      waivers: waivers.length === 0 ? null : mergeWaivers(waivers),
      unfinished: unfinishedOf(places, reports),
    },
  };
}

function targetsOf({ results }: PartFile): string {
  return results.map(({ target }) => target).join(',');
}

/**
 * Merges the files of all shards, target by target.
 * @throws UsageError if the files cover different targets, or their results do not belong to one run.
 */
export function mergeFiles(files: readonly PartFile[], options: MergeOptions = {}): MergedRuns {
  const first = files[0]!;
  const other = files.find((file) => targetsOf(file) !== targetsOf(first));
  if (other !== undefined)
    throw new UsageError(
      `${first.path} and ${other.path} are no parts of one run: target is ${targetsOf(first)} and ${targetsOf(other)}`,
    );
  const merged = first.results.map((_result, index) =>
    mergeResults(
      files.map(({ path, results }) => ({ path, result: results[index]! })),
      options,
    ),
  );
  return { reports: merged.map(({ report }) => report), selection: merged[0]!.selection };
}
