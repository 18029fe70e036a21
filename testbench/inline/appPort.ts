import { mbufData } from '../../driver/loops/mbuf';
import { loadMbufDataLen } from '../../driver/loops/records';
import {
  MBUF_RX_VLAN,
  MBUF_RX_VLAN_STRIPPED,
  MBUF_TX_VLAN,
  mbufFree,
  mbufFromBytes,
  MbufView,
  Mempool,
  type Port,
} from '../../driver';
import { flowHash, type Nic } from '../../emulator';
import { type FrameFlow, flowOf } from '../traffic/trafficOracle';
import { ErrnoError } from '../../shared/errors';
import { formatMac, vlanTciOf, withoutVlanTag, withVlanTag } from '../../shared/ethernet';
import type { CommonPort } from '../api/bench';
import type { PortEvents } from '../evidence/portEvents';
import { portAccounts } from '../traffic/portAccounts';
import type { PortAccount } from '../api/result';
import { type AppEvent, PortWatch } from './portWatch';
import { SendQueue } from './sendQueue';
import type { Silence } from './silence';

const BURST = 32;
const POOL_MBUFS = 4_096;

/** How an application runs a port. */
export interface AppPortSettings {
  readonly rxQueues?: number;
  readonly txQueues?: number;
  readonly mtu?: number;
  readonly vlanStrip?: boolean;
  readonly vlanInsert?: boolean;
  readonly promiscuous?: boolean;
}

/** What an application does with a packet; the mbuf is its own from then on. */
type Handler = (mbuf: number) => void;

/** What an application does with a frame of a flow, its tag in place. */
export type FrameReceiver = (frame: Uint8Array, flow: number) => void;

/**
 * One AVP port of an instance and the application on it: it polls every receive queue, and keeps
 * what it wants to send until the driver takes it.
 */
export class AppPort implements CommonPort {
  private readonly pool: Mempool;
  private readonly view = new MbufView();
  private readonly burst = new Uint32Array(BURST);
  private readonly queues: readonly SendQueue[];
  private readonly receivers = new Map<number, FrameReceiver>();
  private readonly watch: PortWatch;
  private handler: Handler = mbufFree;
  private received = 0;
  private strangers = 0;
  private brokenBefore = 0;
  private offered = 0;
  private noMbuf = 0;
  private readonly rxQueues: number;
  private readonly insertsTags: boolean;
  /** What became of its frames, once the port is closed and can't be asked any more. */
  private final: readonly PortAccount[] | null = null;

  /** Configures and starts the port. @throws ErrnoError */
  constructor(
    /** `INSTANCE/NETWORK`. */
    readonly name: string,
    readonly driver: Port,
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
    this.control(`configure(${JSON.stringify({ rxQueues, txQueues, ...rest })})`, () =>
      driver.configure({ rxQueues, txQueues, ...rest }),
    );
    for (let queue = 0; queue < rxQueues; queue++) driver.rxQueueSetup(queue, { mempool: this.pool });
    for (let queue = 0; queue < txQueues; queue++) driver.txQueueSetup(queue);
    if (promiscuous) driver.promiscuousEnable();
    this.control('start()', () => driver.start());
  }

  /** A control operation of the driver, on record where somebody keeps one. */
  private control(what: string, operation: () => void): void {
    if (this.record === null) operation();
    else this.record.operation(what, operation);
  }

  get mac(): Uint8Array {
    return this.driver.macAddrGet();
  }

  get macText(): string {
    return formatMac(this.mac);
  }

  /** False once the application has closed the port. */
  get open(): boolean {
    return this.final === null;
  }

  /**
   * Sends a frame as soon as the driver takes it. A tag in it goes along as an offload where the
   * port was set up with `vlanInsert`, else in the frame. False where the port is closed.
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

  /** What is to stay in order goes through one transmit queue: a host serves each at its own pace. */
  private enqueue(mbuf: number): void {
    const { queues } = this;
    const queue = queues.length === 1 ? 0 : flowHash(mbufData(mbuf), loadMbufDataLen(mbuf)) % queues.length;
    queues[queue]!.put(mbuf);
  }

  /** Has a function see each frame of some flows that arrives. */
  receive(flows: readonly FrameFlow[], receiver: FrameReceiver): void {
    for (const { id } of flows) this.receivers.set(id, receiver);
    if (this.receivers.size > 0) this.handler = (mbuf) => this.hand(mbuf);
  }

