import { delimiter, dirname } from 'node:path';
import { UsageError } from '../../shared/errors';
import { packageRoot } from '../runtime/package';
import { fetchedPeer } from '../peers/dpdk/fetchPeer';
import { DEBIAN_ABI } from '../peers/dpdk/packageList';
import { libraryEnvironment } from '../peers/dpdk/linkage';
import { peerCache } from '../peers/dpdk/peer';
import { buildShim } from '../peers/dpdk/shim';
import { testpmdCommand } from '../peers/dpdk/testpmdCommand';

type Environment = Readonly<Record<string, string>>;

/** What a `dpdk-testpmd` in another shell needs besides the folder's own variables. */
export interface PeerAccess {
  /** The preloaded library, and the way to Debian's packages where they have been fetched. */
  readonly env: Environment;
  /** Why there is no preloaded library, in one line; null where there is one. */
  readonly trouble: string | null;
}

/** Puts it before what the caller's environment has there. */
function inFront(name: string, value: string): string {
  const former = process.env[name];
  return former === undefined || former === '' ? value : [value, former].join(delimiter);
}

/** Nothing is fetched for it: `make interop` does. */
function fetchedEnvironment(folder: string): Environment {
  const peer = fetchedPeer(folder);
  if (peer === null) return {};
  const libraries = Object.entries(libraryEnvironment(peer.libraries)).map(
    ([name, value]) => [name, inFront(name, value)] as const,
  );
  return { ...Object.fromEntries(libraries), PATH: inFront('PATH', dirname(peer.testpmd)) };
}

/** A cache that can't be written is no worse than a compiler that is not there. */
function isLack(error: unknown): error is Error {
  return error instanceof UsageError || (error instanceof Error && 'syscall' in error);
}

/**
 * Finds what is on this machine, and builds the library unless that has been done. Never throws for what is missing.
 * @param folder where the packages have been put, and the library is.
 */
export async function findPeerAccess(folder = peerCache(packageRoot())): Promise<PeerAccess> {
  const env = fetchedEnvironment(folder);
  try {
    return { env: { ...env, LD_PRELOAD: inFront('LD_PRELOAD', await buildShim(folder)) }, trouble: null };
  } catch (error) {
    if (!isLack(error)) throw error;
    return { env, trouble: error.message };
  }
}

/** The words of a command line for Debian's testpmd, which drives these functions. */
export function testpmdWords(slots: readonly string[]): string[] {
  const peer = { testpmd: 'dpdk-testpmd', libraries: [], suffix: DEBIAN_ABI, version: '', packages: {} };
  const { program, args } = testpmdCommand({ peer, shim: '', env: {}, slots });
  return [program, ...args];
}
