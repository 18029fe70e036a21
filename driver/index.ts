/** The AVP poll-mode driver, for users of the library. */
export type { PortConfig, VlanOffload } from './configure';
export { avpDriver } from './driver';
export type { LostFeature, PortEvent, PortEventDetail, PortEventEntry, PortListener } from './events';
export type { PortInfo } from './info';
export { mbufFree } from './loops/mempool';
export { Mempool, type MempoolOptions } from './mempoolView';
export { mbufFromBytes, MbufView, type PacketOptions } from './mbufView';
export { Port, type Link, type PortState } from './port';
export { MBUF_RX_VLAN, MBUF_RX_VLAN_STRIPPED, MBUF_TX_VLAN } from './loops/records';
export type { PortStats, QueueStats } from './stats';
