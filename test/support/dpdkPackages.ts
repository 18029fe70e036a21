import { cacheInUse, newestFetched } from '../../testbench/peers/dpdk/fetchPeer';
import type { Peer } from '../../testbench/peers/dpdk/peer';

/** The folder that `make interop` fetches DPDK's packages into. */
export const PEER_CACHE = cacheInUse();

/**
 * The newest release of DPDK in the cache. If there is none, prints what was not tested and skips the test.
 * @param untested completes the message, for example "testpmd was not tried".
 */
export function requirePeer(test: Mocha.Context, untested: string): Peer {
  const newest = newestFetched(PEER_CACHE);
  if (newest !== null) return newest.peer;
  process.stdout.write(`      DPDK's packages are not in .cache/dpdk (make interop fetches them): ${untested}\n`);
  test.skip();
}
