import { fill } from '#mem';
import { Errno, errnoName } from '../shared/errno';
import { ErrnoError } from '../shared/errors';
import {
  FIFO_CORRUPT,
  fifoCount,
  fifoFill,
  fifoFreeCount,
  fifoPeekHi,
  fifoPeekLo,
  fifoPublishRead,
  fifoPublishWrite,
} from '../shared/loops/fifo';
import {
  DRIVER_DPDK,
  loadRequestResult,
  OWED_ANSWER_WAIT_MS,
  REQ_CONFIG,
  REQ_LINK,
  REQ_POLL_MS,
  REQ_POLLS,
  REQ_SHUTDOWN,
  REQUEST_BYTES,
  REQUEST_CONFIG,
  storeDeviceConfigDeviceIdHi,
  storeDeviceConfigDeviceIdLo,
  storeDeviceConfigDriverType,
  storeDeviceConfigDriverVersion,
  storeDeviceConfigFeatures,
  storeDeviceConfigIfUp,
  storeDeviceConfigNumRxQueues,
  storeDeviceConfigNumTxQueues,
  storeRequestIfUp,
  storeRequestReqId,
  storeRequestResult,
} from '../shared/loops/layout';
import { loadFifoEndLen } from '../shared/loops/records';
import { countUp } from '../shared/loops/counter';
import { countControl, needDevice, type PortContext } from './context';
import { DRIVER_VERSION } from './deviceInfo';
import {
  CONTROL_COUNTERS_BAD_ANSWERS,
  CONTROL_COUNTERS_LATE_ANSWERS,
  CONTROL_COUNTERS_TIMEOUTS,
  loadPortAnswerOwed,
  loadPortDeviceIdHi,
  loadPortDeviceIdLo,
  loadPortSync,
  loadPortSyncVaHi,
  loadPortSyncVaLo,
  PORT_COUNTERS,
  PORT_REQ,
  PORT_RESP,
  storePortAnswerOwed,
} from './loops/records';

/**
 * Control requests (section 8): one at a time, by the holder of the port's lock. The device may
 * vanish while this side sleeps, so each access to the rings follows a check that it is still there.
 */

const REQUEST_NAMES: Readonly<Record<number, string>> = {
  [REQ_LINK]: 'set link state',
  [REQ_CONFIG]: 'set device config',
  [REQ_SHUTDOWN]: 'shut down',
};

/** The outcome of a request is unknown: the host may have carried it out, or may still do so. */
export class Unanswered extends ErrnoError {}

/** Configuration that request 3 asks the host for. */
export interface ConfigRequest {
  readonly txQueues: number;
  readonly rxFifos: number;
  readonly features: number;
  readonly up: boolean;
}

function checked(port: PortContext, ring: string, amount: number): number {
  if (amount !== FIFO_CORRUPT) return amount;
  needDevice(port);
  throw new ErrnoError('EIO', `${ring} FIFO: the host's index lies outside the ring: expected it below len`);
}

function answersWaiting(port: PortContext): number {
  needDevice(port);
  return checked(port, 'response', fifoCount(port.address + PORT_RESP));
}

function requestRoom(port: PortContext): number {
  needDevice(port);
  return checked(port, 'request', fifoFreeCount(port.address + PORT_REQ));
}

function requestsTaken(port: PortContext): boolean {
  return requestRoom(port) === loadFifoEndLen(port.address + PORT_REQ) - 1;
}

/**
 * Waits a bounded time for the host to finish a request that timed out. Until it takes the request the sync area
 * is its own, and until it answers an answer is owed.
 * @throws ErrnoError EBUSY if it does not even take the request.
 */
function settleDebt(port: PortContext): void {
  if (loadPortAnswerOwed(port.address) === 0) return;
  const { clock } = port.platform;
  const untilMs = clock.nowMs() + OWED_ANSWER_WAIT_MS;
  while (clock.nowMs() < untilMs && !(requestsTaken(port) && answersWaiting(port) > 0)) clock.sleepMs(REQ_POLL_MS);
  if (!requestsTaken(port))
    throw new ErrnoError('EBUSY', 'the host has not taken the former request yet: try again later');
  storePortAnswerOwed(port.address, 0);
}

/** Discards the entries that lie on resp before a request, because they answer nothing any more. */
function discardAnswers(port: PortContext): void {
  const late = answersWaiting(port);
  if (late === 0) return;
  fifoPublishRead(port.address + PORT_RESP, late);
  countUp(port.address + PORT_COUNTERS + CONTROL_COUNTERS_LATE_ANSWERS, late);
}

