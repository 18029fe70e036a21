import { z } from 'zod';
import { readJsonFile } from '../../runtime/jsonFile';
import type { ScoreReport } from './report';

/** Schema of the JSON of `avp mutants`, for `merge` and for the page. */

const count = z.int().min(0);
const ms = z.number().min(0);

const tryScore = z.object({
  how: z.string(),
  samples: count,
  caught: count,
  cases: count.nullable(),
  durationMs: ms,
  detail: z.string(),
});

const engineScore = z.object({
  engine: z.string(),
  caught: z.boolean(),
  cases: count.nullable(),
  durationMs: ms,
  tries: z.array(tryScore),
});

const mutantScore = z.object({
  id: z.string(),
  what: z.string(),
  row: z.string().nullable(),
  race: z.boolean(),
  equivalent: z.string().nullable(),
  caught: z.boolean(),
  by: z.array(z.string()),
  cases: count.nullable(),
  durationMs: ms,
  engines: z.array(engineScore),
});

const cleanTry = z.object({
  engine: z.string(),
  how: z.string(),
  cases: count,
  durationMs: ms,
  report: z.string().nullable(),
  replay: z.string(),
});

const engineText = z.object({
  name: z.string(),
  about: z.string(),
  unit: z.string(),
  lacking: z.string().nullable(),
});

const selection = z.object({
  ids: z.array(z.string()),
  engines: z.array(z.string()),
  seeds: z.int().min(1),
  schedules: z.int().min(1),
  all: z.boolean(),
  shard: z.object({ index: z.int().min(1), count: z.int().min(1) }).nullable(),
  items: count,
});

const scoreForm = z.object({
  seed: count,
  startedAt: z.iso.datetime(),
  durationMs: ms,
  selection,
  engines: z.array(engineText),
  mutants: z.array(mutantScore),
  clauses: z.array(z.object({ id: z.string(), level: z.enum(['MUST', 'SHOULD']), variants: z.array(z.string()) })),
  clean: z.array(cleanTry),
  cleanReports: count,
  notCaught: z.array(z.string()),
  wronglyEquivalent: z.array(z.string()),
  endedBy: z.string().exactOptional(),
});

/** Schema of the JSON of `avp mutants`, without its `versions`. */
export const scoreSchema: z.ZodType<ScoreReport> = scoreForm;

const FORM = 'result of avp mutants --json';

/** A score as it was read, and the version of the tool that made it. */
export interface ScoreFile {
  /** Path of the file. */
  readonly path: string;
  /** The score. */
  readonly report: ScoreReport;
  /** Version of this package that made the score. */
  readonly toolVersion: string;
}

/** Tells whether a file is a result of `avp mutants`. @throws UsageError if it cannot be read or is no JSON. */
export function isScoreFile(path: string): boolean {
  const content = readJsonFile<unknown>(path, z.unknown(), 'JSON file');
  return typeof content === 'object' && content !== null && 'mutants' in content;
}

/** Reads a result. @throws UsageError if the file is none. */
export function readScore(path: string): ScoreFile {
  const schema = scoreForm.extend({ versions: z.object({ tool: z.string() }) });
  const { versions, ...report } = readJsonFile(path, schema, FORM);
  return { path, report, toolVersion: versions.tool };
}
