/**
 * The AVP poll-mode driver: what users of the library may import.
 * @module avp-testbench/driver
 */
export type { PortInfo, QueueState, VlanOffload } from './configure';
export type { LostFeature, PortEvent, PortEventDetail, PortEventEntry, PortListener } from './events';
export type { DriverDrop, RxCounter, TxCounter } from './counters';
export { BurstTable } from './burstTable';
export { mbufFree, mbufFreeBulk } from './guestLoops';
export { Mempool, type MempoolOptions } from './mempoolView';
export { mbufFromBytes, MbufView, type PacketOptions } from './mbufView';
export { ExternalBuffer, mbufAttach, mbufReference } from './sharedMbufs';
export { Port, type Link, type PortState } from './port';
export { MBUF_RX_VLAN, MBUF_RX_VLAN_STRIPPED, MBUF_TX_VLAN } from './loops/records';
export type { PortConfig } from './portConfig';
export type { RxDescriptorStatus } from './queueDepth';
export { avpDriver } from './probe';
export type { PortStats, QueueStats } from './stats';
