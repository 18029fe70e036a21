import { delimiter } from 'node:path';
import { UsageError } from '../../shared/errors';
import { cacheInUse, commandFolder, newestFetched } from '../peers/dpdk/fetchPeer';
import { peerCache } from '../peers/dpdk/peer';
import { DPDK_RELEASES } from '../peers/dpdk/releases';
import { safePath } from '../peers/dpdk/safePath';
import { buildShim } from '../peers/dpdk/shim';
import { testpmdCommand } from '../peers/dpdk/testpmdCommand';

type Environment = Readonly<Record<string, string>>;

/** Environment that a `dpdk-testpmd` in another shell needs besides the variables of the export. */
export interface PeerAccess {
  /** Variables that name the preloaded library and, where they have been fetched, Debian's packages. */
  readonly env: Environment;
  /** Why there is no preloaded library, in one line; null where there is one. */
  readonly trouble: string | null;
}

/** Puts a value before that of the caller's environment variable. */
function inFront(name: string, value: string): string {
  const former = process.env[name];
  return former === undefined || former === '' ? value : [value, former].join(delimiter);
}

/** The variable that leads to the newest fetched release. This fetches nothing; `make interop` does. */
function fetchedEnvironment(cache: string): Environment {
  const newest = newestFetched(cache);
  return newest === null ? {} : { PATH: inFront('PATH', safePath(commandFolder(newest.release, cache))) };
}

/** Whether an error means that something is missing: a compiler, or a cache that can be written. */
function isLack(error: unknown): error is Error {
  return error instanceof UsageError || (error instanceof Error && 'syscall' in error);
}

/**
 * Finds the fetched packages and builds the preloaded library unless it exists. Does not throw if either is missing.
 * @param folder the cache with packages and library. Default: where they are found, and where the library can be put.
 */
export async function findPeerAccess(folder?: string): Promise<PeerAccess> {
  const env = fetchedEnvironment(folder ?? cacheInUse());
  try {
    return {
      env: { ...env, LD_PRELOAD: inFront('LD_PRELOAD', safePath(await buildShim(folder ?? peerCache()))) },
      trouble: null,
    };
  } catch (error) {
    if (!isLack(error)) throw error;
    return { env, trouble: error.message };
  }
}

/**
 * Words of a command line by which a testpmd drives these functions: that of the newest fetched release, or one
 * of the newest release where none has been fetched.
 */
export function testpmdWords(bdfs: readonly string[], cache = cacheInUse()): string[] {
  const { abi } = newestFetched(cache)?.release ?? DPDK_RELEASES.at(-1)!;
  const peer = { testpmd: 'dpdk-testpmd', loader: null, libraries: [], suffix: abi };
  const { program, args } = testpmdCommand({ peer, shim: '', env: {}, bdfs });
  return [program, ...args];
}