  private hand(mbuf: number): void {
    const { olFlags, vlanTci } = this.view.at(mbuf);
    const data = this.view.data();
    mbufFree(mbuf);
    const frame = (olFlags & MBUF_RX_VLAN_STRIPPED) !== 0 ? withVlanTag(data, vlanTci) : data;
    const flow = flowOf(frame);
    const receiver = flow === null ? undefined : this.receivers.get(flow);
    if (receiver === undefined) this.strangers++;
    else receiver(frame, flow!);
  }

  /** Sends whatever arrives here out at another port, without a copy; a stripped tag is put in again. */
  forwardTo(out: AppPort): void {
    this.handler = (mbuf) => {
      const { olFlags } = this.view.at(mbuf);
      this.view.olFlags = (olFlags & MBUF_RX_VLAN) !== 0 ? MBUF_TX_VLAN : 0;
      out.offered++;
      out.enqueue(mbuf);
    };
  }

  /** One turn of the application: a burst from each receive queue, a burst to each transmit queue. */
  poll(): void {
    let moved = 0;
    for (let queue = 0; queue < this.rxQueues && this.open; queue++) {
      const count = this.driver.rxBurst(queue, this.burst, BURST);
      this.received += count;
      moved += count;
      for (let i = 0; i < count; i++) this.handler(this.burst[i]!);
    }
    for (const queue of this.queues) if (this.open) moved += queue.flush();
    if (moved > 0) this.watch.beat();
    if (this.open) this.watch.hear();
  }

  /** What the driver told of links, migrations and removal since the port was started. */
  get events(): readonly AppEvent[] {
    return this.watch.events;
  }

  /** Watches for the longest time without a packet, from the last one that moved. */
  watchSilence(): Silence {
    return this.watch.silence();
  }

  /**
   * Stops and closes the port, gives up what the driver has not taken, and notes what became of
   * all frames. Traffic may go on meanwhile; the driver is not called any more afterwards.
   */
  close(): void {
    if (!this.open) return;
    try {
      this.control('stop()', () => this.driver.stop());
    } catch (error) {
      // A host that refuses or is gone does not keep the application from closing.
      if (!(error instanceof ErrnoError)) throw error;
    }
    this.control('close()', () => this.driver.close());
    // A port that is detached closes without a word to the host, which has to look to draw its balance.
    this.nic.device!.step();
    this.final = this.accountsWith(this.waiting);
    for (const queue of this.queues) queue.discard();
  }

  /** True while frames wait for the driver or for the application; not where the device has vanished. */
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

  /** Frames that the driver has not taken yet. */
  get waiting(): number {
    return this.queues.reduce((sum, queue) => sum + queue.length, 0);
  }

  /** Frames that arrived and are of no flow that is expected here. */
  get foreign(): number {
    return this.strangers;
  }

  /** Mbufs of the port's pool that the application or the driver holds: 0 when all is at rest. */
  get mbufsInUse(): number {
    return this.pool.size - this.pool.available;
  }

  /** Packet buffers of the host, and mbufs, that are not where they belong when all is at rest. */
  get leakedBuffers(): number {
    if (!this.open || !this.present) return this.mbufsInUse;
    const { total, hostPool, alloc, tx, rx, free } = this.nic.device!.buffers();
    return total - hostPool - alloc - tx - rx - free + this.mbufsInUse;
  }

  /** Host buffers round which somebody wrote where nobody may, at this host and at those before. */
  get brokenCanaries(): number {
    return this.brokenBefore + (this.open && this.present ? this.nic.device!.brokenCanaries().length : 0);
  }

  /** To be called while the guest has let go of a host that is about to be replaced. */
  leaveHost(): void {
    this.brokenBefore = this.brokenCanaries;
  }

  /** Packets that the application got from each receive queue, as the driver counts them. */
  get queuePackets(): number[] {
    return this.driver.statsGet().rx.map(({ packets }) => packets);
  }

  /** Packets that the host put on each receive FIFO in use. There are more of them than queues where the host insists. */
  get fifoPackets(): number[] {
    const device = this.nic.device!;
    return device.stats().queues.rx.slice(0, device.negotiated.rxQueues);
  }

  /** Towards the guest and from it. */
  accounts(): readonly PortAccount[] {
    return this.final ?? this.accountsWith(this.present ? 0 : this.waiting);
  }

  /** @param unsent frames that the application gave up, because the driver will never take them. */
  private accountsWith(unsent: number): PortAccount[] {
    const { name, received, offered, noMbuf } = this;
    const host = { stats: this.nic.device!.stats(), refused: this.nic.port.stats().dropped };
    return portAccounts(name, host, this.driver.xstatsGet(), { received, offered, noMbuf, unsent });
  }
}
