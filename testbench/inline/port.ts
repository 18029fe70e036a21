import { mbufData } from '../../driver/loops/mbuf';
import { loadMbufDataLen } from '../../driver/loops/records';
import {
  MBUF_RX_VLAN,
  MBUF_TX_VLAN,
  mbufFromBytes,
  MbufView,
  Mempool,
  type Port,
  type PortEventEntry,
} from '../../driver';
import { flowHash, type Nic } from '../../emulator';
import { ErrnoError } from '../../shared/errors';
import { formatMac, vlanTciOf, withoutVlanTag } from '../../shared/ethernet';
import type { AppPort, AppPortSettings } from '../api/bench';
import type { PortAccount } from '../api/result';
import { SendQueue } from '../common/sendQueue';
import type { PortEvents } from '../evidence/portEvents';
import { portAccounts } from '../traffic/portAccounts';
import type { FrameFlow } from '../traffic/trafficOracle';
import { type FrameHandler, FrameReceiver } from './frameReceiver';
import { type AppEvent, PortWatch } from './portWatch';
import type { Silence } from './silence';

const BURST = 32;
const POOL_MBUFS = 4_096;

/**
 * One AVP port of an instance and the application on it, which polls every receive queue and keeps what it wants to
 * send until the driver takes it.
 */
export class InlinePort implements AppPort {
  private readonly pool: Mempool;
  private readonly view = new MbufView();
  private readonly burst = new Uint32Array(BURST);
  private readonly queues: readonly SendQueue[];
  private readonly receiver = new FrameReceiver();
  private readonly watch: PortWatch;
  /** Port to which received packets are forwarded, null if the application keeps them. */
  private forwardPort: InlinePort | null = null;
  private received = 0;
  private brokenBefore = 0;
  private offered = 0;
  private noMbuf = 0;
  private readonly rxQueues: number;
  private readonly insertsTags: boolean;
  /** Accounts at the time of `close`: a closed port has no statistics. */
  private final: readonly PortAccount[] | null = null;

  /** Configures and starts the port. @throws ErrnoError */
  constructor(
    /** Name in reports, `INSTANCE/NETWORK`. */
    readonly name: string,
    /** The driver's port. */
    readonly driver: Port,
    /** The NIC that the driver has bound. */
    readonly nic: Nic,
    settings: AppPortSettings,
    private readonly record: PortEvents | null = null,
  ) {
    const { promiscuous = false, rxQueues = 1, txQueues = 1, ...rest } = settings;
    this.rxQueues = rxQueues;
    this.queues = Array.from({ length: txQueues }, (_unused, queue) => new SendQueue(driver, queue));
    this.watch = new PortWatch(driver);
    this.insertsTags = settings.vlanInsert === true;
    this.pool = Mempool.create({ mbufs: POOL_MBUFS, label: `${name} mbufs` });
    const config = { rxQueues, txQueues, ...rest };
    this.control(`configure(${JSON.stringify(config)})`, () => driver.configure(config));
    for (let queue = 0; queue < rxQueues; queue++) driver.rxQueueSetup(queue, { mempool: this.pool });
    for (let queue = 0; queue < txQueues; queue++) driver.txQueueSetup(queue);
    if (promiscuous) driver.promiscuousEnable();
    this.control('start()', () => driver.start());
  }

  /** Carries out a control operation of the driver, recorded where evidence is kept. */
  private control(what: string, operation: () => void): void {
    if (this.record === null) operation();
    else this.record.operation(what, operation);
  }

  get network(): string {
    return this.nic.network;
  }

  get mac(): Uint8Array {
    return this.driver.macAddrGet();
  }

  /** MAC address as text, as in `fa:16:3e:00:00:01`. */
  get macText(): string {
    return formatMac(this.mac);
  }

  get open(): boolean {
    return this.final === null;
  }

  /**
   * Sends a frame as soon as the driver takes it. Its VLAN tag goes along as an offload where the port was set up with
   * `vlanInsert`, else in the frame. Returns false where the port is closed.
   */
  send(frame: Uint8Array): boolean {
    if (!this.open) return false;
    this.offered++;
    const vlanTci = this.insertsTags ? vlanTciOf(frame) : null;
    const mbuf =
      vlanTci === null ? mbufFromBytes(this.pool, frame) : mbufFromBytes(this.pool, withoutVlanTag(frame), { vlanTci });
    if (mbuf === 0) this.noMbuf++;
    else this.enqueue(mbuf);
    return true;
  }

  /** Keeps a flow on one transmit queue, because a host serves each queue at its own pace. */
  private enqueue(mbuf: number): void {
    const { queues } = this;
    const queue = queues.length === 1 ? 0 : flowHash(mbufData(mbuf), loadMbufDataLen(mbuf)) % queues.length;
    queues[queue]!.put(mbuf);
  }

