import type { Clock } from '../../../shared/clock';
import { ErrnoError } from '../../../shared/errors';
import {
  BAR_MMIO,
  FEATURE_VLAN_OFFLOAD,
  INTERRUPT_MASK_ALL,
  INTERRUPT_MASK_NONE,
  MIGRATION_DETACHED,
  REG_INTERRUPT_MASK,
  REG_MIGRATION_ACK,
  REG_MIGRATION_STATUS,
} from '../../../shared/loops/layout';
import type { PciFunction } from '../../../shared/pci';
import { type HostView, readHost } from './hostView';
import { Mailbox, type Wanted } from './mailbox';
import { onInterrupt, onMigration } from './migration';
import type { Packet } from './packets';
import { Traffic, type TrafficCounts } from './traffic';

/** Header and one tag: an MTU needs so much more room in a packet. */
const MTU_OVERHEAD_BYTES = 18;
const DEFAULT_MTU = 1_500;

export interface NetdevOptions {
  readonly clock: Clock;
  /** CPUs of the guest: so many receive queues it would like. Default 1. */
  readonly cpus?: number;
}

/** Everything that the guest counts. */
export interface NetdevCounts extends TrafficCounts {
  /** Interrupts whose status or migration status it does not know. */
  unknownEvents: number;
  /** Packets on rx right before a request 3: a host that keeps the rules has put none there. */
  early: number;
}

/**
 * A guest that behaves as the Linux kernel's driver does (section 17), to show that a host accepts
 * it. For one thread: its state is in fields. Where the host breaks the protocol it throws.
 *
 * The kernel's probe is in two halves here, `probe` and `configure`, because a device that is
 * registered can be polled and opened before its request 3.
 */
export class Netdev {
  readonly counts: NetdevCounts = { received: 0, sent: 0, txErrors: 0, lostBuffers: 0, unknownEvents: 0, early: 0 };
  mtu = DEFAULT_MTU;
  detached = false;
  /** Called in a detach when the cached buffers are back on alloc and the ack is still to come. */
  beforeAck: (() => void) | null = null;
  private configured = false;
  private opened = false;
  private gone = false;
  /** A request is under way; events wait for its end. */
  private busy = false;
  private eventWaits = false;
  private mailbox: Mailbox;
  private traffic: Traffic;

  private constructor(
    readonly pci: PciFunction,
    private readonly options: NetdevOptions,
    private host: HostView,
  ) {
    this.mailbox = new Mailbox(host, options.clock);
    this.traffic = this.trafficOn(host, false);
  }

  /** @throws ErrnoError where the driver refuses the device: EBUSY while it is detached. */
  static probe(pci: PciFunction, options: NetdevOptions): Netdev {
    if (pci.read32(BAR_MMIO, REG_MIGRATION_STATUS) === MIGRATION_DETACHED) {
      pci.write32(BAR_MMIO, REG_MIGRATION_ACK, MIGRATION_DETACHED);
      throw new ErrnoError('EBUSY', 'the device is being migrated');
    }
    const netdev = new Netdev(pci, options, readHost(pci));
    pci.setInterruptHandler(() => netdev.event(() => onInterrupt(netdev)));
    pci.write32(BAR_MMIO, REG_INTERRUPT_MASK, INTERRUPT_MASK_ALL);
    // A detach between the first look and the mask raised no interrupt that would be seen.
    if (pci.read32(BAR_MMIO, REG_MIGRATION_STATUS) === MIGRATION_DETACHED) netdev.event(() => onMigration(netdev));
    return netdev;
  }

  get mac(): Uint8Array {
    return this.host.mac;
  }

  get rxQueues(): number {
    return this.traffic.rxQueues;
  }

  get txQueues(): number {
    return this.traffic.txQueues;
  }

  /** Empty buffers that it keeps. */
  get cached(): number {
    return this.traffic.cached;
  }

  /** The second half of the probe: request 3, with the link as it is by now. Once. */
  configure(): void {
    if (this.configured) throw new ErrnoError('EEXIST', 'the device is configured already');
    this.locked(() => this.negotiate(this.host));
  }

  open(): void {
    this.setLink(true);
  }

  stop(): void {
    this.setLink(false);
  }

  private setLink(up: boolean): void {
    this.locked(() => {
      this.mailbox.setLink(up);
      this.opened = up;
    });
  }

