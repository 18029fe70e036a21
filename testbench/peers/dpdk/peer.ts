import { cacheFolders, writableCache } from '../../runtime/cacheFolder';

/** A build of DPDK with its testpmd and the AVP driver. */
export interface Peer extends StartablePeer {
  readonly version: string;
  /** Version of each Debian package by name; empty for the user's own build. */
  readonly packages: Readonly<Record<string, string>>;
}

/** A testpmd that can be started. */
export interface StartablePeer {
  /** Path of the `dpdk-testpmd`. */
  readonly testpmd: string;
  /** Path of the dynamic loader that starts it with its own C library; null where the system starts it. */
  readonly loader: string | null;
  /** Folders of its libraries; empty where it finds them by itself. */
  readonly libraries: readonly string[];
  /** ABI suffix of its libraries, the part after `.so.`; null where it finds its drivers by itself. */
  readonly suffix: string | null;
}

/** DPDK drivers that testpmd loads as plug-ins. */
export const PEER_DRIVERS = ['net_avp', 'mempool_ring'] as const;

const CACHE = 'dpdk';

/** The folder in which the peers are kept, each release in a folder of its own. @throws UsageError */
export function peerCache(): string {
  return writableCache(CACHE);
}

/** Folders in which peers may be found: that of a checkout that cannot be written may have some. */
export function peerCaches(): string[] {
  return cacheFolders(CACHE);
}
