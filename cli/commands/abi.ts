import type { Command } from 'commander';
import { constantsBySection } from '../../shared/abi/constants';
import { emitC } from '../../shared/abi/emitC';
import { describeAbi } from '../../shared/abi/emitJson';
import { structs } from '../../shared/abi/structs';
import { hex } from '../../shared/hex';
import { makeCommand, STATUS_GOOD } from '../command';
import { STANDARD_OUTPUT } from '../output';

/** Formats the ABI as text: a table for each structure, and the constants by section of the protocol. */
function tables(): string {
  const structTables = structs.map((struct) =>
    [
      `${struct.name}, ${struct.bytes} bytes (${struct.about})`,
      '  offset    size  field',
      ...struct.fields.map(
        (field) => `  ${String(field.offset).padStart(6)}  ${String(field.bytes).padStart(6)}  ${field.name}`,
      ),
    ].join('\n'),
  );
  const constantTables = Object.entries(constantsBySection).map(([section, values]) =>
    [
      `constants of section ${section}`,
      ...Object.entries(values).map(
        ([name, value]) => `  ${name.padEnd(24)}  ${String(value).padStart(10)}  ${hex(value)}`,
      ),
    ].join('\n'),
  );
  return [...structTables, ...constantTables].join('\n\n');
}

/** `avp abi`: prints layouts and constants as text, JSON or C. */
export function abiCommand(onStatus: (status: number) => void): Command {
  return makeCommand<{ c?: boolean }>(
    {
      name: 'abi',
      examples: [
        ['avp abi', 'tables for people'],
        ['avp abi --json -', 'the same for programs'],
        ['avp abi --c | gcc -xc -fsyntax-only -', 'let a C compiler check it'],
      ],
    },
    (options, output) => {
      if (options.c === true) output.finding(emitC());
      else if (options.json !== STANDARD_OUTPUT) output.text(tables());
      output.json({ ...describeAbi() });
      return STATUS_GOOD;
    },
    onStatus,
  ).option('--c', 'print a C file that asserts all of it at compile time');
}
