import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { UsageError } from '../../shared/errors';

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

function messageOf(cause: unknown): string {
  return oneLine(cause instanceof Error ? cause.message : String(cause));
}

/** Editors on Windows write a byte-order mark, which `JSON.parse` refuses. */
function withoutByteOrderMark(text: string): string {
  return text.replace(/^\uFEFF/, '');
}

function readText(path: string): string {
  try {
    return withoutByteOrderMark(readFileSync(path, 'utf8'));
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

/** Describes the first schema violation on one line: its path, then what is wrong. */
function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0]!;
  const where = issue.path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  return `${where === '' ? '' : `${where.replace(/^\./, '')}: `}${oneLine(issue.message)}`;
}

/**
 * Reads a JSON file and validates it.
 * @param schemaOf the schema, or a function that chooses the schema after looking at the content.
 * @param form name of the expected form, for error messages.
 * @throws UsageError with a one-line message if the file cannot be read, is not JSON, or does not match the
 * schema.
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
