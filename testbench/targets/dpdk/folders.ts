import { readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the names of this process's folders for exported devices begin with. */
export function peerFolderPrefix(): string {
  return `avp-dpdk-${process.pid}-`;
}

/** Removes those that a thread left behind which had to be ended. To be called while none of them is in use. */
export function removePeerFolders(): void {
  for (const name of readdirSync(tmpdir()).filter((one) => one.startsWith(peerFolderPrefix())))
    rmSync(join(tmpdir(), name), { recursive: true, force: true });
}
