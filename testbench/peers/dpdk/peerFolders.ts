import { randomBytes } from 'node:crypto';
import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';
import { tidyUp } from '../../runtime/tidy';

const TOKEN_KEY = 'avp-testbench peer folders';
const TOKEN_BYTES = 8;

// Set before any thread starts, so that all threads of the process have the same token.
if (isMainThread) setEnvironmentData(TOKEN_KEY, randomBytes(TOKEN_BYTES).toString('hex'));

/**
 * Prefix of the names of this process's temporary folders for exported devices. A process id alone would also match
 * what an earlier process with the same id has left, and what others put into a folder that everybody shares.
 */
export function peerFolderPrefix(): string {
  return `avp-dpdk-${process.pid}-${getEnvironmentData(TOKEN_KEY) as string}-`;
}

/**
 * Removes the folders that terminated threads left behind. Call it while none of them is in use. Never throws: the
 * result of the run counts whatever stays.
 */
export function removePeerFolders(): void {
  tidyUp(`${tmpdir()} (TMPDIR)`, () => {
    for (const name of readdirSync(tmpdir()).filter((one) => one.startsWith(peerFolderPrefix()))) {
      const path = join(tmpdir(), name);
      const { uid } = lstatSync(path);
      if (uid === process.getuid?.()) rmSync(path, { recursive: true, force: true });
    }
  });
}
