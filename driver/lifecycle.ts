import { ErrnoError } from '../shared/errors';
import { BAR_MMIO, INTERRUPT_MASK_NONE, REG_INTERRUPT_MASK } from '../shared/loops/layout';
import { mapRxFifos } from './adopt';
import {
  countControl,
  drainBursts,
  isDetached,
  isPresent,
  isRemoved,
  needAttached,
  pciOf,
  type PortContext,
} from './context';
import { requestShutdown } from './control';
import { recordEvent } from './events';
import { blockPort, unblockPort } from './loops/gate';
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
  storeRxQueueMempool,
  storeTxQueueReady,
} from './loops/records';
import { rxQueueAt } from './loops/rx';
import { txQueueAt } from './loops/tx';
import { confirmConfig, confirmLink, sendLink } from './negotiate';

/** Start, stop and close (section 14). All callers hold the port's lock. */

function needQueuesSetUp(port: PortContext): void {
  for (let queue = 0; queue < loadPortRxQueues(port.address); queue++)
    if (loadRxQueueMempool(rxQueueAt(port.address, queue)) === 0)
      throw new ErrnoError('EINVAL', `rx queue ${queue} is not set up: call rxQueueSetup first`);
  for (let queue = 0; queue < loadPortTxQueues(port.address); queue++)
    if (loadTxQueueReady(txQueueAt(port.address, queue)) === 0)
      throw new ErrnoError('EINVAL', `tx queue ${queue} is not set up: call txQueueSetup first`);
}

/**
 * Brings the link up. On a started port it only asks again about what the host left unanswered.
 * @throws ErrnoError EINVAL where a queue is not set up, ENOTSUP, ENODEV, or what the host answered.
 */
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
  recordEvent(port.address, 'link-up');
}

/**
 * Takes the link down. The host is asked first and bursts go on meanwhile, so that a refusal leaves
 * the port as it was. A port that is not started has a link to take down only after a start without
 * an answer.
 * @throws ErrnoError ENOTSUP, ENODEV, or what the host answered.
 */
export function stopPort(port: PortContext): void {
  needAttached(port);
  if (loadPortState(port.address) !== STATE_STARTED) return confirmLink(port);
  sendLink(port, false);
  blockPort(port.address, BLOCKED_STOPPED);
  storePortState(port.address, STATE_STOPPED);
  storePortLinkUp(port.address, 0);
  // An operation that needs the queues at rest drains them again, and fails if it cannot.
  drainBursts(port);
  recordEvent(port.address, 'link-down');
}

function forgetEverything(port: PortContext): void {
  for (let queue = 0; queue < loadPortRxQueues(port.address); queue++)
    storeRxQueueMempool(rxQueueAt(port.address, queue), 0);
  for (let queue = 0; queue < loadPortTxQueues(port.address); queue++)
    storeTxQueueReady(txQueueAt(port.address, queue), 0);
  mapRxFifos(port, 0, 0);
  storePortRxQueues(port.address, 0);
  storePortTxQueues(port.address, 0);
}

/**
 * Sends request 4. If it fails the port is closed all the same, because it has nothing of the
 * guest's; the failure is counted.
 */
function shutDown(port: PortContext): void {
  try {
    requestShutdown(port);
  } catch (error) {
    if (!(error instanceof ErrnoError)) throw error;
    countControl(port, CONTROL_COUNTERS_FAILED_SHUTDOWNS);
  }
}

/** Masks interrupts and removes the handler, so that one on its way finds no handler in any thread. */
function silence(port: PortContext): void {
  if (isRemoved(port)) return;
  const pci = pciOf(port);
  pci.write32(BAR_MMIO, REG_INTERRUPT_MASK, INTERRUPT_MASK_NONE);
  pci.setInterruptHandler(null);
}

/**
 * Closes the port in any state: ends bursts, silences the interrupt, sends request 4 unless the
 * device is detached or gone, and forgets the queues.
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
  if (state === STATE_STARTED) recordEvent(port.address, 'link-down');
}
