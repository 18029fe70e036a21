import { load32, store32 } from '#mem';
import { MAX_BURST, MAX_QUEUES } from '../shared/loops/layout';
import type { Platform } from '../shared/pci';
import { BurstTable } from './burstTable';
import {
  configurePort,
  infoOf,
  macOf,
  queueStateOf,
  setUpRxQueue,
  setUpTxQueue,
  setVlanOffload,
  type PortInfo,
  type QueueState,
  type VlanOffload,
} from './configure';
import { isDetached, isPresent, pciOf } from './context';
import { eventCount, eventsAfter, listen, type PortEventEntry, type PortListener } from './events';
import { closePort, startPort, stopPort } from './lifecycle';
import { guestLoops } from './guestLoops';
import { LackingOperations } from './lacking';
import { hold, leave } from './lifetime';
import { serveInterruptsHere, withLock } from './lock';
import type { Mempool } from './mempoolView';
import {
  loadPortLinkUp,
  loadPortPromiscuous,
  loadPortState,
  RX_QUEUE_SLOTS,
  storePortPromiscuous,
  TX_QUEUE_SLOTS,
} from './loops/records';
import { rxQueueAt } from './loops/rx';
import type { PortConfig } from './portConfig';
import { rxDescriptorStatusOf, rxQueueCountOf, type RxDescriptorStatus } from './queueDepth';
import { resetStats, statsOf, xstatsByIdOf, xstatsIdOf, xstatsOf, type PortStats } from './stats';
import { txQueueAt } from './loops/tx';

const STATES = [
  'none',
  /** Bound by the driver, not configured yet. */
  'probed',
  /** Configured. Queues can be set up. */
  'configured',
  /** Bursts run. */
  'started',
  /** Stopped after a start. */
  'stopped',
  /** Closed for good. */
  'closed',
] as const;

/** State of a port in its life (section 14). */
export type PortState = (typeof STATES)[number];

/** The link of a port (section 13). */
export interface Link {
  /** True from a start to a stop, and false while detached. */
  readonly up: boolean;
  /** Speed, Mbit/s. */
  readonly speedMbps: 10_000;
  /** AVP has no half duplex. */
  readonly fullDuplex: true;
}

/**
 * An AVP port as an application uses it: a view of a record in the arena that any thread can make
 * from the port's address. One thread at a time may run bursts on a queue, beside control operations
 * by any thread.
 *
 * A view may be used until it is left. Once another thread has removed the port, bursts return 0 and
 * control operations fail with ENODEV. The thread that removes the port may use no view after the
 * event `removed`.
 */
export class Port extends LackingOperations {
  /** BDF of the PCI function, as in `0000:00:05.0`. */
  readonly name: string;

  private constructor(
    /** Arena address of the port's record. Another thread makes its own view from it with `Port.at`. */
    readonly address: number,
    /** Platform of the thread that made this view. */
    readonly platform: Platform,
  ) {
    super();
    hold(address);
    this.name = pciOf(this).bdf;
  }

  /** Makes a view for the calling thread, which leaves it when it is done. The port must not have been removed. */
  static at(address: number, platform: Platform): Port {
    return new Port(address, platform);
  }

  /** Ends this view. The last one of the calling thread takes its listener and its interrupt handler along. */
  leave(): void {
    leave(this);
  }

  /** Stage of the port's life that the application's calls have reached (section 14). */
  get state(): PortState {
    return STATES[loadPortState(this.address)]!;
  }

  /**
   * Sets queues, MTU and offloads. The port must not be started.
   * @throws ErrnoError EINVAL, ENOTSUP, EBUSY, ENODEV, or what the host answered to request 3.
   */
  configure(config: PortConfig): void {
    withLock(this, () => configurePort(this, config));
  }

  /** @throws ErrnoError EINVAL, EBUSY while started, ENODEV. */
  rxQueueSetup(queue: number, options: { readonly mempool: Mempool }): void {
    withLock(this, () => setUpRxQueue(this, queue, options.mempool));
  }

