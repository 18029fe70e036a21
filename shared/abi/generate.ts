import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { constants } from './constants';
import { emitDialect } from './emitDialect';
import { sharedRecords } from './records';
import { structs } from './structs';

/** Returns the text of each generated file of `shared/`, by its path relative to `shared/`. */
export function sharedFiles(): Readonly<Record<string, string>> {
  return {
    'loops/layout.ts': emitDialect('shared/abi/structs.ts and constants.ts', structs, constants),
    'loops/records.ts': emitDialect('shared/abi/records.ts', sharedRecords),
  };
}

if (require.main === module)
  for (const [name, text] of Object.entries(sharedFiles())) writeFileSync(resolve(__dirname, '..', name), text);
