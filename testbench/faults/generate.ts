import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { faultsPage } from './page';

const PAGE = resolve(__dirname, '../../docs/faults.md');

/** Returns the text of each generated page of `docs/`, by its name. */
export function faultFiles(): Readonly<Record<string, string>> {
  return { 'faults.md': faultsPage(readFileSync(PAGE, 'utf8')) };
}

if (require.main === module) for (const text of Object.values(faultFiles())) writeFileSync(PAGE, text);
