import { readBytes } from '#mem';
import { ErrnoError } from '../shared/errors';
import {
  BAR_MMIO,
  MAX_QUEUES,
  MIGRATION_ATTACHED,
  MIGRATION_DETACHED,
  MIGRATION_ERROR,
  REG_MIGRATION_ACK,
  REG_MIGRATION_STATUS,
} from '../shared/loops/layout';
import { adoptHost, forgetRings } from './adopt';
import { adoptConfig, sendConfig, sendShutdown } from './agreement';
import { countMigration, isDetached, isPresent, needDrained, pciOf, type PortContext } from './context';
import { announce, type LostFeature } from './events';
import { blockPort, unblockPort } from './loops/gate';
import { isSameHost, readHost, type Host } from './host';
import { decideScattered, featuresFor, openRings, rxFifosFor } from './negotiate';
import {
  BLOCKED_DETACHED,
  loadPortFeatures,
  loadPortLinkUp,
  loadPortRxQueues,
  loadPortState,
  loadPortTxQueues,
  loadPortVlanInsert,
  loadPortVlanStrip,
  MIGRATION_COUNTERS_ATTACHED,
  MIGRATION_COUNTERS_DETACHED,
  MIGRATION_COUNTERS_REFUSED_BURST,
  MIGRATION_COUNTERS_REFUSED_HOST,
  MIGRATION_COUNTERS_REFUSED_QUEUES,
  MIGRATION_COUNTERS_REFUSED_REQUEST,
  MIGRATION_COUNTERS_REFUSED_STATUS,
  MIGRATION_COUNTERS_REFUSED_TIMEOUT,
  MIGRATION_COUNTERS_REPEATED,
  PORT_HOST_DIGEST,
  STATE_PROBED,
} from './loops/records';
import { refusal } from './refuse';

/**
 * Live migration, the guest's part (section 15). All of it runs under the port's lock, bursts
 * excepted: they are kept out by the detached flag, which is raised, and has been seen by every
 * burst, before the host is told that it may take its rings away; and which is lowered after
 * everything that bursts read describes the new host. Waits are bounded: 1 s for bursts, 500 ms
 * for an answer that is owed, 500 ms for that of a request.
 */

const DIGEST_BYTES = 32;

function ack(port: PortContext, value: number): void {
  pciOf(port).write32(BAR_MMIO, REG_MIGRATION_ACK, value);
}

/** Ack 3, and the application hears why. `cause` is the counter of what stood in the way. */
function refuse(port: PortContext, phase: 'detach' | 'attach', cause: number, error: ErrnoError): void {
  const timedOut = cause === MIGRATION_COUNTERS_REFUSED_REQUEST && error.code === 'ETIME';
  countMigration(port, timedOut ? MIGRATION_COUNTERS_REFUSED_TIMEOUT : cause);
  announce(port.address, 'migration-failed', { phase, error });
  ack(port, MIGRATION_ERROR);
}

/**
 * Once the host has answered the shutdown, all its buffers are its own again. One that failed may
 * have been carried out all the same: ack 3 makes the host undo that and go on with the rings as
 * they lie, so the port's own indices stay good. Should the host not keep to it, the request 3
 * that precedes the next start mends it.
 */
function detach(port: PortContext): void {
  blockPort(port.address, BLOCKED_DETACHED);
  let cause = MIGRATION_COUNTERS_REFUSED_BURST;
  try {
    needDrained(port);
    cause = MIGRATION_COUNTERS_REFUSED_REQUEST;
    sendShutdown(port);
  } catch (error) {
    unblockPort(port.address, BLOCKED_DETACHED);
    if (!(error instanceof ErrnoError)) throw error;
    return refuse(port, 'detach', cause, error);
  }
  forgetRings(port);
  countMigration(port, MIGRATION_COUNTERS_DETACHED);
  announce(port.address, 'detached');
  ack(port, MIGRATION_DETACHED);
}

/** A FIFO has one producer, so each transmit queue needs one of its own (section 9). */
function needTxFifos(port: PortContext, { info }: Host): void {
  const queues = loadPortTxQueues(port.address);
  if (queues > Math.min(info.maxTxQueues, MAX_QUEUES))
    throw refusal(
      'EINVAL',
      'device_info.max_tx_queues',
      info.maxTxQueues,
      `at least ${queues}, the transmit queues of the port`,
    );
}

