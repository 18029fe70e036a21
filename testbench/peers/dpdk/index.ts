/** DPDK's own AVP driver, in `dpdk-testpmd`, as the other side of an exported device. */
export * from './cpus';
export * from './exportedHost';
export { fetchedPeer, fetchPeer } from './fetchPeer';
export * from './hostLoop';
export * from './parse';
export * from './parsePackets';
export { ownPeer } from './ownPeer';
export { peerCache, type Peer } from './peer';
export * from './peerExit';
export * from './preparePeer';
export * from './releases';
export { buildShim } from './shim';
export * from './testpmd';
export type { TestpmdOptions } from './testpmdCommand';
