import { z } from 'zod';
import { readJsonFile } from './jsonFile';
import { VERDICTS } from './verdict';
import { WAIVER_STATES } from './waivers';

/** The JSON result of `avp conform` as `merge` and `diff` read it back. */

const shardSchema = z.object({ index: z.int().min(1), count: z.int().min(1) });

const clauseSchema = z.object({
  id: z.string().regex(/^[a-z]+\/[1-9][0-9]*$/, 'expected a clause id such as rx/3'),
  title: z.string(),
  level: z.enum(['MUST', 'SHOULD']),
  section: z.string(),
  faults: z.array(z.string()),
  verdict: z.enum(VERDICTS),
  durationMs: z.number().min(0),
  detail: z.string(),
  replay: z.string(),
});

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
  startedAt: z.iso.datetime(),
  durationMs: z.number().min(0),
  selection: z.object({
    ids: z.array(z.string()),
    exclude: z.array(z.string()),
    repeat: z.int().min(1),
    shard: shardSchema.nullable(),
    /** How many were picked, in all shards together. */
    clauses: z.int().min(0),
  }),
  clauses: z.array(clauseSchema),
  waivers: z.array(waiverSchema).optional(),
});

export type ResultFile = z.infer<typeof resultSchema>;
export type VerdictFile = Pick<ResultFile, 'target' | 'seed' | 'clauses'>;
export type ResultClause = z.infer<typeof clauseSchema>;

const FORM = 'result of avp conform --json for one target';

/**
 * Reads the JSON result of one target.
 * @throws UsageError where it can't be read or is none.
 */
export function readResult(path: string): ResultFile {
  return readJsonFile(path, resultSchema, FORM);
}

/**
 * Reads what a comparison needs, which results of other versions have too.
 * @throws UsageError where it can't be read or is none.
 */
export function readVerdicts(path: string): VerdictFile {
  return readJsonFile(path, resultSchema.pick({ target: true, seed: true, clauses: true }), FORM);
}
