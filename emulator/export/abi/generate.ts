import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { emitDialect } from '../../../shared/abi/emitDialect';
import { exportRecords } from './records';

/** Returns the text of each generated file of `emulator/export/`, by its path relative to `emulator/`. */
export function exportFiles(): Readonly<Record<string, string>> {
  return { 'export/uio/records.ts': emitDialect('emulator/export/abi/records.ts', exportRecords) };
}

if (require.main === module)
  for (const [name, text] of Object.entries(exportFiles())) writeFileSync(resolve(__dirname, '../..', name), text);