  /** Passes each frame of some flows that arrives to a function. The port stops forwarding. */
  receive(flows: readonly FrameFlow[], handler: FrameHandler): void {
    if (flows.length > 0) this.forwardPort = null;
    this.receiver.add(flows, handler);
  }

  /** Forwards all received packets to another port, without a copy. A stripped VLAN tag is inserted again. */
  forwardTo(out: InlinePort): void {
    this.forwardPort = out;
  }

  private forward(mbuf: number, out: InlinePort): void {
    const { olFlags } = this.view.at(mbuf);
    this.view.olFlags = (olFlags & MBUF_RX_VLAN) !== 0 ? MBUF_TX_VLAN : 0;
    out.offered++;
    out.enqueue(mbuf);
  }

  private handle(mbuf: number): void {
    if (this.forwardPort === null) this.receiver.deliver(mbuf);
    else this.forward(mbuf, this.forwardPort);
  }

  /** Runs the application once: a burst from each receive queue, a burst to each transmit queue. */
  poll(): void {
    let moved = 0;
    for (let queue = 0; queue < this.rxQueues && this.open; queue++) {
      const count = this.driver.rxBurst(queue, this.burst, BURST);
      this.received += count;
      moved += count;
      for (let i = 0; i < count; i++) this.handle(this.burst[i]!);
    }
    for (const queue of this.queues) if (this.open) moved += queue.flush();
    if (moved > 0) this.watch.packetMoved();
    if (this.open) this.watch.readEvents();
  }

  /** The driver's events since the port was started: link, migration, removal. */
  get events(): readonly AppEvent[] {
    return this.watch.events;
  }

  /** Number of the driver's last event. */
  get eventSequence(): number {
    return this.driver.eventSequence;
  }

  /** The driver's events after that number. */
  eventsSince(sequence: number): readonly PortEventEntry[] {
    return this.driver.eventsSince(sequence);
  }

  /** Starts measuring the longest time without a packet, from the last packet that moved. */
  measureSilence(): Silence {
    return this.watch.measureSilence();
  }

  close(): void {
    if (!this.open) return;
    try {
      this.control('stop()', () => this.driver.stop());
    } catch (error) {
      // A host that refuses or is gone must not prevent the application from closing.
      if (!(error instanceof ErrnoError)) throw error;
    }
    this.control('close()', () => this.driver.close());
    // A detached port closes without a request to the host. The host completes its accounts in a step.
    this.nic.device!.step();
    this.final = this.accountsWith(this.waiting);
    for (const queue of this.queues) queue.discard();
  }

  /** True while frames wait for the driver; false where the device has vanished. */
  get busy(): boolean {
    return this.waiting > 0 && this.open && this.present;
  }

  private get present(): boolean {
    return this.nic.owner.function.present;
  }

  /** A number that changes whenever a frame has moved. */
  get activity(): number {
    return this.received + this.offered - this.waiting;
  }

  /** Number of frames that the driver has not taken yet. */
  get waiting(): number {
    return this.queues.reduce((sum, queue) => sum + queue.length, 0);
  }

  get foreign(): number {
    return this.receiver.foreign;
  }

  get mbufsInUse(): number {
    return this.pool.size - this.pool.available;
  }

  get leakedBuffers(): number {
    if (!this.open || !this.present) return this.mbufsInUse;
    const { total, hostPool, alloc, tx, rx, free } = this.nic.device!.inspect.buffers();
    return total - hostPool - alloc - tx - rx - free + this.mbufsInUse;
  }

  /** Host buffers with a damaged canary before or behind them, at this host and at those before. */
  get brokenCanaries(): number {
    return this.brokenBefore + (this.open && this.present ? this.nic.device!.inspect.brokenCanaries().length : 0);
  }

  /** Call it after the guest has detached and before its host is replaced. */
  leaveHost(): void {
    this.brokenBefore = this.brokenCanaries;
  }

  get queuePackets(): number[] {
    return this.driver.statsGet().rx.map(({ packets }) => packets);
  }

  get fifoPackets(): number[] {
    const device = this.nic.device!;
    return device.inspect.stats().queues.rx.slice(0, device.inspect.negotiated.rxQueues);
  }

  accounts(): readonly PortAccount[] {
    return this.final ?? this.accountsWith(this.present ? 0 : this.waiting);
  }

  /** @param unsent frames that the application gave up, because the driver will never take them. */
  private accountsWith(unsent: number): PortAccount[] {
    const { name, received, offered, noMbuf } = this;
    const host = { stats: this.nic.device!.inspect.stats(), refused: this.nic.port.stats().dropped };
    return portAccounts(name, host, this.driver.xstatsGet(), { received, offered, noMbuf, unsent });
  }
}
