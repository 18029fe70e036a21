import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { emitDialect } from '../../../shared/abi/emitDialect';
import { exportRecords } from './records';

/** The generated files of `emulator/export/`, by name relative to `emulator/`, with their text. */
export function exportFiles(): Readonly<Record<string, string>> {
  return { 'export/uio/records.ts': emitDialect('emulator/export/abi/records.ts', exportRecords) };
}

if (require.main === module)
  for (const [name, text] of Object.entries(exportFiles())) writeFileSync(resolve(__dirname, '../..', name), text);
