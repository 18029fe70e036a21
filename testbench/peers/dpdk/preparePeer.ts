import { packageRoot } from '../../runtime/package';
import { fetchPeer, type Progress } from './fetchPeer';
import { ownPeer, peerCache, type Peer } from './peer';
import { buildShim } from './shim';
import { requireStart } from './trialStart';

/** Files that are needed to start testpmd. */
export interface PreparedPeer {
  readonly peer: Peer;
  /** Path of the preloaded library. */
  readonly shim: string;
}

export interface PeerSelection {
  /** Path of the user's own `dpdk-testpmd`; by default Debian's packages are fetched. */
  readonly testpmd?: string | undefined;
  /** Folders of its libraries, joined with colons. */
  readonly libPath?: string | undefined;
}

/**
 * Prepares the peer: fetches the packages once, and builds the preloaded library when its source has changed.
 * @throws UsageError with the reason in one line where the peer cannot be had.
 */
export async function preparePeer(
  { testpmd, libPath }: PeerSelection = {},
  progress: Progress = () => {},
): Promise<PreparedPeer> {
  const cache = peerCache(packageRoot());
  const peer = testpmd === undefined ? await fetchPeer(cache, progress) : await ownPeer(testpmd, libPath ?? null);
  const shim = await buildShim(cache);
  if (testpmd !== undefined) await requireStart(peer, shim);
  return { peer, shim };
}
