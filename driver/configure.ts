import { ErrnoError } from '../shared/errors';
import { MAC_BYTES } from '../shared/ethernet';
import { FEATURE_VLAN_OFFLOAD, MAX_QUEUES, MIN_MBUF_SIZE } from '../shared/loops/layout';
import { needAttached, needDevice, needDrained, needInteger, type PortContext, refusal } from './context';
import {
  loadPortHostFeatures,
  loadPortHostVersion,
  loadPortMacHi,
  loadPortMacLo,
  loadPortMaxRxPktLen,
  loadPortMaxRxQueues,
  loadPortMaxTxQueues,
  loadPortMtu,
  loadPortRxQueues,
  loadPortState,
  loadPortTxQueues,
  STATE_CONFIGURED,
  STATE_PROBED,
  STATE_STARTED,
  storePortState,
  storePortVlanInsert,
  storePortVlanStrip,
  storeRxQueueMbufBytes,
  storeRxQueueMempool,
  storeTxQueueReady,
} from './loops/records';
import { rxQueueAt } from './loops/rx';
import { txQueueAt } from './loops/tx';
import { isMempool } from './mempoolTable';
import type { Mempool } from './mempoolView';
import { checkSettings, LINK_SPEED_MBPS, type PortConfig } from './portConfig';
import {
  applyTerms,
  decideScattered,
  FRAME_OVERHEAD_BYTES,
  isSure,
  negotiate,
  renegotiate,
  type Wishes,
  wishesOf,
} from './negotiate';

/**
 * Configuration of a port by its application: limits, offloads, set-up of queues (sections 9, 12 to 14).
 * All callers hold the port's lock.
 */

/** State of a configured queue: that of its port, because AVP starts and stops all queues together. */
export type QueueState = 'started' | 'stopped';

/** A change of offloads; what is not named stays as it is. */
export interface VlanOffload {
  /** Take the tag out of received frames. */
  readonly strip?: boolean;
  /** Insert the tag that an mbuf asks for. */
  readonly insert?: boolean;
  /** AVP has none: `true` is refused. */
  readonly filter?: boolean;
  /** AVP has none: `true` is refused. */
  readonly qinqExtend?: boolean;
}

/** Capabilities and settings of a port (section 13). A migration may change all but the MTU. */
export interface PortInfo {
  /** Most receive queues, at most 8. */
  readonly maxRxQueues: number;
  /** Most transmit queues, at most 8. */
  readonly maxTxQueues: number;
  /** Least data room of an mbuf for received packets, without headroom. */
  readonly minRxBufferBytes: number;
  /** Longest packet that the host delivers. */
  readonly maxRxPacketBytes: number;
  /** Number of MAC addresses. */
  readonly macAddresses: number;
  /** MTU that the port is configured for, bytes. */
  readonly mtu: number;
  /** Least MTU, bytes. */
  readonly minMtu: number;
  /** Greatest MTU that the present host allows, bytes. */
  readonly maxMtu: number;
  /** True if the host offers it. */
  readonly vlanStrip: boolean;
  /** True if the host offers it. */
  readonly vlanInsert: boolean;
  /** True: received packets may span several mbufs. */
  readonly rxScatter: boolean;
  /** True: packets to be sent may be chains. */
  readonly txMultiSegs: boolean;
  /** Speeds of the link. */
  readonly speedsMbps: readonly number[];
  /** release<<16 | major<<8 | minor. */
  readonly hostVersion: number;
}

const MIN_MTU = 68;
const DEFAULT_MTU = 1_500;

/** Largest MTU that the host allows. */
export function maxMtu(port: PortContext): number {
  return loadPortMaxRxPktLen(port.address) - FRAME_OVERHEAD_BYTES;
}

/** Most queues of a direction that the application may configure. */
function queueLimit(hostMost: number): number {
  return Math.min(hostMost, MAX_QUEUES);
}

