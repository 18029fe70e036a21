import { fill, load32, store16, store32, store8 } from '#mem';
import type { Clock } from '../../../shared/clock';
import { Errno } from '../../../shared/errno';
import { ErrnoError } from '../../../shared/errors';
import {
  DEVICE_CONFIG_DEVICE_ID,
  DEVICE_CONFIG_DRIVER_TYPE,
  DEVICE_CONFIG_DRIVER_VERSION,
  DEVICE_CONFIG_FEATURES,
  DEVICE_CONFIG_IF_UP,
  DEVICE_CONFIG_NUM_RX_QUEUES,
  DEVICE_CONFIG_NUM_TX_QUEUES,
  DRIVER_KERNEL,
  LINUX_DRIVER_VERSION,
  MODE_GUEST,
  OWED_ANSWER_WAIT_MS,
  REQ_CHANGE_MTU,
  REQ_CONFIG,
  REQ_LINK,
  REQ_POLL_MS,
  REQ_SHUTDOWN,
  REQUEST_BYTES,
  REQUEST_CONFIG,
  REQUEST_IF_UP,
  REQUEST_NEW_MTU,
  REQUEST_REQ_ID,
  REQUEST_RESULT,
} from '../../../shared/loops/layout';
import { store64 } from '../../../shared/u64';
import type { HostView } from './hostView';

/** A Linux driver waits for a response three times 500 ms. */
const WAITS = 3;
const WAIT_MS = 500;

/** The configuration of request 3. */
export interface Wanted {
  readonly rxQueues: number;
  readonly txQueues: number;
  readonly features: number;
  readonly up: boolean;
}

/** The guest's end of the control channel (section 8). A request that fails throws an ErrnoError. */
export class Mailbox {
  /** True while the response to a request that timed out is outstanding. */
  private owed = false;

  constructor(
    private readonly host: HostView,
    private readonly clock: Clock,
  ) {}

  changeMtu(mtu: number): void {
    this.request(REQ_CHANGE_MTU, (at) => store32(at + REQUEST_NEW_MTU, mtu));
  }

  setLink(up: boolean): void {
    this.request(REQ_LINK, (at) => store8(at + REQUEST_IF_UP, up ? 1 : 0));
  }

  configure({ rxQueues, txQueues, features, up }: Wanted): void {
    this.request(REQ_CONFIG, (at) => {
      const config = at + REQUEST_CONFIG;
      store64(config + DEVICE_CONFIG_DEVICE_ID, this.host.deviceId);
      store32(config + DEVICE_CONFIG_DRIVER_TYPE, DRIVER_KERNEL);
      store32(config + DEVICE_CONFIG_DRIVER_VERSION, LINUX_DRIVER_VERSION);
      store32(config + DEVICE_CONFIG_FEATURES, features);
      store16(config + DEVICE_CONFIG_NUM_TX_QUEUES, txQueues);
      store16(config + DEVICE_CONFIG_NUM_RX_QUEUES, rxQueues);
      store8(config + DEVICE_CONFIG_IF_UP, up ? 1 : 0);
    });
  }

  shutDown(): void {
    this.request(REQ_SHUTDOWN, () => {});
  }

  private request(reqId: number, write: (at: number) => void): void {
    const { mode, sync, syncVa, req, resp } = this.host;
    if (mode !== MODE_GUEST) return;
    this.settleDebt();
    resp.get(resp.filled());
    fill(sync, 0, REQUEST_BYTES);
    store32(sync + REQUEST_REQ_ID, reqId);
    write(sync);
    store32(sync + REQUEST_RESULT, -Errno.ENOTSUPP >>> 0);
    if (req.put([syncVa]) === 0) throw new ErrnoError('EBUSY', `request ${reqId}: req is full`);
    for (let wait = 0; wait < WAITS && !this.answered(WAIT_MS);) wait++;
    this.takeAnswer(reqId);
  }

  private takeAnswer(reqId: number): void {
    const [entry] = this.host.resp.get(1);
    this.owed = entry === undefined;
    if (entry === undefined)
      throw new ErrnoError('ETIME', `request ${reqId}: no answer in ${WAITS} times ${WAIT_MS} ms`);
    if (entry !== this.host.syncVa) throw new ErrnoError('ENODATA', `request ${reqId}: resp names another place`);
    const result = load32(this.host.sync + REQUEST_RESULT) | 0;
    if (result > 0) throw new ErrnoError('EIO', `request ${reqId}: result ${result}`);
    if (result < 0) throw ErrnoError.fromValue(-result, `request ${reqId}: result ${result}`);
  }

  /** Waits for an outstanding response before the sync area is reused. */
  private settleDebt(): void {
    if (!this.owed) return;
    const come = this.answered(OWED_ANSWER_WAIT_MS);
    if (!come && this.host.req.filled() > 0)
      throw new ErrnoError('EBUSY', 'the host has not taken the former request yet');
    this.owed = false;
  }

  private answered(withinMs: number): boolean {
    for (let waitedMs = 0; waitedMs < withinMs; waitedMs += REQ_POLL_MS) {
      if (this.host.resp.filled() > 0) return true;
      this.clock.sleepMs(REQ_POLL_MS);
    }
    return this.host.resp.filled() > 0;
  }
}
