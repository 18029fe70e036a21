import { packageRoot } from '../../runtime/package';
import { fetchPeer, type Progress } from './fetchPeer';
import { ownPeer, peerCache, type Peer } from './peer';
import { buildShim } from './shim';
import { requireStart } from './trialStart';

/** What it takes to start testpmd. */
export interface PreparedPeer {
  readonly peer: Peer;
  /** Path of the preloaded library. */
  readonly shim: string;
}

export interface PeerSelection {
  /** Path of a `dpdk-testpmd` of one's own; Debian's packages are fetched where it is left out. */
  readonly testpmd?: string | undefined;
  /** Folders of its libraries, joined with colons. */
  readonly libPath?: string | undefined;
}

/**
 * Gets the peer ready: the packages (once), the preloaded library (whenever its source has changed).
 * @throws UsageError with the reason in one line where it cannot be had.
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
