import type { Field, Struct } from '../../../shared/abi/struct';
import { hex } from '../../../shared/hex';

/** A field's value in a result. 64-bit values are text, because JSON has no such numbers. */
export type FieldValue = number | string;

/** Reads the fields of a structure by its declaration, from bytes that may be rubbish. */
export class StructView {
  private readonly view: DataView;

  private constructor(
    readonly struct: Struct,
    data: Uint8Array,
    offset: number,
  ) {
    this.view = new DataView(data.buffer, data.byteOffset + offset, struct.bytes);
  }

  /** Null where the bytes do not contain the whole structure. */
  static of(struct: Struct, data: Uint8Array | null, offset = 0): StructView | null {
    const fits = data !== null && offset >= 0 && offset <= data.length && struct.bytes <= data.length - offset;
    return fits ? new StructView(struct, data, offset) : null;
  }

  private field(name: string): Field {
    const found = this.struct.fields.find((field) => field.name === name);
    if (found === undefined) throw new Error(`${this.struct.name} has no field '${name}'`);
    return found;
  }

  private at(field: Field, index: number): number | bigint {
    const element = field.bytes / field.count;
    const offset = field.offset + index * element;
    if (element === 1) return this.view.getUint8(offset);
    if (element === 2) return this.view.getUint16(offset, true);
    if (element === 8) return this.view.getBigUint64(offset, true);
    return field.signed ? this.view.getInt32(offset, true) : this.view.getUint32(offset, true);
  }

  /** An integer field. Of the 64-bit fields only for counters, which stay below 2^53. */
  number(name: string, index = 0): number {
    return Number(this.at(this.field(name), index));
  }

  big(name: string, index = 0): bigint {
    return BigInt(this.at(this.field(name), index));
  }

  /** A field that is an array of bytes. */
  bytes(name: string): Uint8Array {
    const { offset, bytes } = this.field(name);
    return new Uint8Array(this.view.buffer, this.view.byteOffset + offset, bytes).slice();
  }

  /** An element of an array of structures. */
  inner(name: string, struct: Struct, index = 0): StructView {
    const data = new Uint8Array(this.view.buffer, this.view.byteOffset, this.view.byteLength);
    return StructView.of(struct, data, this.field(name).offset + index * struct.bytes)!;
  }

  /** All fields that are one integer, or those of them in `names`. */
  scalars(names: readonly string[] | null = null): Record<string, FieldValue> {
    const fields = this.struct.fields.filter(
      ({ of, count, name }) => of === null && count === 1 && (names?.includes(name) ?? true),
    );
    return Object.fromEntries(
      fields.map((field) => {
        const value = this.at(field, 0);
        return [field.name, typeof value === 'bigint' ? hex(value) : value];
      }),
    );
  }

  /** The nonzero fields of a block of 64-bit counters. */
  counters(): Record<string, number> {
    const fields = this.struct.fields.filter(({ of, count, bytes }) => of === null && count === 1 && bytes === 8);
    const values = fields.map(({ name }): [string, number] => [name, this.number(name)]);
    return Object.fromEntries(values.filter(([, value]) => value !== 0));
  }
}
