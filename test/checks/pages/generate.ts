/** Pages of docs/ that are written from the declarations. As a program it writes them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../testbench/runtime/package';
import { countersPage } from './counters';
import { Declarations } from './declarations';
import { eventsPage } from './events';
import { settingsPage } from './settings';

/** Returns the text of each page, by its name in `docs/`. */
export function referencePages(): Readonly<Record<string, string>> {
  const sources = new Declarations([
    'testbench/index.ts',
    'testbench/replay.ts',
    'driver/index.ts',
    'emulator/index.ts',
  ]);
  return {
    'settings.md': settingsPage(sources),
    'counters.md': countersPage(sources),
    'events.md': eventsPage(sources),
  };
}

if (require.main === module)
  for (const [name, text] of Object.entries(referencePages())) writeFileSync(join(packageRoot(), 'docs', name), text);
