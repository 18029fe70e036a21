import { readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Prefix of the names of this process's temporary folders for exported devices. */
export function peerFolderPrefix(): string {
  return `avp-dpdk-${process.pid}-`;
}

/** Removes the folders that terminated threads left behind. Call it while none of them is in use. */
export function removePeerFolders(): void {
  for (const name of readdirSync(tmpdir()).filter((one) => one.startsWith(peerFolderPrefix())))
    rmSync(join(tmpdir(), name), { recursive: true, force: true });
}