function awaitAnswer(port: PortContext, what: string): void {
  for (let poll = 0; poll < REQ_POLLS; poll++) {
    port.platform.clock.sleepMs(REQ_POLL_MS);
    if (answersWaiting(port) > 0) return;
  }
  countControl(port, CONTROL_COUNTERS_TIMEOUTS);
  throw new ErrnoError('ETIME', `${what}: the host did not answer within ${REQ_POLLS * REQ_POLL_MS} ms`);
}

/** Takes one entry off resp. A wrong entry is no answer, so the right one is still owed. */
function takeAnswer(port: PortContext, what: string): void {
  const resp = port.address + PORT_RESP;
  const lo = fifoPeekLo(resp, 0);
  const hi = fifoPeekHi(resp, 0);
  fifoPublishRead(resp, 1);
  if (lo !== loadPortSyncVaLo(port.address) || hi !== loadPortSyncVaHi(port.address)) {
    countControl(port, CONTROL_COUNTERS_BAD_ANSWERS);
    throw new ErrnoError('ENODATA', `${what}: the entry on the response FIFO is not sync_va`);
  }
  storePortAnswerOwed(port.address, 0);
}

/** Waits for the answer and takes it. @throws Unanswered if either fails, for whatever reason. */
function takeAnswerInTime(port: PortContext, what: string): void {
  try {
    awaitAnswer(port, what);
    takeAnswer(port, what);
  } catch (error) {
    throw error instanceof ErrnoError ? new Unanswered(error.code, error.message, { cause: error }) : error;
  }
}

function checkResult(port: PortContext, what: string): void {
  const result = loadRequestResult(loadPortSync(port.address)) | 0;
  if (result === 0) return;
  if (result < 0)
    throw ErrnoError.fromValue(-result, `${what}: the host refused with ${errnoName(result)} (${result})`);
  countControl(port, CONTROL_COUNTERS_BAD_ANSWERS);
  throw new Unanswered('EIO', `${what}: the result is ${result}: expected 0 or a negative errno`);
}

/**
 * Makes one request.
 * @param write fills the union of the sync area.
 * @throws ErrnoError EBUSY, ETIME, ENODATA, EIO, ENODEV, or what the host answered; `Unanswered`
 * if the host may have carried it out.
 */
function request(port: PortContext, id: number, write: (sync: number) => void): void {
  const what = `request ${id} (${REQUEST_NAMES[id]})`;
  const sync = loadPortSync(port.address);
  settleDebt(port);
  discardAnswers(port);
  if (requestRoom(port) === 0) throw new ErrnoError('EBUSY', `${what}: the request FIFO is full`);
  fill(sync, 0, REQUEST_BYTES);
  storeRequestReqId(sync, id);
  write(sync);
  storeRequestResult(sync, -Errno.ENOTSUP >>> 0);
  storePortAnswerOwed(port.address, 1);
  fifoFill(port.address + PORT_REQ, 0, loadPortSyncVaLo(port.address), loadPortSyncVaHi(port.address));
  fifoPublishWrite(port.address + PORT_REQ, 1);
  takeAnswerInTime(port, what);
  checkResult(port, what);
}

/** Makes request 2: sets the link state. */
export function requestLink(port: PortContext, up: boolean): void {
  request(port, REQ_LINK, (sync) => storeRequestIfUp(sync, up ? 1 : 0));
}

/** Makes request 3: sets the device config. */
export function requestConfig(port: PortContext, config: ConfigRequest): void {
  request(port, REQ_CONFIG, (sync) => {
    const base = sync + REQUEST_CONFIG;
    storeDeviceConfigDeviceIdLo(base, loadPortDeviceIdLo(port.address));
    storeDeviceConfigDeviceIdHi(base, loadPortDeviceIdHi(port.address));
    storeDeviceConfigDriverType(base, DRIVER_DPDK);
    storeDeviceConfigDriverVersion(base, DRIVER_VERSION);
    storeDeviceConfigFeatures(base, config.features);
    storeDeviceConfigNumTxQueues(base, config.txQueues);
    storeDeviceConfigNumRxQueues(base, config.rxFifos);
    storeDeviceConfigIfUp(base, config.up ? 1 : 0);
  });
}

/** Makes request 4: shuts down. */
export function requestShutdown(port: PortContext): void {
  request(port, REQ_SHUTDOWN, () => {});
}
