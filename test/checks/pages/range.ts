/** Describes the values that a schema accepts. */
import { z } from 'zod';

type Schema = z.core.$ZodType;

function count(value: number | bigint): string {
  return value.toLocaleString('en-US');
}

/** The schema without its default, and without the permission to leave the value out. */
function bare(schema: Schema): Schema {
  const inner = (schema as z.ZodDefault).def.innerType as Schema | undefined;
  const wraps = schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional;
  return wraps ? bare(inner!) : schema;
}

/** The schema of a setting, by its name with dots and, for the elements of a list, `[]`. */
export function schemaAt(schema: Schema, name: string): Schema {
  return name
    .replaceAll('[]', '.[]')
    .split('.')
    .reduce<Schema>((outer, key) => {
      const inside = bare(outer);
      return key === '[]' ? (inside as z.ZodArray<Schema>).element : (inside as z.ZodObject<z.ZodRawShape>).shape[key]!;
    }, schema);
}

/** Messages of the checks that are no mere limits: `expected a power of two`. */
function conditions(schema: Schema): string[] {
  return (schema._zod.def.checks ?? []).flatMap((check) => {
    const { check: kind, error } = check._zod.def;
    if (kind === 'overwrite' || error === undefined) return [];
    const message = error(undefined as never);
    const text = typeof message === 'string' ? message : (message?.message ?? '');
    return [text.replace(/^expected (an? )?/, '')];
  });
}

function limits(schema: Schema): string[] {
  if (schema instanceof z.ZodNumber || schema instanceof z.ZodBigInt)
    return [`${count(schema.minValue!)} to ${count(schema.maxValue!)}`];
  if (schema instanceof z.ZodString && schema.maxLength !== null)
    return [`at most ${count(schema.maxLength)} characters`];
  if (!(schema instanceof z.ZodArray)) return [];
  const bounds = Object.fromEntries(
    (schema.def.checks ?? []).map(({ _zod: { def } }) => [def.check, def as { minimum?: number; maximum?: number }]),
  );
  return [`${count(bounds['min_length']!.minimum!)} to ${count(bounds['max_length']!.maximum!)} elements`];
}

/** Tells what values a schema takes, beyond their type. */
export function rangeOf(schema: Schema): string {
  const inside = bare(schema);
  return [...limits(inside), ...conditions(inside)].join(', ');
}