function isConfigured(port: PortContext): boolean {
  return loadPortState(port.address) !== STATE_PROBED;
}

/** What the application asked for is kept; what is agreed with the host is derived from it anew. */
function sendWishes(port: PortContext): { readonly rxFifos: number; readonly features: number } {
  const rxFifos = rxFifosFor(port, loadPortRxQueues(port.address));
  const features = featuresFor(port, loadPortVlanStrip(port.address) !== 0, loadPortVlanInsert(port.address) !== 0);
  const up = loadPortLinkUp(port.address) !== 0;
  sendConfig(port, { txQueues: loadPortTxQueues(port.address), rxFifos, features, up });
  return { rxFifos, features };
}

/** Offloads that the application asked for and the host lacks: one feature serves both. */
function lostFeatures(port: PortContext): LostFeature[] {
  if (!isConfigured(port) || loadPortFeatures(port.address) !== 0) return [];
  const lost: LostFeature[] = [];
  if (loadPortVlanStrip(port.address) !== 0) lost.push('vlanStrip');
  if (loadPortVlanInsert(port.address) !== 0) lost.push('vlanInsert');
  return lost;
}

/**
 * Takes over the host that is there now; the port is blocked. It is read and checked as a whole
 * before anything of it counts, and its rings are opened only once it has agreed.
 */
function attach(port: PortContext): void {
  let cause = MIGRATION_COUNTERS_REFUSED_BURST;
  try {
    needDrained(port);
    cause = MIGRATION_COUNTERS_REFUSED_HOST;
    const host = readHost(pciOf(port));
    cause = MIGRATION_COUNTERS_REFUSED_QUEUES;
    needTxFifos(port, host);
    forgetRings(port);
    adoptHost(port.address, host);
    if (isConfigured(port)) {
      cause = MIGRATION_COUNTERS_REFUSED_REQUEST;
      const { rxFifos, features } = sendWishes(port);
      cause = MIGRATION_COUNTERS_REFUSED_HOST;
      openRings(port, rxFifos, loadPortTxQueues(port.address));
      adoptConfig(port, loadPortRxQueues(port.address), rxFifos, features);
      decideScattered(port);
    }
  } catch (error) {
    if (!(error instanceof ErrnoError)) throw error;
    return refuse(port, 'attach', cause, error);
  }
  unblockPort(port.address, BLOCKED_DETACHED);
  countMigration(port, MIGRATION_COUNTERS_ATTACHED);
  announce(port.address, 'attached', { lost: lostFeatures(port) });
  ack(port, MIGRATION_ATTACHED);
}

/** An event that tells nothing new is acked and changes nothing. */
function repeated(port: PortContext, status: number): void {
  countMigration(port, MIGRATION_COUNTERS_REPEATED);
  ack(port, status);
}

function serveDetach(port: PortContext): void {
  if (isDetached(port)) repeated(port, MIGRATION_DETACHED);
  else detach(port);
}

/** An attached port that finds another host has missed a detach, or has refused it. */
function serveAttach(port: PortContext): void {
  if (!isDetached(port)) {
    if (isSameHost(pciOf(port), readBytes(port.address + PORT_HOST_DIGEST, DIGEST_BYTES)))
      return repeated(port, MIGRATION_ATTACHED);
    blockPort(port.address, BLOCKED_DETACHED);
    announce(port.address, 'detached', { phase: 'attach' });
  }
  attach(port);
}

/** A migration event: looks what the host wants, carries it out, and says so in the ack register. */
export function serveMigration(port: PortContext): void {
  const status = pciOf(port).read32(BAR_MMIO, REG_MIGRATION_STATUS);
  if (!isPresent(port)) return;
  if (status === MIGRATION_DETACHED) return serveDetach(port);
  if (status === MIGRATION_ATTACHED) return serveAttach(port);
  countMigration(port, MIGRATION_COUNTERS_REFUSED_STATUS);
  ack(port, MIGRATION_ERROR);
}