/** Returns the information of a port (section 13). */
export function infoOf(port: PortContext): PortInfo {
  const vlan = (loadPortHostFeatures(port.address) & FEATURE_VLAN_OFFLOAD) !== 0;
  return {
    maxRxQueues: queueLimit(loadPortMaxRxQueues(port.address)),
    maxTxQueues: queueLimit(loadPortMaxTxQueues(port.address)),
    minRxBufferBytes: MIN_MBUF_SIZE,
    maxRxPacketBytes: loadPortMaxRxPktLen(port.address),
    macAddresses: 1,
    mtu: loadPortMtu(port.address),
    minMtu: MIN_MTU,
    maxMtu: maxMtu(port),
    vlanStrip: vlan,
    vlanInsert: vlan,
    rxScatter: true,
    txMultiSegs: true,
    speedsMbps: [LINK_SPEED_MBPS],
    hostVersion: loadPortHostVersion(port.address),
  };
}

/** Returns the MAC address that the port took at its probe. */
export function macOf(port: PortContext): Uint8Array {
  const mac = new Uint8Array(8);
  const view = new DataView(mac.buffer);
  view.setUint32(0, loadPortMacLo(port.address), true);
  view.setUint32(4, loadPortMacHi(port.address), true);
  return mac.slice(0, MAC_BYTES);
}

function needQueues(field: string, wanted: number, kind: string, hostMost: number): void {
  if (hostMost === 0) throw new ErrnoError('EINVAL', `device_info.max_${kind}_queues is 0: the host offers no queue`);
  needInteger(field, wanted, 0, queueLimit(hostMost), ` (device_info.max_${kind}_queues is ${hostMost})`);
}

/** Checks that the host offers VLAN offload; its one bit (section 9) serves both directions. */
function needVlan(port: PortContext, strip: boolean, insert: boolean): void {
  if ((strip || insert) && (loadPortHostFeatures(port.address) & FEATURE_VLAN_OFFLOAD) === 0)
    throw new ErrnoError('ENOTSUP', `VLAN ${strip ? 'strip' : 'insert'}: the host does not offer VLAN offload`);
}

function checkConfig(port: PortContext, { rxQueues, txQueues, mtu, vlanStrip, vlanInsert }: Wishes): void {
  needQueues('rxQueues', rxQueues, 'rx', loadPortMaxRxQueues(port.address));
  needQueues('txQueues', txQueues, 'tx', loadPortMaxTxQueues(port.address));
  needInteger('mtu', mtu, MIN_MTU, maxMtu(port), ` (device_info.max_rx_pkt_len - ${FRAME_OVERHEAD_BYTES})`);
  needVlan(port, vlanStrip, vlanInsert);
}

/** The queue counts of a configuration. Both 0 mean the driver's preference, as in ethdev. */
function queuesAskedFor({ rxQueues, txQueues }: PortConfig): Pick<PortConfig, 'rxQueues' | 'txQueues'> {
  return rxQueues === 0 && txQueues === 0 ? { rxQueues: 1, txQueues: 1 } : { rxQueues, txQueues };
}

/** Ends the set-up of queues that are no longer configured. */
function forgetQueues(port: PortContext, rxQueues: number, txQueues: number): void {
  for (let queue = rxQueues; queue < MAX_QUEUES; queue++) storeRxQueueMempool(rxQueueAt(port.address, queue), 0);
  for (let queue = txQueues; queue < MAX_QUEUES; queue++) storeTxQueueReady(txQueueAt(port.address, queue), 0);
}

/**
 * Checks everything, then agrees on the terms with the host (section 14, configure).
 * @throws ErrnoError EINVAL, ENOTSUP, EBUSY while started, ENODEV, or what the request gave.
 */
