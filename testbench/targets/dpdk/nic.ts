import { loadAcquire32, readBytes, storeRelease32 } from '#mem';
import type { AvpDevice } from '../../../emulator';
import { asHost } from '../../../emulator/asHost';
import {
  UIO_LINE_ENABLED,
  UIO_LINE_FIRED,
  UIO_LINE_GUESTS,
  UIO_LINE_HANDLED,
} from '../../../emulator/export/uio/records';
import type { FrameSource } from '../../traffic/frameSource';
import { MIN_PACKET_BYTES, REQ_LINK } from '../../../shared/loops/layout';
import { wakeInterruptWaiters } from '../../../shared/pci';
import type { LcoreThread } from '../../peers/dpdk/lcoreThread';
import { DpdkTraffic } from './traffic';
import type { DescChange, HostStats } from '../host';
import { DeviceNic } from '../deviceNic';
import { LacksCapability } from '../target';
import type { WireLog } from '../../evidence/wireLog';

/** Until a guest in another process has dealt with what it was given. */
const GUEST_LIMIT_MS = 2_000;
/** From the moment that a guest's connection ends until the end of its process is known, with its last words. */
const OBITUARY_MS = 1_500;
const PAUSE = new Int32Array(new SharedArrayBuffer(4));

/** What the NIC wants of those who export it. */
export interface NicSupport {
  /** Lets the host go on until this holds; false where it does not within the time. */
  until(holds: () => boolean, limitMs: number): Promise<boolean>;
}

/**
 * An AVP device whose guest is another process, which sends every frame back that it receives. So a
 * frame that the guest is to send is one that it was given for that, and comes back meanwhile.
 */
export class DpdkNic extends DeviceNic {
  /** Arena address of the uio line, 0 while the function is not exported. */
  line = 0;
  /** What it receives, and what it was to send, as it comes back. */
  readonly traffic: DpdkTraffic;
  private readonly own = new Set<DeviceNic['requests'][number]>();
  /** The guest is promiscuous for the bench's sake alone: what it would filter is held back until it is not. */
  seesAll = false;
  held: (() => void)[] = [];
  /** testpmd may show what it receives: it can't where a packet has no whole header. */
  showsAll = true;
  /** Makes the guest ready for what is held back; set by the port. */
  beforeHeld: () => Promise<void> = async () => {};
  /** The guest's thread that makes the bursts, null where it is out of reach; set by the port. */
  lcore: () => LcoreThread | null = () => null;
  /** Frames given to the guest, and come back from it. */
  given = 0;
  returned = 0;
  /** What a guest that has gone since the last event had acked. */
  private lastAck = 0;

  constructor(
    device: AvpDevice,
    private readonly frames: FrameSource,
    private readonly support: NicSupport,
    private readonly log: WireLog | null,
  ) {
    super(device, frames, () => false);
    this.traffic = new DpdkTraffic(device);
    device.uplink = { deliver: (address, bytes) => this.take(asHost(() => readBytes(address, bytes))) };
  }

  private take(frame: Uint8Array): void {
    this.returned++;
    this.log?.frame(this.slot, 'fromGuest', frame);
    this.traffic.take(frame);
  }

  /** The device forgets it with its guest, but what let go of it may have been a refused probe. */
  guestLeaves(): void {
    this.lastAck = super.migrationAck;
  }

  override get migrationAck(): number {
    return super.migrationAck || this.lastAck;
  }

  override announce(status: number): void {
    this.lastAck = 0;
    super.announce(status);
  }

  /** Without those that only were there so that testpmd configures the port before it is wanted started. */
  override get requests(): DeviceNic['requests'] {
    return this.device.inspect.requests.filter((request) => !this.own.has(request));
  }

  /** Runs something whose link requests are none of the clause's. */
  async withoutLinkRequests<T>(body: () => Promise<T>): Promise<T> {
    return this.withoutRequests(body, [REQ_LINK]);
  }

  /** Runs something whose requests, those with these ids, are none of the clause's. */
  async withoutRequests<T>(body: () => Promise<T>, ids: readonly number[]): Promise<T> {
    const from = this.device.inspect.requests.length;
    try {
      return await body();
    } finally {
      for (const request of this.device.inspect.requests.slice(from))
        if (ids.includes(request.reqId)) this.own.add(request);
    }
  }