  /** @throws ErrnoError EINVAL, EBUSY while started, ENODEV. */
  txQueueSetup(queue: number): void {
    withLock(this, () => setUpTxQueue(this, queue));
  }

  /**
   * Brings the link up and enables bursts. On a started port it only repeats requests without an answer.
   * @throws ErrnoError EINVAL where a queue is not set up, ENOTSUP, ENODEV, or what the host answered.
   */
  start(): void {
    withLock(this, () => startPort(this));
  }

  /**
   * Takes the link down and disables bursts. A port that is not started asks only after a start without an answer.
   * @throws ErrnoError ENOTSUP, ENODEV, or what the host answered; the port is still started then.
   */
  stop(): void {
    withLock(this, () => stopPort(this));
  }

  /**
   * Closes the port, also if the host refuses or is silent, and if the device is detached or gone.
   * @throws ErrnoError EBUSY where a burst or another control operation does not end.
   */
  close(): void {
    withLock(this, () => closePort(this));
  }

  /**
   * Receives up to `max` packets, at most 64, into `out` as addresses of mbufs, which the caller owns
   * then. Returns the number of packets; never throws, never waits. A `BurstTable` is filled in place.
   */
  rxBurst(queue: number, out: Uint32Array | BurstTable, max: number): number {
    const limit = Math.min(max, out.length, MAX_BURST);
    if (!(limit >= 1)) return 0;
    const { receiveBurst } = guestLoops();
    if (out instanceof BurstTable) return receiveBurst(this.address, queue >>> 0, out.address, limit >>> 0);
    const slots = rxQueueAt(this.address, queue >>> 0) + RX_QUEUE_SLOTS;
    const count = receiveBurst(this.address, queue >>> 0, slots, limit >>> 0);
    for (let i = 0; i < count; i++) out[i] = load32(slots + i * 4);
    return count;
  }

  /**
   * Sends `n` of `mbufs` from index `from` on, at most 64. Returns how many the port took: it sends or drops and
   * counts them, and frees them. The others stay the caller's. Never throws, never waits. A `BurstTable` is read in
   * place.
   */
  txBurst(queue: number, mbufs: Uint32Array | BurstTable, n: number, from = 0): number {
    const packets = Math.min(n, mbufs.length - from, MAX_BURST);
    if (!(packets >= 1 && from >= 0) || queue >>> 0 >= MAX_QUEUES) return 0;
    const { transmitBurst } = guestLoops();
    const first = from >>> 0;
    if (mbufs instanceof BurstTable)
      return transmitBurst(this.address, queue >>> 0, mbufs.address + first * 4, packets >>> 0);
    const slots = txQueueAt(this.address, queue >>> 0) + TX_QUEUE_SLOTS;
    for (let i = 0; i < packets >>> 0; i++) store32(slots + i * 4, mbufs[first + i]!);
    return transmitBurst(this.address, queue >>> 0, slots, packets >>> 0);
  }

  /** @throws ErrnoError EINVAL for a queue that is not configured. */
  queueState(direction: 'rx' | 'tx', queue: number): QueueState {
    return queueStateOf(this, direction, queue);
  }

  /**
   * Returns how many packets wait for a receive queue, on all its FIFOs; 0 while stopped or detached. As a burst, it
   * is for the thread that polls the queue, and never waits.
   * @throws ErrnoError EINVAL for a queue that is not configured, ENODEV.
   */
  rxQueueCount(queue: number): number {
    return rxQueueCountOf(this, queue);
  }

  /**
   * Tells whether a packet waits at `offset` of a receive queue, where 0 is the next packet. For the same thread.
   * @throws ErrnoError EINVAL for a queue that is not configured and for an offset beyond its FIFOs, ENODEV.
   */
  rxDescriptorStatus(queue: number, offset: number): RxDescriptorStatus {
    return rxDescriptorStatusOf(this, queue, offset);
  }

