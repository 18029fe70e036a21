import { constants } from './constants';
import { structs } from './structs';

/** Where a field lies, in bytes; an array field counts as a whole. */
export interface FieldPlace {
  readonly offset: number;
  readonly size: number;
}

/** Size of one structure and the places of its fields. */
export interface StructPlace {
  readonly size: number;
  readonly fields: Readonly<Record<string, FieldPlace>>;
}

/** The whole binary interface as plain data. */
export interface AbiDescription {
  readonly structs: Readonly<Record<string, StructPlace>>;
  readonly constants: Readonly<Record<string, number>>;
}

/** Every structure of sections 4 to 8 with every field's place, and every constant. */
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