  override taken(): Uint8Array[] {
    return this.traffic.taken();
  }

  override deliver(frame: Uint8Array, changes: readonly DescChange[] = []): void {
    const cannotShow = changes.some(({ field, value }) => field === 'pkt_len' && Number(value) < MIN_PACKET_BYTES);
    if (cannotShow) this.showsAll = false;
    const holds = this.held.length > 0 || cannotShow || (this.seesAll && !this.isForGuest(frame));
    if (holds) this.held.push(() => this.deliverNow(frame, changes));
    else this.deliverNow(frame, changes);
  }

  /** A station takes what is to itself, and to groups of stations. */
  private isForGuest(frame: Uint8Array): boolean {
    return (frame[0]! & 1) !== 0 || this.mac.every((byte, index) => frame[index] === byte);
  }

  private deliverNow(frame: Uint8Array, changes: readonly DescChange[]): void {
    this.given++;
    this.log?.frame(this.slot, 'toGuest', frame, changes.length === 0 ? '' : 'changed on purpose');
    if (changes.length > 0) this.awaitEmptyRx();
    super.deliver(frame, changes);
  }

  /** Gives the guest, by one rx FIFO, a frame that it is to send. */
  inject(frame: Uint8Array, fifo: number): void {
    this.given++;
    this.traffic.injected++;
    this.traffic.onFifo(fifo, () => this.frames.send(this.device, frame));
  }

  /** A frame can be spoilt only where nobody takes others from the ring meanwhile. */
  private awaitEmptyRx(): void {
    this.device.step();
    for (const untilMs = performance.now() + GUEST_LIMIT_MS; performance.now() < untilMs; Atomics.wait(PAUSE, 0, 0, 1))
      if (this.fifo('rx', 0, 'read') === this.fifo('rx', 0, 'write')) return;
  }

  /** The host's counters without the frames that were only there so that others could be seen. */
  override stats(): HostStats {
    const { toGuest, fromGuest } = super.stats();
    const { injected, shown } = this.traffic;
    return {
      toGuest: { ...toGuest, offered: toGuest.offered - injected, delivered: toGuest.delivered - injected },
      fromGuest: { ...fromGuest, offered: fromGuest.offered - shown, delivered: fromGuest.delivered - shown },
    };
  }

  private word(field: number): number {
    return this.line === 0 ? 0 : asHost(() => loadAcquire32(this.line + field));
  }

  /** An interrupt that the guest was told of and has not dealt with. */
  get interruptUnderWay(): boolean {
    return this.word(UIO_LINE_FIRED) !== this.word(UIO_LINE_HANDLED);
  }

  private async dispatched(raise: () => void): Promise<{ dispatched: boolean }> {
    const before = this.word(UIO_LINE_HANDLED);
    const listening = this.word(UIO_LINE_ENABLED) !== 0;
    raise();
    const limitMs = listening ? GUEST_LIMIT_MS : 50;
    const dispatched = await this.support.until(() => this.word(UIO_LINE_HANDLED) !== before, limitMs);
    // A guest that is gone counts as one that has handled all; the next time both sides rest, its crash is told.
    if (dispatched && this.word(UIO_LINE_GUESTS) === 0) await this.support.until(() => false, OBITUARY_MS);
    return { dispatched };
  }

  override async raiseInterrupt(bits: number): Promise<{ dispatched: boolean }> {
    if ((this.interruptMask & bits) === 0) {
      this.device.tamper.raiseInterrupt(bits);
      return { dispatched: false };
    }
    return this.dispatched(() => this.device.tamper.raiseInterrupt(bits));
  }

  override async lateInterrupt(): Promise<{ dispatched: boolean }> {
    // Whoever has the function open gets it, whatever it has said since.
    if (this.word(UIO_LINE_GUESTS) !== 0) asHost(() => storeRelease32(this.line + UIO_LINE_ENABLED, 1));
    return this.dispatched(() => {
      this.device.tamper.overwrite('pci_function', 'interrupt_pending', 1);
      wakeInterruptWaiters(this.device.function.base);
    });
  }

  override pause(): void {
    throw new LacksCapability('burst-choice');
  }

  override surpriseRemove(): void {
    throw new LacksCapability('surprise-removal');
  }
}