export function configurePort(port: PortContext, config: PortConfig): void {
  needAttached(port);
  if (loadPortState(port.address) === STATE_STARTED)
    throw new ErrnoError('EBUSY', 'the port is started: stop it before configuring');
  checkSettings(config);
  const { vlanStrip = false, vlanInsert = false } = config;
  const { rxQueues, txQueues } = queuesAskedFor(config);
  const mtu = config.mtu ?? Math.min(DEFAULT_MTU, maxMtu(port));
  const wishes = { rxQueues, txQueues, mtu, vlanStrip, vlanInsert };
  checkConfig(port, wishes);
  needDrained(port);
  applyTerms(port, negotiate(port, wishes, false));
  forgetQueues(port, rxQueues, txQueues);
  storePortState(port.address, STATE_CONFIGURED);
}

/**
 * Changes the VLAN offloads of a configured port, started or not (section 12).
 * @throws ErrnoError ENOTSUP for what AVP or the host lacks, EINVAL before configure, ENODEV,
 * or what the request gave.
 */
export function setVlanOffload(port: PortContext, change: VlanOffload): void {
  needAttached(port);
  if (loadPortState(port.address) === STATE_PROBED) throw new ErrnoError('EINVAL', 'the port is not configured yet');
  if (change.filter === true) throw new ErrnoError('ENOTSUP', 'AVP has no VLAN filter');
  if (change.qinqExtend === true) throw new ErrnoError('ENOTSUP', 'AVP has no QinQ extend');
  const { vlanStrip: hadStrip, vlanInsert: hadInsert } = wishesOf(port);
  const { strip = hadStrip, insert = hadInsert } = change;
  // Only what is newly asked for: what the port had may be missing since a migration, and that must not block a change.
  needVlan(port, change.strip === true, change.insert === true);
  if (strip === hadStrip && insert === hadInsert && isSure(port)) return;
  renegotiate(port, strip, insert);
  storePortVlanStrip(port.address, strip ? 1 : 0);
  storePortVlanInsert(port.address, insert ? 1 : 0);
}

function needStopped(port: PortContext): void {
  needDevice(port);
  if (loadPortState(port.address) === STATE_STARTED)
    throw new ErrnoError('EBUSY', 'the port is started: stop it first');
}

/** @throws ErrnoError EINVAL for a queue that is not configured. */
export function needQueue(port: PortContext, direction: 'rx' | 'tx', queue: number): void {
  const count = direction === 'rx' ? loadPortRxQueues(port.address) : loadPortTxQueues(port.address);
  if (!Number.isInteger(queue) || queue < 0 || queue >= count)
    throw new ErrnoError('EINVAL', `${direction} queue ${queue} is not configured: the port has ${count}`);
}

/** @throws ErrnoError EINVAL for a queue that is not configured. */
export function queueStateOf(port: PortContext, direction: 'rx' | 'tx', queue: number): QueueState {
  needQueue(port, direction, queue);
  return loadPortState(port.address) === STATE_STARTED ? 'started' : 'stopped';
}

/**
 * @throws ErrnoError EINVAL for a queue that is not configured, no mempool or mbufs below 64 bytes, EBUSY while started.
 */
export function setUpRxQueue(port: PortContext, queue: number, pool: Mempool): void {
  needStopped(port);
  needQueue(port, 'rx', queue);
  if (!isMempool(pool.address)) throw refusal('EINVAL', 'mempool', pool.address, 'a mempool that is not released');
  if (pool.mbufBytes < MIN_MBUF_SIZE) {
    const expected = `at least ${MIN_MBUF_SIZE} bytes`;
    throw refusal('EINVAL', 'data room of the mempool, less headroom,', pool.mbufBytes, expected);
  }
  needDrained(port);
  const q = rxQueueAt(port.address, queue);
  storeRxQueueMempool(q, pool.address);
  storeRxQueueMbufBytes(q, pool.mbufBytes);
  decideScattered(port);
}

/** @throws ErrnoError EINVAL for a queue that is not configured, EBUSY while started. */
export function setUpTxQueue(port: PortContext, queue: number): void {
  needStopped(port);
  needQueue(port, 'tx', queue);
  storeTxQueueReady(txQueueAt(port.address, queue), 1);
}
