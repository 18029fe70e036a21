import { constants } from './constants';
import { structs } from './structs';

/** Offset and size of a field in bytes. An array is one field. */
export interface FieldPlace {
  readonly offset: number;
  readonly size: number;
}

/** Size of a structure in bytes, and the places of its fields. */
export interface StructPlace {
  readonly size: number;
  readonly fields: Readonly<Record<string, FieldPlace>>;
}

/** The whole binary interface as plain data. */
export interface AbiDescription {
  readonly structs: Readonly<Record<string, StructPlace>>;
  readonly constants: Readonly<Record<string, number>>;
}

/** Describes every structure of sections 4 to 8 with the place of each field, and every constant. */
export function describeAbi(): AbiDescription {
  const places = structs.map((struct): [string, StructPlace] => [
    struct.name,
    {
      size: struct.bytes,
      fields: Object.fromEntries(
        struct.fields.map((field) => [field.name, { offset: field.offset, size: field.bytes }]),
      ),
    },
  ]);
  return { structs: Object.fromEntries(places), constants };
}
