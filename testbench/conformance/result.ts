import { z } from 'zod';
import { ENGINES } from '../../shared/engine';
import { UsageError } from '../../shared/errors';
import { BASES } from './clause';
import { readJsonFile } from '../runtime/jsonFile';
import { BAIL } from './report';
import { VERDICTS } from './verdict';
import { isWaivedPass, WAIVER_STATES } from './waivers';

/** Schemas of the JSON result of `avp conform`, for `merge`, `diff` and the page of findings. */

const shardSchema = z.object({ index: z.int().min(1), count: z.int().min(1) });

const clauseSchema = z
  .object({
    id: z.string().regex(/^[a-z]+\/[1-9][0-9]*$/, 'expected a clause id such as rx/3'),
    title: z.string(),
    level: z.enum(['MUST', 'SHOULD']),
    section: z.string(),
    /** Missing in results of versions that had none. */
    basis: z.enum(BASES).optional(),
    faults: z.array(z.string()),
    verdict: z.enum(VERDICTS),
    durationMs: z.number().min(0),
    detail: z.string(),
    replay: z.string(),
  })
  // Older versions reported a waived failure as a pass whose detail says so.
  .transform((clause) => (isWaivedPass(clause) ? { ...clause, verdict: 'waived' as const } : clause));

const waiverSchema = z.object({
  id: z.string(),
  target: z.string(),
  reason: z.string(),
  expires: z.string(),
  state: z.enum(WAIVER_STATES),
  detail: z.string(),
});

const resultSchema = z.object({
  target: z.string(),
  versions: z.object({ tool: z.string(), target: z.string() }),
  seed: z.int().min(0),
  /** Results of older versions do not have it. */
  engine: z.enum(ENGINES).default('ts'),
  startedAt: z.iso.datetime(),
  durationMs: z.number().min(0),
  selection: z.object({
    ids: z.array(z.string()),
    exclude: z.array(z.string()),
    basis: z.array(z.enum(BASES)).default([]),
    repeat: z.int().min(1),
    shard: shardSchema.nullable(),
    /** Number of clauses that all shards together select. */
    clauses: z.int().min(0),
  }),
  /** Results of older versions do not have it. */
  complete: z.boolean().optional(),
  endedBy: z.string().optional(),
  notRun: z.array(z.string()).optional(),
  clauses: z.array(clauseSchema),
  waivers: z.array(waiverSchema).optional(),
});

/** The fields that `diff` reads. Results of other versions have them too. */
const verdictSchema = resultSchema.pick({ target: true, seed: true, clauses: true, complete: true, endedBy: true });

export type ResultFile = z.infer<typeof resultSchema>;
export type VerdictFile = z.infer<typeof verdictSchema>;
export type ResultClause = z.infer<typeof clauseSchema>;

const FORM = 'result of avp conform --json';

function isOfSeveral(content: unknown): boolean {
  return typeof content === 'object' && content !== null && 'targets' in content;
}

/** Reads a file that holds one result, or a list of results under `targets`. */
function readEach<T extends VerdictFile>(path: string, one: z.ZodType<T>, partial = false): T[] {
  const several = z.object({ targets: z.array(one).min(1) }).transform(({ targets }) => targets);
  const single = one.transform((result) => [result]);
  const results = readJsonFile<T[]>(path, (content) => (isOfSeveral(content) ? several : single), FORM);
  const cut = results.find(({ complete, endedBy }) => complete === false && endedBy !== BAIL);
  if (cut !== undefined && !partial)
    throw new UsageError(
      `${path} is incomplete: ${cut.endedBy ?? 'something'} ended its run; give the result of a run that ended`,
    );
  return results;
}

/**
 * Reads a JSON result, with one entry for each target of the run.
 * @param partial accept the result of a run that was interrupted.
 * @throws UsageError if the file cannot be read, is not a result of `avp conform --json`, or is of a run that was
 * interrupted.
 */
export function readResults(path: string, partial = false): ResultFile[] {
  return readEach(path, resultSchema, partial);
}

/**
 * Reads the targets, seeds and clauses of a JSON result, with one entry for each target of the run. Accepts
 * results of other versions of the tool.
 * @throws UsageError if the file cannot be read, is not a result of `avp conform --json`, or is of a run that was
 * interrupted.
 */
export function readVerdicts(path: string): VerdictFile[] {
  return readEach(path, verdictSchema);
}

/**
 * Reads the JSON result of a run on one target.
 * @throws UsageError if the file cannot be read, is not a result of `avp conform --json`, or covers several
 * targets.
 */
export function readResult(path: string): ResultFile {
  const [result, ...more] = readResults(path);
  if (more.length > 0) throw new UsageError(`${path} is about several targets: give the result of one`);
  return result!;
}
