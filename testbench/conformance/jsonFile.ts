import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { UsageError } from '../../shared/errors';

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

function messageOf(cause: unknown): string {
  return oneLine(cause instanceof Error ? cause.message : String(cause));
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new UsageError(`cannot read ${path}: ${messageOf(cause)}`, { cause });
  }
}

function parse(path: string): unknown {
  const text = readText(path);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`${path} is no JSON: ${messageOf(cause)}`, { cause });
  }
}

/** The first thing that is wrong, in one line: where, and what. */
function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0]!;
  const where = issue.path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  return `${where === '' ? '' : `${where.replace(/^\./, '')}: `}${oneLine(issue.message)}`;
}

/**
 * Reads a JSON file of a known form.
 * @param schemaOf the schema, or what chooses it by the file's content.
 * @param form names that form.
 * @throws UsageError of one line where the file can't be read or has another form.
 */
export function readJsonFile<T>(
  path: string,
  schemaOf: z.ZodType<T> | ((content: unknown) => z.ZodType<T>),
  form: string,
): T {
  const content = parse(path);
  const parsed = (typeof schemaOf === 'function' ? schemaOf(content) : schemaOf).safeParse(content);
  if (parsed.success) return parsed.data;
  throw new UsageError(`${path} is no ${form}: ${firstIssue(parsed.error)}`);
}
