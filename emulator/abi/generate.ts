import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { emitDialect } from '../../shared/abi/emitDialect';
import { emulatorRecords, places, ringRights } from './records';

/** The generated files of `emulator/`, by name relative to `emulator/`, with their text. */
export function emulatorFiles(): Readonly<Record<string, string>> {
  return {
    'device/loops/records.ts': emitDialect('emulator/abi/records.ts', emulatorRecords, { ...places, ...ringRights }),
  };
}

if (require.main === module)
  for (const [name, text] of Object.entries(emulatorFiles())) writeFileSync(resolve(__dirname, '..', name), text);
