import type { Field, Struct } from './struct';

/** Turns `device_info` into `DEVICE_INFO`. */
function upper(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase();
}

/** Turns `device_info` into `DeviceInfo`. */
function pascal(name: string): string {
  return name.replace(/(^|_)([a-z0-9])/g, (_all, _gap: string, letter: string) => letter.toUpperCase());
}

function at(field: Field, extra = 0): string {
  const offset = field.offset + extra;
  const element = field.bytes / field.count;
  const base = offset === 0 ? 'base' : `base + ${offset}`;
  if (field.count === 1) return base;
  return element === 1 ? `${base} + index` : `${base} + ((index << ${Math.log2(element)}) >>> 0)`;
}

function accessorPair(name: string, bits: number, place: string, indexed: boolean): string[] {
  const index = indexed ? ', index: u32' : '';
  return [
    `export function load${name}(base: u32${index}): u32 {\n  return load${bits}(${place});\n}`,
    `export function store${name}(base: u32${index}, value: u32): void {\n  store${bits}(${place}, value);\n}`,
  ];
}

function accessors(struct: Struct, field: Field): string[] {
  if (field.of !== null) return [];
  const element = field.bytes / field.count;
  const indexed = field.count > 1;
  const name = pascal(struct.name) + pascal(field.name);
  if (element !== 8) return accessorPair(name, element * 8, at(field), indexed);
  return [
    ...accessorPair(`${name}Lo`, 32, at(field), indexed),
    ...accessorPair(`${name}Hi`, 32, at(field, 4), indexed),
  ];
}

function emitStruct(struct: Struct): string {
  const prefix = upper(struct.name);
  return [
    `// ${struct.name}: ${struct.about}`,
    `export const ${prefix}_BYTES: u32 = ${struct.bytes};`,
    ...struct.fields.map((field) => `export const ${prefix}_${upper(field.name)}: u32 = ${field.offset};`),
    '',
    ...struct.fields.flatMap((field) => accessors(struct, field)),
    '',
  ].join('\n');
}

/**
 * Writes a file of the loop dialect. Each structure has a size (`DESC_BYTES`), and each field an
 * offset (`DESC_DATA_LEN`) and accessors (`loadDescDataLen(base)`, `storeDescDataLen(base, value)`).
 * A 64-bit field has accessors `...Lo` and `...Hi` for its halves; those of an array take an index.
 * @param texts docstrings of constants, by name.
 */
export function emitDialect(
  source: string,
  structs: readonly Struct[],
  constants: Readonly<Record<string, number>> = {},
  texts: Readonly<Record<string, string>> = {},
): string {
  const body = structs.map(emitStruct).join('\n');
  const used = ['load16', 'load32', 'load8', 'store16', 'store32', 'store8'].filter((name) =>
    body.includes(`${name}(`),
  );
  const values = Object.entries(constants).flatMap(([name, value]) => [
    ...(texts[name] === undefined ? [] : [`/** ${texts[name]} */`]),
    `export const ${name}: u32 = ${value};`,
  ]);
  return [
    `// Generated from ${source} by \`make generate\`. Do not edit.`,
    `import { ${used.join(', ')} } from '#mem';`,
    '',
    ...(values.length > 0 ? [...values, ''] : []),
    body,
  ].join('\n');
}
