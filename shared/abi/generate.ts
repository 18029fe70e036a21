import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { constants } from './constants';
import { emitDialect } from './emitDialect';
import { sharedRecords } from './records';
import { structs } from './structs';

/** The generated files of `shared/`, by name relative to `shared/`, with their text. */
export function sharedFiles(): Readonly<Record<string, string>> {
  return {
    'loops/layout.ts': emitDialect('shared/abi/structs.ts and constants.ts', structs, constants),
    'loops/records.ts': emitDialect('shared/abi/records.ts', sharedRecords),
  };
}

if (require.main === module)
  for (const [name, text] of Object.entries(sharedFiles())) writeFileSync(resolve(__dirname, '..', name), text);
