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
import type { Nic } from '../../emulator';
import { ErrnoError } from '../../shared/errors';
import { formatMac, vlanTciOf, withoutVlanTag, withVlanTag } from '../../shared/ethernet';
import type { PortEvents } from './portEvents';
import { nonZero, type PortAccount } from './result';

const BURST = 32;
const POOL_MBUFS = 1_024;

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

/** Drops of a driver by cause, all queues together: `rx_q0_dropped_short` is `guest dropped_short`. */
function driverDrops(xstats: Readonly<Record<string, number>>, direction: 'rx' | 'tx'): Record<string, number> {
  const drops: Record<string, number> = {};
  for (const [name, count] of Object.entries(xstats)) {
    const found = new RegExp(`^${direction}_q[0-9]+_(dropped_.*|filtered_.*|no_mbuf)$`).exec(name);
    if (found !== null) drops[`guest ${found[1]!}`] = (drops[`guest ${found[1]!}`] ?? 0) + count;
  }
  return drops;
}

/** Drops with the place where they happened before the cause. */
function at(place: 'host' | 'switch', drops: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(drops).map(([cause, count]) => [`${place} ${cause}`, count]));
}

/**
 * One AVP port of an instance and the application on it: it polls every receive queue, and keeps
 * what it wants to send until the driver takes it.
 */
export class AppPort {
  private readonly pool: Mempool;
  private readonly view = new MbufView();
  private readonly burst = new Uint32Array(BURST);
  private readonly waiting: number[] = [];
  private handler: Handler = mbufFree;
  private received = 0;
  private offered = 0;
  private noMbuf = 0;
  private readonly rxQueues: number;
  private readonly txQueues: number;
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
    private readonly events: PortEvents | null = null,
  ) {
    const { promiscuous = false, rxQueues = 1, txQueues = 1, ...rest } = settings;
    this.rxQueues = rxQueues;
    this.txQueues = txQueues;
    this.insertsTags = settings.vlanInsert === true;
    this.pool = Mempool.create({ mbufs: POOL_MBUFS, label: `${name} mbufs` });
    this.control(`configure(${JSON.stringify({ rxQueues, txQueues, ...rest })})`, () => driver.configure({ rxQueues, txQueues, ...rest }));
    for (let queue = 0; queue < rxQueues; queue++) driver.rxQueueSetup(queue, { mempool: this.pool });
    for (let queue = 0; queue < txQueues; queue++) driver.txQueueSetup(queue);
    if (promiscuous) driver.promiscuousEnable();
    this.control('start()', () => driver.start());
  }

  /** A control operation of the driver, on record where somebody keeps one. */
  private control(what: string, operation: () => void): void {
    if (this.events === null) operation();
    else this.events.operation(what, operation);
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
    const mbuf = vlanTci === null ? mbufFromBytes(this.pool, frame) : mbufFromBytes(this.pool, withoutVlanTag(frame), { vlanTci });
    if (mbuf === 0) this.noMbuf++;
    else this.waiting.push(mbuf);
    return true;
  }

  /** Has a function see each frame that arrives, with its tag in place. */
  onFrame(handler: (frame: Uint8Array) => void): void {
    this.handler = (mbuf) => {
      const { olFlags, vlanTci } = this.view.at(mbuf);
      const frame = this.view.data();
      mbufFree(mbuf);
      handler((olFlags & MBUF_RX_VLAN_STRIPPED) !== 0 ? withVlanTag(frame, vlanTci) : frame);
    };
  }

  /** Sends whatever arrives here out at another port, without a copy; a stripped tag is put in again. */
  forwardTo(out: AppPort): void {
    this.handler = (mbuf) => {
      const { olFlags } = this.view.at(mbuf);
      this.view.olFlags = (olFlags & MBUF_RX_VLAN) !== 0 ? MBUF_TX_VLAN : 0;
      out.offered++;
      out.waiting.push(mbuf);
    };
  }

  /** One turn of the application: a burst from each receive queue, a burst to each transmit queue. */
  poll(): void {
    for (let queue = 0; queue < this.rxQueues && this.open; queue++) {
      const count = this.driver.rxBurst(queue, this.burst, BURST);
      this.received += count;
      for (let i = 0; i < count; i++) this.handler(this.burst[i]!);
    }
    // One queue at a time until it takes no more, so that a flow stays in order.
    for (let queue = 0; queue < this.txQueues && this.waiting.length > 0 && this.open; queue++) this.transmit(queue);
  }

  private transmit(queue: number): void {
    this.burst.set(this.waiting.slice(0, BURST));
    const taken = this.driver.txBurst(queue, this.burst, Math.min(BURST, this.waiting.length));
    this.waiting.splice(0, taken);
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
    this.final = this.accountsWith(this.waiting.length);
    for (const mbuf of this.waiting.splice(0)) mbufFree(mbuf);
  }

  /** True while frames wait for the driver or for the application; not where the device has vanished. */
  get busy(): boolean {
    return this.waiting.length > 0 && this.open && this.present;
  }

  private get present(): boolean {
    return this.nic.owner.function.present;
  }

  /** A number that changes whenever a frame has moved. */
  get activity(): number {
    return this.received + this.offered - this.waiting.length;
  }

  /** Mbufs of the port's pool that the application or the driver holds: 0 when all is at rest. */
  get mbufsInUse(): number {
    return this.pool.size - this.pool.available;
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
    return this.final ?? this.accountsWith(this.present ? 0 : this.waiting.length);
  }

  /** @param unsent frames that the application gave up, because the driver will never take them. */
  private accountsWith(unsent: number): PortAccount[] {
    const host = this.nic.device!.stats();
    const xstats = this.driver.xstatsGet();
    const refused: Readonly<Record<string, number>> = this.nic.port.stats().dropped;
    const passed = host.fromGuest.forwarded - Object.values(refused).reduce((sum, count) => sum + count, 0);
    const toGuest = { ...at('host', host.toGuest.dropped), ...driverDrops(xstats, 'rx') };
    const fromGuest = {
      ...at('host', host.fromGuest.dropped),
      ...at('switch', refused),
      ...driverDrops(xstats, 'tx'),
      'guest no_mbuf': this.noMbuf,
      'guest unsent': unsent,
    };
    return [
      { name: `${this.name} rx`, offered: host.toGuest.offered, delivered: this.received, dropped: nonZero(toGuest) },
      { name: `${this.name} tx`, offered: this.offered, delivered: passed, dropped: nonZero(fromGuest) },
    ];
  }
}
