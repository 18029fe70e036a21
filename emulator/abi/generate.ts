import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { emitDialect } from '../../shared/abi/emitDialect';
import { emulatorRecords, hostFrame } from './records';
import { migrationPhases, places, portLives, ringRights } from './values';

/** Returns the text of each generated file, by its path relative to `emulator/`. */
export function emulatorFiles(): Readonly<Record<string, string>> {
  return {
    'device/loops/records.ts': emitDialect('emulator/abi/records.ts', emulatorRecords, {
      ...places,
      ...ringRights,
      ...portLives,
      ...migrationPhases,
    }),
    // The switch takes tables of these, and knows nothing else of a device.
    'network/frameRecord.ts': emitDialect('emulator/abi/records.ts', [hostFrame], {}),
  };
}

if (require.main === module)
  for (const [name, text] of Object.entries(emulatorFiles())) writeFileSync(resolve(__dirname, '..', name), text);
