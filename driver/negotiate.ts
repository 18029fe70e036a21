import { FEATURE_VLAN_OFFLOAD, MAX_QUEUES } from '../shared/loops/layout';
import { mapRxFifos, openRings } from './adopt';
import { type PortContext, settleBursts } from './context';
import { type ConfigRequest, requestConfig, requestLink, requestShutdown, Unanswered } from './control';
import {
  loadPortFeatures,
  loadPortHostFeatures,
  loadPortLinkUp,
  loadPortMaxRxPktLen,
  loadPortMaxRxQueues,
  loadPortMbufSize,
  loadPortMinRxQueues,
  loadPortMtu,
  loadPortRxFifos,
  loadPortRxQueues,
  loadPortRxVlan,
  loadPortState,
  loadPortTxQueues,
  loadPortUnsure,
  loadPortVlanInsert,
  loadPortVlanStrip,
  loadRxQueueMbufBytes,
  loadRxQueueMempool,
  STATE_STARTED,
  storePortFeatures,
  storePortMtu,
  storePortRxFifos,
  storePortRxQueues,
  storePortRxVlan,
  storePortScattered,
  storePortTxQueues,
  storePortUnsure,
  storePortVlanInsert,
  storePortVlanStrip,
  UNSURE_CONFIG,
  UNSURE_LINK,
} from './loops/records';
import { rxQueueAt } from './loops/rx';

/**
 * The terms between guest and host: queues, features, link. They follow from what the application
 * asked for and from what the host offers (sections 9 and 12), are proposed with request 3, and
 * apply once the host has accepted them.
 *
 * A request without an answer may have been carried out, so its subject is unsure from then on.
 * Until the host has answered another request about it, the port does only what is right in either
 * case, and the next control operation that depends on the subject asks again. All callers hold
 * the port's lock.
 */

/** Bytes of a frame beyond its MTU: Ethernet header and CRC. */
export const FRAME_OVERHEAD_BYTES = 18;

/** The application's configuration. It stays over migrations, even if a host grants less. */
export interface Wishes {
  readonly rxQueues: number;
  readonly txQueues: number;
  readonly mtu: number;
  readonly vlanStrip: boolean;
  readonly vlanInsert: boolean;
}

/** The wishes, and what a host grants of them. */
export interface Terms extends Wishes {
  readonly rxFifos: number;
  readonly features: number;
}

/** The wishes that the port's record holds. */
export function wishesOf(port: PortContext): Wishes {
  return {
    rxQueues: loadPortRxQueues(port.address),
    txQueues: loadPortTxQueues(port.address),
    mtu: loadPortMtu(port.address),
    vlanStrip: loadPortVlanStrip(port.address) !== 0,
    vlanInsert: loadPortVlanInsert(port.address) !== 0,
  };
}

/**
 * Receive FIFOs to ask for: never fewer than the host wants served (section 9), nor more than it
 * has, which after a migration may be fewer than there are queues.
 */
function rxFifosFor(port: PortContext, rxQueues: number): number {
  const most = Math.min(loadPortMaxRxQueues(port.address), MAX_QUEUES);
  return Math.min(Math.max(loadPortMinRxQueues(port.address), rxQueues), most);
}

/** Features to ask for: one bit for both directions, never one that the host lacks (section 12). */
function featuresFor(port: PortContext, vlanStrip: boolean, vlanInsert: boolean): number {
  return vlanStrip || vlanInsert ? loadPortHostFeatures(port.address) & FEATURE_VLAN_OFFLOAD : 0;
}

/** True while no subject is unsure. */
export function isSure(port: PortContext): boolean {
  return loadPortUnsure(port.address) === 0;
}

/** Makes a request, and marks its subject as unsure if no answer comes. */
function asking(port: PortContext, subject: number, request: () => void): void {
  try {
    request();
  } catch (error) {
    if (error instanceof Unanswered) storePortUnsure(port.address, loadPortUnsure(port.address) | subject);
    throw error;
  }
}

/** Sends request 2. */
export function sendLink(port: PortContext, up: boolean): void {
  asking(port, UNSURE_LINK, () => requestLink(port, up));
  storePortUnsure(port.address, loadPortUnsure(port.address) & ~UNSURE_LINK);
}

/** Sends request 3. From the answer until the caller has adopted the config, the sides differ. */
function sendConfig(port: PortContext, config: ConfigRequest): void {
  asking(port, UNSURE_CONFIG, () => requestConfig(port, config));
  storePortUnsure(port.address, loadPortUnsure(port.address) | UNSURE_CONFIG);
}

/** Sends request 4 of a detach. A host that carries it out forgets the config. */
export function sendShutdown(port: PortContext): void {
  asking(port, UNSURE_CONFIG, () => requestShutdown(port));
}

/**
 * Proposes the terms that follow from the wishes, with the link up or down. The caller applies
 * what comes back.
 * @throws ErrnoError if the host refuses or does not answer.
 */
