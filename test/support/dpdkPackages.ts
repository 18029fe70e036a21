import { packageRoot } from '../../testbench/runtime/package';
import { fetchedPeer } from '../../testbench/peers/dpdk/fetchPeer';
import { peerCache, type Peer } from '../../testbench/peers/dpdk/peer';

/** The folder that `make interop` fetches DPDK's packages into. */
export const PEER_CACHE = peerCache(packageRoot());

/**
 * The build of DPDK in the cache. If there is none, prints what was not tested and skips the test.
 * @param untested completes the message, for example "testpmd was not tried".
 */
export function requirePeer(test: Mocha.Context, untested: string): Peer {
  const peer = fetchedPeer(PEER_CACHE);
  if (peer !== null) return peer;
  process.stdout.write(`      DPDK's packages are not in .cache/dpdk (make interop fetches them): ${untested}\n`);
  test.skip();
}
