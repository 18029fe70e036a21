import { readFileSync, rmSync } from 'node:fs';
import { basename } from 'node:path';
import { UsageError } from '../../../shared/errors';
import { makeTemporaryFolder, tidyUp } from '../../runtime/tidy';
import { LcoreThread } from './lcoreThread';
import { peerFolderPrefix } from './peerFolders';
import type { StartablePeer } from './peer';
import { PeerEnded, PeerStarved, PeerStuck } from './peerExit';
import { Testpmd } from './testpmd';

const MEMORY_MB = 64;
const MBUFS = 4_096;
const VERSION = /RTE Version: '?(?:DPDK )?([^\s']+)/;

/** The version of DPDK that a testpmd started with `-v` names, undefined where it names none. */
export function versionIn(output: string): string | undefined {
  return VERSION.exec(output)?.[1];
}

/** A testpmd as seen at its first prompt. */
interface Seen {
  /** Memory map of the process. */
  readonly maps: string;
  readonly output: string;
  /** The bench sees its forwarding thread. */
  readonly hasLcore: boolean;
}

async function seenAtPrompt(peer: StartablePeer, shim: string): Promise<Seen> {
  const empty = makeTemporaryFolder(peerFolderPrefix());
  const env = { AVP_DIR: empty, SYSFS_PCI_DEVICES: empty };
  try {
    const options = { peer, shim, env, bdfs: [], memoryMb: MEMORY_MB, mbufs: MBUFS, eal: ['-v'] };
    const testpmd = await Testpmd.start(options);
    const maps = readFileSync(`/proc/${testpmd.pid}/maps`, 'latin1');
    const hasLcore = LcoreThread.of(testpmd.pid) !== null;
    await testpmd.kill();
    return { maps, output: testpmd.output, hasLcore };
  } finally {
    tidyUp(empty, () => rmSync(empty, { recursive: true, force: true }));
  }
}

/**
 * Starts testpmd once, without any device, because a testpmd that fails here would fail every clause.
 * @returns the version of DPDK that it names.
 * @throws UsageError where it does not start, lacks the driver net_avp or the preloaded library, or cannot be
 *   observed.
 */
export async function trialStart(peer: StartablePeer, shim: string): Promise<{ readonly version: string }> {
  const { testpmd } = peer;
  const hint =
    peer.libraries.length > 0 ? '' : ': give the folders of its libraries and of its drivers with --lib-path';
  const { maps, output, hasLcore } = await seenAtPrompt(peer, shim).catch((error: unknown) => {
    if (error instanceof PeerStarved) throw new UsageError(`${testpmd}: ${error.message}`, { cause: error });
    if (!(error instanceof PeerEnded || error instanceof PeerStuck)) throw error;
    const lastOutput = error instanceof PeerEnded ? error.exit.lastOutput : error.lastOutput;
    const lastLine = lastOutput.trim().split('\n').at(-1)!.trim();
    if (lastLine === '') throw unnamed(testpmd);
    throw new UsageError(`${testpmd} does not start, it says '${lastLine}'${hint}`, { cause: error });
  });
  // If a script starts testpmd, the map is the script's and shows neither library.
  if (maps.includes('/librte_eal.so') && !maps.includes('/librte_net_avp.so'))
    throw new UsageError(`${testpmd} has no driver net_avp${hint}`);
  if (maps.includes('/librte_eal.so') && !maps.includes(`/${basename(shim)}`))
    throw new UsageError(`${testpmd} runs without the preloaded library ${shim}, it says '${output.split('\n')[0]}'`);
  // Without this thread's CPU time the bench could not tell a busy machine from a driver that stands still.
  if (!hasLcore) throw new UsageError(`${testpmd}: none of its threads has a name that DPDK gives to a worker lcore`);
  const version = versionIn(output);
  if (version === undefined) throw unnamed(testpmd);
  return { version };
}

function unnamed(testpmd: string): UsageError {
  return new UsageError(
    `${testpmd}: it does not name its version of DPDK, give the path of a dpdk-testpmd that runs here`,
  );
}