  /** Checked here: the kernel's driver asks nobody. */
  changeMtu(mtu: number): void {
    if (mtu + MTU_OVERHEAD_BYTES > this.host.maxRxPktLen)
      throw new ErrnoError('EINVAL', `MTU ${mtu}: expected at most ${this.host.maxRxPktLen - MTU_OVERHEAD_BYTES}`);
    this.mtu = mtu;
  }

  /** Asks the host, with request 1. The kernel's driver never does; the protocol has it. */
  askForMtu(mtu: number): void {
    this.locked(() => this.mailbox.changeMtu(mtu));
  }

  /** Receives; also before request 3, as the kernel does from the moment that the device is registered. */
  poll(queue: number, budget: number): Packet[] {
    return this.detached || this.gone ? [] : this.traffic.poll(queue, budget);
  }

  send(queue: number, packets: readonly Packet[]): number {
    return this.detached || this.gone || !this.opened || !this.configured ? 0 : this.traffic.send(queue, packets);
  }

  /** The driver lets go of the device, which may have vanished. */
  remove(): void {
    if (this.gone) return;
    this.pci.setInterruptHandler(null);
    this.gone = true;
    if (!this.pci.present) return;
    this.pci.write32(BAR_MMIO, REG_INTERRUPT_MASK, INTERRUPT_MASK_NONE);
    if (this.detached) return;
    try {
      this.shutDown();
    } catch (error) {
      if (!(error instanceof ErrnoError)) throw error;
    }
  }

  /** One operation at a time, and none while detached. */
  private locked(body: () => void): void {
    if (this.detached) throw new ErrnoError('EBUSY', 'the device is detached');
    if (this.gone) throw new ErrnoError('ENODEV', 'the device is gone');
    this.exclusively(body);
  }

  private exclusively(body: () => void): void {
    if (this.busy) throw new ErrnoError('EBUSY', 'another request is under way');
    this.busy = true;
    try {
      body();
    } finally {
      this.busy = false;
    }
    if (!this.eventWaits) return;
    this.eventWaits = false;
    this.event(() => onInterrupt(this));
  }

  /** What an interrupt brings has to wait for a request that is under way, as for the kernel's lock. */
  private event(handle: () => void): void {
    if (this.busy) this.eventWaits = true;
    else this.exclusively(handle);
  }

  /** Asks the host to stop; the cached buffers go back once it has. @throws ErrnoError as the request. */
  shutDown(): void {
    this.mailbox.shutDown();
    this.traffic.putBack();
  }

  /** For the handler: whether the device info is still what it was. */
  isSameHost(): boolean {
    return Buffer.from(readHost(this.pci).raw).equals(this.host.raw);
  }

  /** For the handler: reads everything anew and, where it was configured, configures. Nothing has changed where it throws. */
  renew(): void {
    const host = readHost(this.pci);
    if (this.configured) return this.negotiate(host);
    this.adopt(host, new Mailbox(host, this.options.clock), this.trafficOn(host, false));
  }

  private negotiate(host: HostView): void {
    // The kernel polls already: rx has to be empty.
    const ungranted = this.trafficOn(host, false);
    const mailbox = host === this.host ? this.mailbox : new Mailbox(host, this.options.clock);
    for (let queue = 0; queue < ungranted.rxQueues; queue++)
      this.counts.early += ungranted.poll(queue, Infinity).length;
    mailbox.configure(this.wantedOf(host));
    this.adopt(host, mailbox, this.trafficOn(host, true));
    this.configured = true;
  }

  private adopt(host: HostView, mailbox: Mailbox, traffic: Traffic): void {
    this.host = host;
    this.mailbox = mailbox;
    this.traffic = traffic;
  }

  /** As many receive queues as CPUs, the recommended number of transmit queues, VLAN offload wherever offered. */
  private wantedOf({ rxQueues, txQueues, features }: HostView): Wanted {
    return {
      rxQueues: Math.min(rxQueues.max, Math.max(rxQueues.min, this.options.cpus ?? 1)),
      txQueues: Math.min(txQueues.max, Math.max(1, txQueues.recommended)),
      features: features & FEATURE_VLAN_OFFLOAD,
      up: this.opened,
    };
  }

  private trafficOn(host: HostView, granted: boolean): Traffic {
    const { rxQueues, txQueues, features } = this.wantedOf(host);
    return new Traffic(host, rxQueues, txQueues, features, granted, this.counts);
  }
}
