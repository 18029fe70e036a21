import { ErrnoError } from '../shared/errors';
import { FEATURE_VLAN_OFFLOAD, MAX_QUEUES } from '../shared/loops/layout';
import { adoptConfig, isSure, renegotiate, sendConfig } from './agreement';
import { needAttached, needDrained, type PortContext } from './context';
import { decideScattered, featuresFor, FRAME_OVERHEAD_BYTES, openRings, rxFifosFor } from './negotiate';
import {
  loadPortHostFeatures,
  loadPortMaxRxPktLen,
  loadPortMaxRxQueues,
  loadPortMaxTxQueues,
  loadPortRxQueues,
  loadPortState,
  loadPortTxQueues,
  loadPortVlanInsert,
  loadPortVlanStrip,
  STATE_CONFIGURED,
  STATE_PROBED,
  STATE_STARTED,
  storePortMtu,
  storePortRxQueues,
  storePortState,
  storePortTxQueues,
  storePortVlanInsert,
  storePortVlanStrip,
  storeRxQueueMempool,
  storeTxQueueReady,
} from './loops/records';
import { needInteger } from './refuse';
import { rxQueueAt } from './loops/rx';
import { txQueueAt } from './loops/tx';

/** What an application asks a port for. */
export interface PortConfig {
  readonly rxQueues: number;
  readonly txQueues: number;
  /** From 68 to max_rx_pkt_len - 18; default 1,500, or what the host allows if that is less. */
  readonly mtu?: number;
  readonly vlanStrip?: boolean;
  readonly vlanInsert?: boolean;
}

/** A change of offloads; what is not named stays as it is. */
export interface VlanOffload {
  readonly strip?: boolean;
  readonly insert?: boolean;
  /** AVP has none: `true` is refused. */
  readonly filter?: boolean;
  /** AVP has none: `true` is refused. */
  readonly qinqExtend?: boolean;
}

export const MIN_MTU = 68;
const DEFAULT_MTU = 1_500;

/** Largest MTU that the host allows. */
export function maxMtu(port: PortContext): number {
  return loadPortMaxRxPktLen(port.address) - FRAME_OVERHEAD_BYTES;
}

/** Most queues of a direction that the application may configure. */
export function queueLimit(hostMost: number): number {
  return Math.min(hostMost, MAX_QUEUES);
}

function needQueues(field: string, wanted: number, kind: string, hostMost: number): void {
  if (hostMost === 0) throw new ErrnoError('EINVAL', `device_info.max_${kind}_queues is 0: the host offers no queue`);
  needInteger(field, wanted, 0, queueLimit(hostMost), ` (device_info.max_${kind}_queues is ${hostMost})`);
}

/** The one VLAN bit of section 9 serves both offloads. */
function needVlan(port: PortContext, strip: boolean, insert: boolean): void {
  if ((strip || insert) && (loadPortHostFeatures(port.address) & FEATURE_VLAN_OFFLOAD) === 0)
    throw new ErrnoError('ENOTSUP', `VLAN ${strip ? 'strip' : 'insert'}: the host does not offer VLAN offload`);
}

function checkConfig(port: PortContext, config: PortConfig, mtu: number): void {
  needQueues('rxQueues', config.rxQueues, 'rx', loadPortMaxRxQueues(port.address));
  needQueues('txQueues', config.txQueues, 'tx', loadPortMaxTxQueues(port.address));
  if (config.rxQueues + config.txQueues === 0)
    throw new ErrnoError('EINVAL', 'rxQueues and txQueues are 0: expected a queue');
  needInteger('mtu', mtu, MIN_MTU, maxMtu(port), ` (device_info.max_rx_pkt_len - ${FRAME_OVERHEAD_BYTES})`);
  needVlan(port, config.vlanStrip ?? false, config.vlanInsert ?? false);
}

/** Queues that are no longer configured lose their set-up. */
function forgetQueues(port: PortContext, rxQueues: number, txQueues: number): void {
  for (let queue = rxQueues; queue < MAX_QUEUES; queue++) storeRxQueueMempool(rxQueueAt(port.address, queue), 0);
  for (let queue = txQueues; queue < MAX_QUEUES; queue++) storeTxQueueReady(txQueueAt(port.address, queue), 0);
}

/**
 * Section 14, configure: checks everything, sends request 3, and takes the settings over.
 * The caller holds the lock.
 * @throws ErrnoError EINVAL, ENOTSUP, EBUSY while started, ENODEV, or what the request gave.
 */
export function configurePort(port: PortContext, config: PortConfig): void {
  needAttached(port);
  if (loadPortState(port.address) === STATE_STARTED)
    throw new ErrnoError('EBUSY', 'the port is started: stop it before configuring');
  const { rxQueues, txQueues, vlanStrip = false, vlanInsert = false } = config;
  const mtu = config.mtu ?? Math.min(DEFAULT_MTU, maxMtu(port));
  checkConfig(port, config, mtu);
  needDrained(port);
  const features = featuresFor(port, vlanStrip, vlanInsert);
  const rxFifos = rxFifosFor(port, rxQueues);
  sendConfig(port, { txQueues, rxFifos, features, up: false });
  openRings(port, rxFifos, txQueues);
  adoptConfig(port, rxQueues, rxFifos, features);
  forgetQueues(port, rxQueues, txQueues);
  storePortRxQueues(port.address, rxQueues);
  storePortTxQueues(port.address, txQueues);
  storePortMtu(port.address, mtu);
  storePortVlanStrip(port.address, vlanStrip ? 1 : 0);
  storePortVlanInsert(port.address, vlanInsert ? 1 : 0);
  decideScattered(port);
  storePortState(port.address, STATE_CONFIGURED);
}

/**
 * Section 12: changes the VLAN offloads of a configured port, started or not. The caller holds
 * the lock.
 * @throws ErrnoError ENOTSUP for what AVP or the host lacks, EINVAL before configure, ENODEV,
 * or what the request gave.
 */
export function setVlanOffload(port: PortContext, change: VlanOffload): void {
  needAttached(port);
  if (loadPortState(port.address) === STATE_PROBED) throw new ErrnoError('EINVAL', 'the port is not configured yet');
  if (change.filter === true) throw new ErrnoError('ENOTSUP', 'AVP has no VLAN filter');
  if (change.qinqExtend === true) throw new ErrnoError('ENOTSUP', 'AVP has no QinQ extend');
  const [hadStrip, hadInsert] = [loadPortVlanStrip(port.address) !== 0, loadPortVlanInsert(port.address) !== 0];
  const { strip = hadStrip, insert = hadInsert } = change;
  // What was asked for before may be missing since a migration; that keeps no change from being made.
  needVlan(port, change.strip === true, change.insert === true);
  if (strip === hadStrip && insert === hadInsert && isSure(port)) return;
  renegotiate(port, featuresFor(port, strip, insert));
  storePortVlanStrip(port.address, strip ? 1 : 0);
  storePortVlanInsert(port.address, insert ? 1 : 0);
}

/** Receive queues that are configured, for checks of a queue number. */
export function needQueue(port: PortContext, direction: 'rx' | 'tx', queue: number): void {
  const count = direction === 'rx' ? loadPortRxQueues(port.address) : loadPortTxQueues(port.address);
  if (!Number.isInteger(queue) || queue < 0 || queue >= count)
    throw new ErrnoError('EINVAL', `${direction} queue ${queue} is not configured: the port has ${count}`);
}