export function negotiate(port: PortContext, wishes: Wishes, up: boolean): Terms {
  const rxFifos = rxFifosFor(port, wishes.rxQueues);
  const features = featuresFor(port, wishes.vlanStrip, wishes.vlanInsert);
  sendConfig(port, { txQueues: wishes.txQueues, rxFifos, features, up });
  return { ...wishes, rxFifos, features };
}

/** Stores the wishes, for the migrations to come. */
function storeWishes(port: PortContext, { rxQueues, txQueues, mtu, vlanStrip, vlanInsert }: Wishes): void {
  storePortRxQueues(port.address, rxQueues);
  storePortTxQueues(port.address, txQueues);
  storePortMtu(port.address, mtu);
  storePortVlanStrip(port.address, vlanStrip ? 1 : 0);
  storePortVlanInsert(port.address, vlanInsert ? 1 : 0);
}

/**
 * Applies terms that the host has just accepted; request 3 named the link too, so nothing is
 * unsure afterwards. No burst is running. Packets whose tag was stripped under former terms may
 * still lie on rx, so once tags were understood they go on being understood.
 * @throws ErrnoError EIO if an index of a ring is out of range; nothing has changed then.
 */
export function applyTerms(port: PortContext, terms: Terms): void {
  openRings(port, terms.rxFifos, terms.txQueues);
  mapRxFifos(port, terms.rxFifos, terms.rxQueues);
  storePortRxFifos(port.address, terms.rxFifos);
  storePortFeatures(port.address, terms.features);
  storePortRxVlan(port.address, loadPortRxVlan(port.address) | (terms.features & FEATURE_VLAN_OFFLOAD));
  storePortUnsure(port.address, 0);
  storeWishes(port, terms);
  decideScattered(port);
}

/** Smallest room for a packet in an mbuf of any configured queue; Infinity if none is set up. */
function smallestMbuf(port: PortContext): number {
  let smallest = Infinity;
  for (let queue = 0; queue < loadPortRxQueues(port.address); queue++) {
    const q = rxQueueAt(port.address, queue);
    if (loadRxQueueMempool(q) !== 0) smallest = Math.min(smallest, loadRxQueueMbufBytes(q));
  }
  return smallest;
}

/** Chooses scattered mode (section 10) if the longest packet exceeds a buffer of either side. */
export function decideScattered(port: PortContext): void {
  const longest = Math.max(loadPortMtu(port.address) + FRAME_OVERHEAD_BYTES, loadPortMaxRxPktLen(port.address));
  const buffer = Math.min(loadPortMbufSize(port.address), smallestMbuf(port));
  storePortScattered(port.address, longest > buffer ? 1 : 0);
}

/** The request that repeats what is in force, with other features. */
function presentConfig(port: PortContext, features: number): ConfigRequest {
  const up = loadPortLinkUp(port.address) !== 0;
  return { txQueues: loadPortTxQueues(port.address), rxFifos: loadPortRxFifos(port.address), features, up };
}

/** Reopens rings that the host may have emptied. No burst runs on a port that is not started. */
function reopenRings(port: PortContext): void {
  if (loadPortState(port.address) !== STATE_STARTED)
    openRings(port, loadPortRxFifos(port.address), loadPortTxQueues(port.address));
  storePortUnsure(port.address, 0);
}

/**
 * Changes the features while traffic may run; the rings and their indices stay. Bursts that began
 * under the former terms end first. The host strips and inserts by the new terms from some moment
 * before its answer on, and perhaps never if no answer comes. So the receive path understands tags
 * from before the request on, and goes on understanding them for packets that were stripped
 * earlier; and the transmit path hands over only tags that both the former and the new terms insert.
 */
export function renegotiate(port: PortContext, vlanStrip: boolean, vlanInsert: boolean): void {
  const features = featuresFor(port, vlanStrip, vlanInsert);
  const formerFeatures = loadPortFeatures(port.address);
  const formerRxVlan = loadPortRxVlan(port.address);
  storePortFeatures(port.address, formerFeatures & features);
  if (features !== 0) storePortRxVlan(port.address, 1);
  try {
    settleBursts(port);
    sendConfig(port, presentConfig(port, features));
  } catch (error) {
    if (!(error instanceof Unanswered)) {
      storePortFeatures(port.address, formerFeatures);
      storePortRxVlan(port.address, formerRxVlan);
    }
    throw error;
  }
  storePortFeatures(port.address, features);
  reopenRings(port);
}

/** Sends request 3 again if its last outcome is unsure, with the terms that the application was last granted. */
export function confirmConfig(port: PortContext): void {
  if ((loadPortUnsure(port.address) & UNSURE_CONFIG) === 0) return;
  const { vlanStrip, vlanInsert } = wishesOf(port);
  renegotiate(port, vlanStrip, vlanInsert);
}

/** Tells the host the link state of the port again if it is unsure. */
export function confirmLink(port: PortContext): void {
  if ((loadPortUnsure(port.address) & UNSURE_LINK) !== 0) sendLink(port, loadPortLinkUp(port.address) !== 0);
}
