import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../../../shared/errors';
import { peerFolderPrefix } from './peerFolders';
import type { Peer } from './peer';
import { PeerEnded, PeerStuck } from './peerExit';
import { Testpmd } from './testpmd';

const MEMORY_MB = 64;
const MBUFS = 4_096;

/** Starts testpmd and returns its memory map at the first prompt. */
async function mappedAtPrompt(peer: Peer, shim: string): Promise<string> {
  const empty = mkdtempSync(join(tmpdir(), peerFolderPrefix()));
  const env = { AVP_DIR: empty, SYSFS_PCI_DEVICES: empty };
  try {
    const testpmd = await Testpmd.start({ peer, shim, env, bdfs: [], memoryMb: MEMORY_MB, mbufs: MBUFS });
    const maps = readFileSync(`/proc/${testpmd.pid}/maps`, 'latin1');
    await testpmd.kill();
    return maps;
  } finally {
    rmSync(empty, { recursive: true });
  }
}

/**
 * Starts testpmd once, without any device, because a testpmd that fails here would fail every clause.
 * @throws UsageError where it does not start or lacks the driver net_avp.
 */
export async function requireStart(peer: Peer, shim: string): Promise<void> {
  const hint =
    peer.libraries.length > 0 ? '' : ': give the folders of its libraries and of its drivers with --lib-path';
  const maps = await mappedAtPrompt(peer, shim).catch((error: unknown) => {
    if (!(error instanceof PeerEnded || error instanceof PeerStuck)) throw error;
    const lastOutput = error instanceof PeerEnded ? error.exit.lastOutput : error.lastOutput;
    throw new UsageError(
      `${peer.testpmd} does not start, it says '${lastOutput.trim().split('\n').at(-1)!.trim()}'${hint}`,
      { cause: error },
    );
  });
  // Where a script starts testpmd, the map is the script's and shows neither library.
  if (maps.includes('/librte_eal.so') && !maps.includes('/librte_net_avp.so'))
    throw new UsageError(`${peer.testpmd} has no driver net_avp${hint}`);
}
