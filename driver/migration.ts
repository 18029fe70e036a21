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
import { adoptHost, forgetRings, isAdoptedHost } from './adopt';
import { maxMtu } from './configure';
import { countMigration, isDetached, isPresent, needDrained, pciOf, type PortContext, refusal } from './context';
import { type EventNote, type LostFeature, recordEvent } from './events';
import { type Host, readHost } from './host';
import { blockPort, unblockPort } from './loops/gate';
import {
  BLOCKED_DETACHED,
  loadPortFeatures,
  loadPortLinkUp,
  loadPortMaxRxPktLen,
  loadPortState,
  loadPortTxQueues,
  MIGRATION_COUNTERS_ATTACHED,
  MIGRATION_COUNTERS_DETACHED,
  MIGRATION_COUNTERS_REFUSED_BURST,
  MIGRATION_COUNTERS_REFUSED_HOST,
  MIGRATION_COUNTERS_REFUSED_QUEUES,
  MIGRATION_COUNTERS_REFUSED_REQUEST,
  MIGRATION_COUNTERS_REFUSED_STATUS,
  MIGRATION_COUNTERS_REFUSED_TIMEOUT,
  MIGRATION_COUNTERS_REPEATED,
  STATE_PROBED,
} from './loops/records';
import { applyTerms, negotiate, sendShutdown, wishesOf } from './negotiate';

/**
 * Live migration, the guest's part (section 15). All of it runs under the port's lock; only bursts
 * run beside it. The detached flag keeps them out. The port raises it, and every burst has seen it,
 * before the host is told that it may take its rings away. The port lowers it after everything that
 * bursts read describes the new host. Waits are bounded: 1 s for bursts, 500 ms for an answer that
 * is owed, 500 ms for the answer to a request.
 */

function ack(port: PortContext, value: number): void {
  pciOf(port).write32(BAR_MMIO, REG_MIGRATION_ACK, value);
}

/**
 * Acks with 3, and tells the application why.
 * @param cause counter of the step that failed.
 */
function refuse(port: PortContext, phase: 'detach' | 'attach', cause: number, error: ErrnoError): void {
  const timedOut = cause === MIGRATION_COUNTERS_REFUSED_REQUEST && error.code === 'ETIME';
  countMigration(port, timedOut ? MIGRATION_COUNTERS_REFUSED_TIMEOUT : cause);
  recordEvent(port.address, 'migration-failed', { phase, error });
  ack(port, MIGRATION_ERROR);
}

/**
 * Lets go of the host. Once it has answered the shutdown, all its buffers are its own again. A
 * shutdown that failed may have been carried out all the same. Ack 3 makes the host undo it and go
 * on with the rings as they lie, so the port's own indices stay good. If the host does not keep to
 * that, the request 3 that precedes the next start mends it.
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
  recordEvent(port.address, 'detached');
  ack(port, MIGRATION_DETACHED);
}

/** Checks that each transmit queue gets a FIFO of its own, because a FIFO has one producer (section 9). */
function needTxFifos(port: PortContext, { info }: Host): void {
  const queues = loadPortTxQueues(port.address);
  if (queues > Math.min(info.maxTxQueues, MAX_QUEUES)) {
    const expected = `at least ${queues}, the transmit queues of the port`;
    throw refusal('EINVAL', 'device_info.max_tx_queues', info.maxTxQueues, expected);
  }
}

function isConfigured(port: PortContext): boolean {
  return loadPortState(port.address) !== STATE_PROBED;
}

/**
 * Finds features that the application asked for and the host lacks. One feature serves both offloads. An MTU that configure would
 * refuse here is lost: frames of its size no longer arrive.
 */
function lostWishes(port: PortContext): Pick<EventNote, 'lost' | 'message'> {
  if (!isConfigured(port)) return {};
  const { vlanStrip, vlanInsert, mtu } = wishesOf(port);
  const lost: LostFeature[] = [];
  if (vlanStrip && loadPortFeatures(port.address) === 0) lost.push('vlanStrip');
  if (vlanInsert && loadPortFeatures(port.address) === 0) lost.push('vlanInsert');
  if (mtu <= maxMtu(port)) return { lost };
  const limit = `this host's device_info.max_rx_pkt_len of ${loadPortMaxRxPktLen(port.address)} allows at most`;
  return { lost: [...lost, 'mtu'], message: `mtu is ${mtu}: ${limit} ${maxMtu(port)}, longer frames are dropped` };
}

/**
 * Adopts the host that is there now; the port is blocked. The host is read and checked as a whole
 * before anything of it counts, and its rings are opened only once it has accepted the terms.
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
      const up = loadPortLinkUp(port.address) !== 0;
      const terms = negotiate(port, wishesOf(port), up);
      cause = MIGRATION_COUNTERS_REFUSED_HOST;
      applyTerms(port, terms);
    }
  } catch (error) {
    if (!(error instanceof ErrnoError)) throw error;
    return refuse(port, 'attach', cause, error);
  }
  unblockPort(port.address, BLOCKED_DETACHED);
  countMigration(port, MIGRATION_COUNTERS_ATTACHED);
  recordEvent(port.address, 'attached', lostWishes(port));
  ack(port, MIGRATION_ATTACHED);
}

/** Acks an event that tells nothing new. */
function repeated(port: PortContext, status: number): void {
  countMigration(port, MIGRATION_COUNTERS_REPEATED);
  ack(port, status);
}

function serveDetach(port: PortContext): void {
  if (isDetached(port)) repeated(port, MIGRATION_DETACHED);
  else detach(port);
}

/** Serves an attach. An attached port that finds another host has missed a detach, or has refused it. */
function serveAttach(port: PortContext): void {
  if (!isDetached(port)) {
    if (isAdoptedHost(port)) return repeated(port, MIGRATION_ATTACHED);
    blockPort(port.address, BLOCKED_DETACHED);
    recordEvent(port.address, 'detached', { phase: 'attach' });
  }
  attach(port);
}

/** Serves a migration event: reads the status that the host wants, carries it out, and acks it. */
export function serveMigration(port: PortContext): void {
  const status = pciOf(port).read32(BAR_MMIO, REG_MIGRATION_STATUS);
  if (!isPresent(port)) return;
  if (status === MIGRATION_DETACHED) return serveDetach(port);
  if (status === MIGRATION_ATTACHED) return serveAttach(port);
  countMigration(port, MIGRATION_COUNTERS_REFUSED_STATUS);
  ack(port, MIGRATION_ERROR);
}
