import { FEATURE_VLAN_OFFLOAD } from '../shared/loops/layout';
import { settleBursts, type PortContext } from './context';
import { requestConfig, requestLink, requestShutdown, Unanswered, type ConfigRequest } from './control';
import { dealOut, featuresFor, openRings } from './negotiate';
import {
  loadPortFeatures,
  loadPortLinkUp,
  loadPortRxFifos,
  loadPortRxVlan,
  loadPortState,
  loadPortTxQueues,
  loadPortUnsure,
  loadPortVlanInsert,
  loadPortVlanStrip,
  STATE_STARTED,
  storePortFeatures,
  storePortRxFifos,
  storePortRxVlan,
  storePortUnsure,
  UNSURE_CONFIG,
  UNSURE_LINK,
} from './loops/records';

/**
 * What host and guest hold the same: queues, features, the link. A request that was sent and got
 * no answer may have been carried out, so what it was about is unsure from then on. Until the
 * host has answered about it the port does only what is right in either case, and the next
 * control operation that it matters to asks anew. All callers hold the port's lock.
 */

/** True while the host has left nothing unanswered. */
export function isSure(port: PortContext): boolean {
  return loadPortUnsure(port.address) === 0;
}

/** Makes a request; what it is about is unsure where no answer came. */
function asking(port: PortContext, subject: number, request: () => void): void {
  try {
    request();
  } catch (error) {
    if (error instanceof Unanswered) storePortUnsure(port.address, loadPortUnsure(port.address) | subject);
    throw error;
  }
}

/** Request 2. */
export function sendLink(port: PortContext, up: boolean): void {
  asking(port, UNSURE_LINK, () => requestLink(port, up));
  storePortUnsure(port.address, loadPortUnsure(port.address) & ~UNSURE_LINK);
}

/** Request 3. The sides differ from the answer on until this one has taken the same over. */
export function sendConfig(port: PortContext, config: ConfigRequest): void {
  asking(port, UNSURE_CONFIG, () => requestConfig(port, config));
  storePortUnsure(port.address, loadPortUnsure(port.address) | UNSURE_CONFIG);
}

/** Request 4 of a detach: a host that carried it out has forgotten the config. */
export function sendShutdown(port: PortContext): void {
  asking(port, UNSURE_CONFIG, () => requestShutdown(port));
}

/**
 * What was agreed with the host; both sides hold the same now, request 3 having named the link
 * too. No burst is running. Packets whose tag was taken out under former terms may still lie on
 * rx, so tags that were understood once go on being understood.
 */
export function adoptConfig(port: PortContext, rxQueues: number, rxFifos: number, features: number): void {
  dealOut(port, rxFifos, rxQueues);
  storePortRxFifos(port.address, rxFifos);
  storePortFeatures(port.address, features);
  storePortRxVlan(port.address, loadPortRxVlan(port.address) | (features & FEATURE_VLAN_OFFLOAD));
  storePortUnsure(port.address, 0);
}

/** What the driver holds to be negotiated, as a request. */
function presentConfig(port: PortContext, features: number): ConfigRequest {
  const up = loadPortLinkUp(port.address) !== 0;
  return { txQueues: loadPortTxQueues(port.address), rxFifos: loadPortRxFifos(port.address), features, up };
}

/** Rings that the host may have emptied since they were opened; no burst runs on a port that is not started. */
function reopenRings(port: PortContext): void {
  if (loadPortState(port.address) !== STATE_STARTED)
    openRings(port, loadPortRxFifos(port.address), loadPortTxQueues(port.address));
  storePortUnsure(port.address, 0);
}

/**
 * Tells the host of its features while traffic may run; the rings and their indices stay. Bursts
 * that began under the former terms end first. The host strips and inserts by the new terms from
 * some moment before its answer, and if that does not come perhaps never. So from before the
 * request on the receive path understands tags, and goes on understanding them for packets that
 * were stripped earlier; and no tag is handed over that only one of the two terms puts in.
 */
export function renegotiate(port: PortContext, features: number): void {
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

/** Makes sure that both sides hold the same of queues and features: what the application was last granted. */
export function confirmConfig(port: PortContext): void {
  if ((loadPortUnsure(port.address) & UNSURE_CONFIG) === 0) return;
  renegotiate(port, featuresFor(port, loadPortVlanStrip(port.address) !== 0, loadPortVlanInsert(port.address) !== 0));
}

/** Makes sure that the host holds the link as the port shows it. */
export function confirmLink(port: PortContext): void {
  if ((loadPortUnsure(port.address) & UNSURE_LINK) !== 0) sendLink(port, loadPortLinkUp(port.address) !== 0);
}
