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
import { type Nic } from '../../emulator';
import { formatMac, withVlanTag } from '../../shared/ethernet';
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

function hostDrops(drops: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(drops).map(([cause, count]) => [`host ${cause}`, count]));
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

  /** Configures and starts the port. @throws ErrnoError */
  constructor(
    /** `INSTANCE/NETWORK`. */
    readonly name: string,
    readonly driver: Port,
    readonly nic: Nic,
    settings: AppPortSettings,
  ) {
    const { promiscuous = false, rxQueues = 1, txQueues = 1, ...rest } = settings;
    this.rxQueues = rxQueues;
    this.txQueues = txQueues;
    this.pool = Mempool.create({ mbufs: POOL_MBUFS, label: `${name} mbufs` });
    driver.configure({ rxQueues, txQueues, ...rest });
    for (let queue = 0; queue < rxQueues; queue++) driver.rxQueueSetup(queue, { mempool: this.pool });
    for (let queue = 0; queue < txQueues; queue++) driver.txQueueSetup(queue);
    if (promiscuous) driver.promiscuousEnable();
    driver.start();
  }

  get mac(): Uint8Array {
    return this.driver.macAddrGet();
  }

  get macText(): string {
    return formatMac(this.mac);
  }

  /** Sends a frame as soon as the driver takes it. */
  send(frame: Uint8Array): void {
    this.offered++;
    const mbuf = mbufFromBytes(this.pool, frame);
    if (mbuf === 0) this.noMbuf++;
    else this.waiting.push(mbuf);
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
    for (let queue = 0; queue < this.rxQueues; queue++) {
      const count = this.driver.rxBurst(queue, this.burst, BURST);
      this.received += count;
      for (let i = 0; i < count; i++) this.handler(this.burst[i]!);
    }
    // One queue at a time until it takes no more, so that a flow stays in order.
    for (let queue = 0; queue < this.txQueues && this.waiting.length > 0; queue++) this.transmit(queue);
  }

  private transmit(queue: number): void {
    this.burst.set(this.waiting.slice(0, BURST));
    const taken = this.driver.txBurst(queue, this.burst, Math.min(BURST, this.waiting.length));
    this.waiting.splice(0, taken);
  }

  /** True while frames wait for the driver or for the application. */
  get busy(): boolean {
    return this.waiting.length > 0;
  }

  /** A number that changes whenever a frame has moved. */
  get activity(): number {
    return this.received + this.offered - this.waiting.length;
  }

  /** Towards the guest and from it. */
  accounts(): PortAccount[] {
    const host = this.nic.device!.stats();
    const xstats = this.driver.xstatsGet();
    const toGuest = { ...hostDrops(host.toGuest.dropped), ...driverDrops(xstats, 'rx') };
    const fromGuest = { ...hostDrops(host.fromGuest.dropped), ...driverDrops(xstats, 'tx'), 'guest no_mbuf': this.noMbuf };
    return [
      { name: `${this.name} rx`, offered: host.toGuest.offered, delivered: this.received, dropped: nonZero(toGuest) },
      { name: `${this.name} tx`, offered: this.offered, delivered: host.fromGuest.forwarded, dropped: nonZero(fromGuest) },
    ];
  }
}
