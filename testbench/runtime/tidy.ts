import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../../shared/errors';
import { fileErrorText } from './fileErrors';

const warned = new Set<string>();

/**
 * Tidies up after work whose result stands: never throws. What stays behind is named in a warning on standard error,
 * once per process.
 * @param what names what may stay behind.
 */
export function tidyUp(what: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    const warning = `avp: warning: cannot tidy up ${what}: ${fileErrorText(error)}\n`;
    if (warned.has(warning)) return;
    warned.add(warning);
    process.stderr.write(warning);
  }
}

/**
 * Makes a folder with a random name in the folder for temporary files.
 * @throws UsageError where there is no such folder, or it cannot be written.
 */
export function makeTemporaryFolder(prefix: string): string {
  try {
    return mkdtempSync(join(tmpdir(), prefix));
  } catch (cause) {
    throw new UsageError(
      `cannot make a folder in ${tmpdir()}: ${fileErrorText(cause)}; let TMPDIR name a folder that can be written`,
      { cause },
    );
  }
}
