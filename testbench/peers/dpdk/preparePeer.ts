import { UsageError } from '../../../shared/errors';
import { findOrFetchPeer, type Progress } from './fetchPeer';
import { requireSharedLibraries } from './linkage';
import { ownPeer } from './ownPeer';
import { peerCache, type Peer } from './peer';
import { PeerStarved, PeerStuck } from './peerExit';
import { DPDK_RELEASES, dpdkRelease, type DpdkRelease } from './releases';
import { requireFolders } from './requireFolders';
import { buildShim } from './shim';
import { trialStart } from './trialStart';

/** Files that are needed to start testpmd. */
export interface PreparedPeer {
  readonly peer: Peer;
  /** Path of the preloaded library. */
  readonly shim: string;
  /** Name of the release that was fetched; null for the user's own build. */
  readonly release: string | null;
}

export interface PeerSelection {
  /** Release whose packages are fetched from Debian; by default the newest that runs here. */
  readonly release?: string | undefined;
  /** Path of the user's own `dpdk-testpmd`. */
  readonly testpmd?: string | undefined;
  /** Folders of its libraries, joined with colons. */
  readonly libPath?: string | undefined;
}

async function prepareOwn(testpmd: string, libPath: string | null, shim: string): Promise<PreparedPeer> {
  const found = await ownPeer(testpmd, libPath);
  const { version } = await trialStart(found, shim);
  await requireSharedLibraries(found.testpmd, found.libraries);
  return { peer: { ...found, version, packages: {} }, shim, release: null };
}

async function prepareRelease(release: DpdkRelease, shim: string, progress: Progress): Promise<PreparedPeer> {
  const peer = await findOrFetchPeer(release, progress);
  await trialStart(peer, shim);
  return { peer, shim, release: release.release };
}

/** The newest release that can be had and that starts here. */
async function prepareNewest(shim: string, progress: Progress): Promise<PreparedPeer> {
  const reasons: string[] = [];
  for (const release of [...DPDK_RELEASES].reverse()) {
    try {
      return await prepareRelease(release, shim, progress);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      // The peer would start on a machine that is less busy. To judge another release instead would surprise.
      if (error.cause instanceof PeerStarved || error.cause instanceof PeerStuck) throw error;
      progress(error.message);
      reasons.push(error.message);
    }
  }
  throw new UsageError(`no release of DPDK runs here; the newest: ${reasons[0]}`);
}

/**
 * Prepares the peer: fetches the packages once, builds the preloaded library when its source has changed, and
 * starts testpmd once without a device, so that folders, compiler, CPUs and the preloaded library are proven.
 * @throws UsageError with the reason in one line where the peer cannot be had or does not run.
 */
export async function preparePeer(
  { release, testpmd, libPath }: PeerSelection = {},
  progress: Progress = () => {},
): Promise<PreparedPeer> {
  requireFolders();
  const shim = await buildShim(peerCache());
  if (testpmd !== undefined) return prepareOwn(testpmd, libPath ?? null, shim);
  return release === undefined ? prepareNewest(shim, progress) : prepareRelease(dpdkRelease(release), shim, progress);
}
