import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../../../shared/errors';
import { peerFolderPrefix } from '../../targets/dpdk/folders';
import type { Peer } from './peer';
import { PeerEnded, PeerStuck } from './peerExit';
import { Testpmd } from './testpmd';

const MEMORY_MB = 64;
const MBUFS = 4_096;

/** What the program has mapped by the time that its prompt is there. */
async function mappedAtPrompt(peer: Peer, shim: string): Promise<string> {
  const empty = mkdtempSync(join(tmpdir(), peerFolderPrefix()));
  const env = { AVP_DIR: empty, SYSFS_PCI_DEVICES: empty };
  try {
    const testpmd = await Testpmd.start({ peer, shim, env, slots: [], memoryMb: MEMORY_MB, mbufs: MBUFS });
    const maps = readFileSync(`/proc/${testpmd.pid}/maps`, 'latin1');
    await testpmd.kill();
    return maps;
  } finally {
    rmSync(empty, { recursive: true });
  }
}

/**
 * Starts a testpmd once, without any device: what keeps it from that, or from having the driver, would
 * end every clause.
 * @throws UsageError
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
  // Where a script has started it, it is another process whose memory this is.
  if (maps.includes('/librte_eal.so') && !maps.includes('/librte_net_avp.so'))
    throw new UsageError(`${peer.testpmd} has no driver net_avp${hint}`);
}
