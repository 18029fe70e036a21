/**
 * Structures as data. The size, the offsets, the generated accessors and the output of `avp abi`
 * all come from one declaration.
 */

/** A field of `bytes` bytes: `count` elements of `bytes / count` bytes each. */
export interface Field {
  readonly name: string;
  readonly offset: number;
  readonly bytes: number;
  readonly count: number;
  /** Name of the element's structure; null for an integer. */
  readonly of: string | null;
  /** True for two's complement, false for an unsigned integer. */
  readonly signed: boolean;
}

/** A structure: its fields lie one after the other, or overlap in a union. */
export interface Struct<F extends string = string> {
  /** Name in the output of `avp abi`, in snake case. */
  readonly name: string;
  /** Size in bytes. */
  readonly bytes: number;
  /** One line. */
  readonly about: string;
  /** True if fields may overlap, as in a union. */
  readonly union: boolean;
  /** Fields, by offset. */
  readonly fields: readonly (Field & { readonly name: F })[];
}

/** Names of a structure's fields. */
export type FieldName<S> = S extends Struct<infer F> ? F : never;

/** Size in bytes of each integer type. */
const INTEGERS = { u8: 1, u16: 2, u32: 4, u64: 8, i32: 4 } as const;
/** Name of an integer type. */
export type IntegerType = keyof typeof INTEGERS;

/** An integer type or a structure, or an array of either with its number of elements. */
export type FieldType = IntegerType | Struct | readonly [IntegerType | Struct, number];

function makeField(name: string, offset: number, type: FieldType): Field {
  const [element, count] = (typeof type === 'string' || 'fields' in type ? [type, 1] : type) as [
    IntegerType | Struct,
    number,
  ];
  const elementBytes = typeof element === 'string' ? INTEGERS[element] : element.bytes;
  return {
    name,
    offset,
    bytes: elementBytes * count,
    count,
    of: typeof element === 'string' ? null : element.name,
    signed: element === 'i32',
  };
}

function checkFields<F extends string>(struct: Struct<F>): Struct<F> {
  let end = 0;
  for (const field of struct.fields) {
    const overlaps = !struct.union && field.offset < end;
    if (overlaps || field.offset + field.bytes > struct.bytes)
      throw new Error(`${struct.name}.${field.name}: overlaps its neighbour or leaves the structure`);
    end = Math.max(end, field.offset + field.bytes);
  }
  return struct;
}

/** Declares a structure of the protocol, with the offsets that the protocol defines. */
export function struct(
  name: string,
  bytes: number,
  about: string,
  fields: Readonly<Record<string, readonly [offset: number, type: FieldType]>>,
  options: { readonly union?: boolean } = {},
): Struct {
  return checkFields({
    name,
    bytes,
    about,
    union: options.union ?? false,
    fields: Object.entries(fields).map(([field, [offset, type]]) => makeField(field, offset, type)),
  });
}

/**
 * Declares a private structure of one side. Offsets follow from natural alignment; the size is
 * rounded up to `align` bytes (64 by default, a cache line).
 */
export function record<F extends string>(
  name: string,
  about: string,
  types: Readonly<Record<F, FieldType>>,
  options: { readonly align?: number } = {},
): Struct<F> {
  let end = 0;
  const fields: (Field & { readonly name: F })[] = [];
  for (const [fieldName, type] of Object.entries(types) as [F, FieldType][]) {
    const probe = makeField(fieldName, 0, type);
    const align = probe.of === null ? probe.bytes / probe.count : 8;
    const offset = Math.ceil(end / align) * align;
    fields.push({ ...probe, name: fieldName, offset });
    end = offset + probe.bytes;
  }
  const align = options.align ?? 64;
  return checkFields({ name, bytes: Math.ceil(end / align) * align, about, union: false, fields });
}
