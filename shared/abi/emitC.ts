import { hex } from '../hex';
import { constantsBySection } from './constants';
import type { Field, Struct } from './struct';
import { structs } from './structs';

const INDENT = '    ';

/** Fields that share the bytes from `start` to `end`: a single field, or the members of a union. */
interface Group {
  readonly start: number;
  readonly members: readonly Field[];
  readonly end: number;
}

/** Puts fields that overlap into one group. Members of a union all start at the same byte. */
function groupsOf(struct: Struct): Group[] {
  const groups: Group[] = [];
  for (const field of struct.fields) {
    const last = groups.at(-1);
    const end = field.offset + field.bytes;
    if (last === undefined || field.offset >= last.end) {
      groups.push({ start: field.offset, members: [field], end });
    } else if (field.offset === last.start) {
      groups[groups.length - 1] = { ...last, members: [...last.members, field], end: Math.max(end, last.end) };
    } else {
      throw new Error(`${struct.name}.${field.name}: a union's members must start at the same byte`);
    }
  }
  return groups;
}

function typeOf(field: Field): string {
  if (field.of !== null) return `struct ${field.of}`;
  return `${field.signed ? 'int' : 'uint'}${(field.bytes / field.count) * 8}_t`;
}

function member(field: Field, indent: string): string {
  return `${indent}${typeOf(field)} ${field.name}${field.count > 1 ? `[${field.count}]` : ''};`;
}

function groupLines(group: Group): string[] {
  const [first, ...others] = group.members;
  if (others.length === 0) return [member(first!, INDENT)];
  return [`${INDENT}union {`, ...group.members.map((one) => member(one, INDENT + INDENT)), `${INDENT}} AVP_PACKED;`];
}

/** Writes the C definition of a structure, with explicit padding for bytes that belong to no field. */
function definition(struct: Struct): string[] {
  const lines = [`/* ${struct.about} */`, `struct ${struct.name} {`];
  let end = 0;
  const fillTo = (offset: number): void => {
    if (offset > end) lines.push(`${INDENT}uint8_t reserved_${end}[${offset - end}];`);
  };
  for (const group of groupsOf(struct)) {
    fillTo(group.start);
    lines.push(...groupLines(group));
    end = group.end;
  }
  fillTo(struct.bytes);
  return [...lines, '} AVP_PACKED;'];
}

function assertions(struct: Struct): string[] {
  const name = `struct ${struct.name}`;
  return [
    `_Static_assert(sizeof(${name}) == ${struct.bytes}, "${struct.name}: size");`,
    ...struct.fields.flatMap((field) => [
      `_Static_assert(offsetof(${name}, ${field.name}) == ${field.offset}, "${struct.name}.${field.name}: offset");`,
      `_Static_assert(sizeof(((${name} *)0)->${field.name}) == ${field.bytes}, "${struct.name}.${field.name}: size");`,
    ]),
  ];
}

function constantLines(): string[] {
  return Object.entries(constantsBySection).flatMap(([section, values]) => [
    `/* section ${section} */`,
    ...Object.entries(values).map(([name, value]) => `#define AVP_${name} ${hex(value)}u`),
    ...Object.entries(values).map(([name, value]) => `_Static_assert(AVP_${name} == ${value}u, "${name}");`),
    '',
  ]);
}

/**
 * Writes the binary interface as one self-contained C11 file: definitions of all structures and
 * constants, and a static assertion for each size, offset and value.
 */
export function emitC(): string {
  return [
    '/* AVP binary interface: it compiles where every size, offset and value below holds. */',
    '#include <stddef.h>',
    '#include <stdint.h>',
    '',
    '#define AVP_PACKED __attribute__((packed))',
    '',
    ...constantLines(),
    ...structs.flatMap((struct) => [...definition(struct), ...assertions(struct), '']),
  ].join('\n');
}
