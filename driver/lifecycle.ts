import { ErrnoError } from '../shared/errors';
import { BAR_MMIO, INTERRUPT_MASK_NONE, MIN_MBUF_SIZE, REG_INTERRUPT_MASK } from '../shared/loops/layout';
import { confirmConfig, confirmLink, sendLink } from './agreement';
import { needQueue } from './configure';
import {
  countControl,
  drainBursts,
  isDetached,
  isPresent,
  isRemoved,
  needAttached,
  needDevice,
  needDrained,
  pciOf,
  type PortContext,
} from './context';
import { requestShutdown } from './control';
import { announce } from './events';
import { blockPort, unblockPort } from './loops/gate';
import type { Mempool } from './mempoolView';
import { dealOut, decideScattered } from './negotiate';
import {
  BLOCKED_DETACHED,
  BLOCKED_STOPPED,
  CONTROL_COUNTERS_FAILED_SHUTDOWNS,
  loadPortRxQueues,
  loadPortState,
  loadPortTxQueues,
  loadRxQueueMempool,
  loadTxQueueReady,
  STATE_CLOSED,
  STATE_PROBED,
  STATE_STARTED,
  STATE_STOPPED,
  storePortLinkUp,
  storePortRxQueues,
  storePortState,
  storePortTxQueues,
  storeRxQueueMbufBytes,
  storeRxQueueMempool,
  storeTxQueueReady,
} from './loops/records';
import { refusal } from './refuse';
import { rxQueueAt } from './loops/rx';
import { txQueueAt } from './loops/tx';

/** Life of a port after its probe (section 14). All callers hold the port's lock. */

function needStopped(port: PortContext): void {
  needDevice(port);
  if (loadPortState(port.address) === STATE_STARTED)
    throw new ErrnoError('EBUSY', 'the port is started: stop it first');
}

/** @throws ErrnoError EINVAL for a queue that is not configured or mbufs below 64 bytes, EBUSY while started. */
export function setUpRxQueue(port: PortContext, queue: number, pool: Mempool): void {
  needStopped(port);
  needQueue(port, 'rx', queue);
  if (pool.mbufBytes < MIN_MBUF_SIZE)
    throw refusal(
      'EINVAL',
      'data room of the mempool, less headroom,',
      pool.mbufBytes,
      `at least ${MIN_MBUF_SIZE} bytes`,
    );
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

function needQueuesSetUp(port: PortContext): void {
  for (let queue = 0; queue < loadPortRxQueues(port.address); queue++)
    if (loadRxQueueMempool(rxQueueAt(port.address, queue)) === 0)
      throw new ErrnoError('EINVAL', `rx queue ${queue} is not set up: call rxQueueSetup first`);
  for (let queue = 0; queue < loadPortTxQueues(port.address); queue++)
    if (loadTxQueueReady(txQueueAt(port.address, queue)) === 0)
      throw new ErrnoError('EINVAL', `tx queue ${queue} is not set up: call txQueueSetup first`);
}

/** Brings the link up; where it is up, makes sure only of what the host has left unanswered. */
export function startPort(port: PortContext): void {
  needAttached(port);
  const state = loadPortState(port.address);
  if (state === STATE_STARTED) {
    confirmConfig(port);
    return confirmLink(port);
  }
  if (state === STATE_PROBED) throw new ErrnoError('EINVAL', 'the port is not configured yet');
  needQueuesSetUp(port);
  confirmConfig(port);
  sendLink(port, true);
  storePortState(port.address, STATE_STARTED);
  storePortLinkUp(port.address, 1);
  unblockPort(port.address, BLOCKED_STOPPED);
  announce(port.address, 'link-up');
}

/**
 * The host is asked first and bursts go on meanwhile, so that a refusal leaves the port as it
 * was. A port that is not started has a link to take down only where a start was left unanswered.
 */
export function stopPort(port: PortContext): void {
  needAttached(port);
  if (loadPortState(port.address) !== STATE_STARTED) return confirmLink(port);
  sendLink(port, false);
  blockPort(port.address, BLOCKED_STOPPED);
  storePortState(port.address, STATE_STOPPED);
  storePortLinkUp(port.address, 0);
  // Whoever needs the queues at rest drains again and then insists.
  drainBursts(port);
  announce(port.address, 'link-down');
}

function forgetEverything(port: PortContext): void {
  for (let queue = 0; queue < loadPortRxQueues(port.address); queue++)
    storeRxQueueMempool(rxQueueAt(port.address, queue), 0);
  for (let queue = 0; queue < loadPortTxQueues(port.address); queue++)
    storeTxQueueReady(txQueueAt(port.address, queue), 0);
  dealOut(port, 0, 0);
  storePortRxQueues(port.address, 0);
  storePortTxQueues(port.address, 0);
}

/**
 * The host refuses, is silent, or vanishes: the port is closed all the same, because it has
 * nothing of the guest's; the failure is counted.
 */
function shutDown(port: PortContext): void {
  try {
    requestShutdown(port);
  } catch (error) {
    if (!(error instanceof ErrnoError)) throw error;
    countControl(port, CONTROL_COUNTERS_FAILED_SHUTDOWNS);
  }
}

/** No interrupt comes any more, and none that is on its way finds a handler, in whatever thread. */
function silence(port: PortContext): void {
  if (isRemoved(port)) return;
  const pci = pciOf(port);
  pci.write32(BAR_MMIO, REG_INTERRUPT_MASK, INTERRUPT_MASK_NONE);
  pci.setInterruptHandler(null);
}

/**
 * Closes the port in whatever state it is: bursts ended, interrupt off and its handler gone,
 * request 4 unless the device is detached or gone, queues forgotten.
 * @throws ErrnoError EBUSY where a burst does not end; nothing has changed then.
 */
export function closePort(port: PortContext): void {
  const state = loadPortState(port.address);
  if (state === STATE_CLOSED) return;
  blockPort(port.address, BLOCKED_STOPPED);
  if (!drainBursts(port)) {
    if (state === STATE_STARTED) unblockPort(port.address, BLOCKED_STOPPED);
    throw new ErrnoError('EBUSY', 'a burst is still running on a queue of the port');
  }
  silence(port);
  if (isPresent(port) && !isDetached(port)) shutDown(port);
  forgetEverything(port);
  storePortLinkUp(port.address, 0);
  storePortState(port.address, STATE_CLOSED);
  unblockPort(port.address, BLOCKED_DETACHED);
  if (state === STATE_STARTED) announce(port.address, 'link-down');
}