  /** Returns the statistics since the last reset (section 13). */
  statsGet(): PortStats {
    return statsOf(this);
  }

  /** Sets all statistics and extended statistics to 0. */
  statsReset(): void {
    resetStats(this);
  }

  /** Returns every counter by name. Each cause of a drop has a counter of its own. */
  xstatsGet(): Record<string, number> {
    return xstatsOf(this);
  }

  /** Returns the names of all counters. The id of a counter is its index; a change of queue counts changes ids. */
  xstatsNames(): string[] {
    return Object.keys(xstatsOf(this));
  }

  /**
   * Writes the values of all counters into `values`, by id. Returns their number. An array that is too short for all
   * of them is left as it is.
   */
  xstatsInto(values: Float64Array): number {
    const all = Object.values(xstatsOf(this));
    if (values.length >= all.length) values.set(all);
    return all.length;
  }

  /** Returns the values of some counters. @throws ErrnoError EINVAL for an id that there is not. */
  xstatsById(ids: readonly number[]): number[] {
    return xstatsByIdOf(this, ids);
  }

  /** @throws ErrnoError EINVAL for a name that no counter has. */
  xstatsId(name: string): number {
    return xstatsIdOf(this, name);
  }

  /** Returns the state of the link. Never waits. */
  linkGet(): Link {
    const up = loadPortLinkUp(this.address) !== 0 && !isDetached(this) && isPresent(this);
    return { up, speedMbps: 10_000, fullDuplex: true };
  }

  /** Switches the MAC filter off. The filter is the guest's own, so the host is not told. */
  promiscuousEnable(): void {
    storePortPromiscuous(this.address, 1);
  }

  /** Switches the MAC filter on: own address, broadcast and multicast pass (section 10). */
  promiscuousDisable(): void {
    storePortPromiscuous(this.address, 0);
  }

  /** True while the MAC filter is off. */
  promiscuousGet(): boolean {
    return loadPortPromiscuous(this.address) !== 0;
  }

  /**
   * Changes VLAN offloads, also while traffic runs. One feature serves both directions: with insert
   * alone, received tags are stripped too, and the mbuf's flags say so. After ETIME the host may have
   * made the change: frames that ask for a tag are dropped and counted until this or `start` gets an answer.
   * @throws ErrnoError ENOTSUP, EINVAL before configure, ENODEV, or what the host answered.
   */
  vlanOffloadSet(change: VlanOffload): void {
    withLock(this, () => setVlanOffload(this, change));
  }

  /** Returns capabilities and limits (section 13). */
  infoGet(): PortInfo {
    return infoOf(this);
  }

  /** Returns the MAC address, 6 bytes. */
  macAddrGet(): Uint8Array {
    return macOf(this);
  }

  /** True from the detach of a live migration until the next attach. Bursts do nothing meanwhile. */
  get detached(): boolean {
    return isDetached(this);
  }

  /** True once the device has vanished or was removed: nothing works any more. A detached device is still there. */
  get removed(): boolean {
    return !isPresent(this);
  }

  /**
   * Makes `dispatchInterrupt` run the port's handler in the calling thread, and no longer in the former one.
   * @throws ErrnoError ENODEV once the port is closed or removed, EBUSY.
   */
  takeInterrupts(): void {
    withLock(this, () => serveInterruptsHere(this));
  }

  /**
   * Sets this thread's listener, null to remove it. It hears of all events at the end of this thread's calls
   * and interrupts, and may call the port. A thread that makes no calls uses `eventsSince`.
   */
  onEvent(listener: PortListener | null): void {
    listen(this.address, listener);
  }

  /** Number of the last event, 0 before the first. */
  get eventSequence(): number {
    return eventCount(this.address);
  }

  /** Returns the events after number `sequence`, oldest first, whichever thread caused them. The last 16 are kept. */
  eventsSince(sequence: number): readonly PortEventEntry[] {
    return eventsAfter(this.address, sequence);
  }
}
