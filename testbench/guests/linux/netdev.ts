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

/** Bytes of a packet beyond the MTU: Ethernet header and one tag. */
const MTU_OVERHEAD_BYTES = 18;
const DEFAULT_MTU = 1_500;

export interface NetdevOptions {
  readonly clock: Clock;
  /** CPUs of the guest, which asks for as many receive queues. Default 1. */
  readonly cpus?: number;
}

/** All counters of the guest. */
export interface NetdevCounts extends TrafficCounts {
  /** Interrupts with an unknown interrupt status or migration status. */
  unknownEvents: number;
  /** Packets on rx right before a request 3, where a correct host has put none. */
  early: number;
}

/**
 * A guest that behaves as the Linux kernel's driver does (section 17), to show that a host accepts it.
 * It runs in one thread and keeps its state in fields. It throws if the host breaks the protocol.
 *
 * The kernel's probe is split into `probe` and `configure`, because a registered device can be polled
 * and opened before its request 3.
 */
export class Netdev {
  readonly counts: NetdevCounts = { received: 0, sent: 0, txErrors: 0, lostBuffers: 0, unknownEvents: 0, early: 0 };
  mtu = DEFAULT_MTU;
  detached = false;
  /** Called during a detach, after the cached buffers are back on alloc and before the ack. */
  beforeAck: (() => void) | null = null;
  private configured = false;
  private opened = false;
  private gone = false;
  /** True while a request is pending. Events wait for its end. */
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

  /** First half of the probe. @throws ErrnoError where the driver refuses the device; EBUSY while it is detached. */
  static probe(pci: PciFunction, options: NetdevOptions): Netdev {
    if (pci.read32(BAR_MMIO, REG_MIGRATION_STATUS) === MIGRATION_DETACHED) {
      pci.write32(BAR_MMIO, REG_MIGRATION_ACK, MIGRATION_DETACHED);
      throw new ErrnoError('EBUSY', 'the device is being migrated');
    }
    const netdev = new Netdev(pci, options, readHost(pci));
    pci.setInterruptHandler(() => netdev.event(() => onInterrupt(netdev)));
    pci.write32(BAR_MMIO, REG_INTERRUPT_MASK, INTERRUPT_MASK_ALL);
    // A detach between the first look and the write of the mask raised no visible interrupt.
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

  /** Number of cached empty buffers. */
  get cached(): number {
    return this.traffic.cached;
  }

  /** Second half of the probe: sends request 3 with the present link state. Call it once. */
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

  /** Changes the MTU without a request, as the kernel's driver does. */
  changeMtu(mtu: number): void {
    if (mtu + MTU_OVERHEAD_BYTES > this.host.maxRxPktLen)
      throw new ErrnoError('EINVAL', `MTU ${mtu}: expected at most ${this.host.maxRxPktLen - MTU_OVERHEAD_BYTES}`);
    this.mtu = mtu;
  }

  /** Changes the MTU with request 1, which the protocol has but the kernel's driver never sends. */
  askForMtu(mtu: number): void {
    this.locked(() => this.mailbox.changeMtu(mtu));
  }

  /** Receives. Works before request 3 too, because the kernel polls as soon as the device is registered. */
  poll(queue: number, budget: number): Packet[] {
    return this.detached || this.gone ? [] : this.traffic.poll(queue, budget);
  }

  send(queue: number, packets: readonly Packet[]): number {
    return this.detached || this.gone || !this.opened || !this.configured ? 0 : this.traffic.send(queue, packets);
  }

  /** Removes the driver from the device, which may have vanished. */
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

  /** Runs one operation at a time, and none while detached. */
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

  /** Handles an interrupt, after a pending request has ended, as the kernel's lock enforces. */
  private event(handle: () => void): void {
    if (this.busy) this.eventWaits = true;
    else this.exclusively(handle);
  }

  /** Sends request 4, then returns the cached buffers. @throws ErrnoError of the request. */
  shutDown(): void {
    this.mailbox.shutDown();
    this.traffic.putBack();
  }

  /** True while the device info is unchanged. */
  isSameHost(): boolean {
    return Buffer.from(readHost(this.pci).raw).equals(this.host.raw);
  }

  /** Reads the host again and repeats the configuration. Changes nothing if it throws. */
  renew(): void {
    const host = readHost(this.pci);
    if (this.configured) return this.negotiate(host);
    this.adopt(host, new Mailbox(host, this.options.clock), this.trafficOn(host, false));
  }

  private negotiate(host: HostView): void {
    // The kernel polls already, so rx has to be empty.
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

  /** A receive queue for each CPU, the recommended number of transmit queues, and VLAN offload where offered. */
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
