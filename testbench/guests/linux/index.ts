/** A guest that behaves as the Linux kernel's driver does (section 17). */
export { Netdev, type NetdevCounts, type NetdevOptions } from './netdev';
export type { Packet } from './packets';
export { CACHE_BUFFERS } from './traffic';
