import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { emitDialect } from '../../shared/abi/emitDialect';
import { driverConstants, driverConstantTexts, driverRecords } from './records';

/** The generated files of `driver/`, by name relative to `driver/`, with their text. */
export function driverFiles(): Readonly<Record<string, string>> {
  return {
    'loops/records.ts': emitDialect('driver/abi/records.ts', driverRecords, driverConstants, driverConstantTexts),
  };
}

if (require.main === module)
  for (const [name, text] of Object.entries(driverFiles())) writeFileSync(resolve(__dirname, '..', name), text);
