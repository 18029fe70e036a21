import { fill, loadAcquire32, readBytes } from '#mem';
import type { AvpDevice } from '../../../emulator';
import { BARS } from '../../../emulator/export/bars/tree';
import {
  UIO_LINE_ENABLED,
  UIO_LINE_FIRED,
  UIO_LINE_GUESTS,
  UIO_LINE_HANDLED,
} from '../../../emulator/export/uio/records';
import type { FrameSource } from '../../traffic/frameSource';
import { asHost } from '../../../shared/actors';
import { MIN_PACKET_BYTES, REQ_LINK } from '../../../shared/loops/layout';
import type { LcoreThread } from '../../peers/dpdk/lcoreThread';
import { DpdkTraffic } from './traffic';
import type { DescChange, HostStats } from '../host';
import { DeviceNic } from '../deviceNic';
import { LacksCapability } from '../target';
import type { WireLog } from '../../evidence/wireLog';

/** Longest time that a guest in another process may take to handle frames or an event. */
const GUEST_LIMIT_MS = 2_000;
/** Longest time that a guest may take to handle an interrupt that has reached it. */
const LATE_MS = 500;
/** Time from the end of a guest's connection until the end of its process and its last output are known. */
const OBITUARY_MS = 1_500;
const PAUSE = new Int32Array(new SharedArrayBuffer(4));

/** The host that exports a NIC, as the NIC sees it. */
interface NicSupport {
  /** Lets the host run until `holds`; false where it does not within the time. */
  until(holds: () => boolean, limitMs: number): Promise<boolean>;
  sleepMs(durationMs: number): Promise<void>;
}

/**
 * An AVP device whose guest, in another process, sends every received frame back. To make the guest
 * send a frame, the bench delivers that frame to it.
 */
export class DpdkNic extends DeviceNic {
  /** Arena address of the uio line; 0 while the function is not exported. */
  line = 0;
  /** Frames as they come back from the guest. */
  readonly traffic: DpdkTraffic;
  /** Requests that the bench itself caused. */
  private readonly own = new Set<DeviceNic['requests'][number]>();
  /** The guest is promiscuous only because the bench needs it. Frames that it should filter are held until it is not. */
  seesAll = false;
  /** The guest's application makes no bursts at present, so no frame comes back. */
  paused = false;
  /** Deliveries that are held. */
  held: (() => void)[] = [];
  /** False where testpmd must not show packets, because it cannot show one without a whole header. */
  showsAll = true;
  /** Prepares the guest for the held deliveries; set by the port. */
  beforeHeld: () => Promise<void> = async () => {};
  /** Finds the guest's thread that makes the bursts, null where it is hidden; set by the port. */
  lcore: () => LcoreThread | null = () => null;
  /** Finds the guest's thread that serves interrupts, null where it is hidden; set by the port. */
  interruptThread: () => LcoreThread | null = () => null;
  /** Frames delivered to the guest. */
  given = 0;
  /** Frames that came back from the guest. */
  returned = 0;
  /** Ack of a guest that has left since the last event. */
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
    this.log?.frame(this.bdf, 'fromGuest', frame);
    this.traffic.take(frame);
  }

  /** Keeps the ack, which the device resets with its guest: a guest whose probe was refused has left too. */
  guestLeaves(): void {
    this.lastAck = super.migrationAck;
  }

  override get migrationAck(): number {
    return super.migrationAck || this.lastAck;
  }

  override raiseMigration(status: number): void {
    this.lastAck = 0;
    super.raiseMigration(status);
  }

  /** The requests without the bench's own, such as those of an early start that makes testpmd configure the port. */
  override get requests(): DeviceNic['requests'] {
    return this.device.inspect.requests.filter((request) => !this.own.has(request));
  }

  /** Runs `body`, whose link requests do not count as the clause's. */
  async withoutLinkRequests<T>(body: () => Promise<T>): Promise<T> {
    return this.withoutRequests(body, [REQ_LINK]);
  }

  /** Runs `body`, whose requests with these ids do not count as the clause's. */
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

  /** True for frames to the guest's own MAC address and to groups. */
  private isForGuest(frame: Uint8Array): boolean {
    return (frame[0]! & 1) !== 0 || this.mac.every((byte, index) => frame[index] === byte);
  }

  private deliverNow(frame: Uint8Array, changes: readonly DescChange[]): void {
    this.given++;
    this.log?.frame(this.bdf, 'toGuest', frame, changes.length === 0 ? '' : 'changed on purpose');
    if (changes.length > 0) this.awaitEmptyRx();
    super.deliver(frame, changes);
  }

  /** Delivers on a given rx FIFO a frame that the guest is to send. */
  inject(frame: Uint8Array, fifo: number): void {
    this.given++;
    this.traffic.injected++;
    this.traffic.onFifo(fifo, () => this.frames.send(this.device, frame));
  }

  /** Waits for an empty rx: a frame can be changed only while the guest takes no other frames from the ring. */
  private awaitEmptyRx(): void {
    this.device.step();
    for (const untilMs = performance.now() + GUEST_LIMIT_MS; performance.now() < untilMs; Atomics.wait(PAUSE, 0, 0, 1))
      if (this.fifo('rx', 0, 'read') === this.fifo('rx', 0, 'write')) return;
  }

  /** The host's counters without the frames that only served the bench. */
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

  /** True while the guest has not handled an interrupt that it was told of. */
  get interruptUnderWay(): boolean {
    return this.word(UIO_LINE_FIRED) !== this.word(UIO_LINE_HANDLED);
  }

  private async dispatched(raise: () => void): Promise<{ dispatched: boolean }> {
    const before = this.word(UIO_LINE_HANDLED);
    const listening = this.word(UIO_LINE_ENABLED) !== 0;
    raise();
    return this.handledSince(before, listening ? GUEST_LIMIT_MS : 50);
  }

  private async handledSince(before: number, limitMs: number): Promise<{ dispatched: boolean }> {
    const dispatched = await this.support.until(() => this.word(UIO_LINE_HANDLED) !== before, limitMs);
    // A guest that is gone counts as having handled everything. Its crash is reported when both sides are idle.
    if (dispatched && this.word(UIO_LINE_GUESTS) === 0) await this.support.sleepMs(OBITUARY_MS);
    return { dispatched };
  }

  override async raiseInterrupt(bits: number): Promise<{ dispatched: boolean }> {
    if ((this.interruptMask & bits) === 0) {
      this.device.tamper.raiseInterrupt(bits);
      return { dispatched: false };
    }
    return this.dispatched(() => this.device.tamper.raiseInterrupt(bits));
  }

  /** The interrupt is sent before `body` runs. The guest's thread that waits for it gets a CPU only afterwards. */
  override async interruptLate(status: number, body: () => Promise<void>): Promise<{ dispatched: boolean }> {
    const thread = this.interruptThread();
    if (thread === null || !thread.canBeHeld) throw new LacksCapability('held-burst');
    const [fired, handled] = [this.word(UIO_LINE_FIRED), this.word(UIO_LINE_HANDLED)];
    thread.hold();
    try {
      this.raiseMigration(status);
      if (!(await this.support.until(() => this.word(UIO_LINE_FIRED) !== fired, GUEST_LIMIT_MS)))
        throw new Error('the guest has not enabled the interrupt');
      await body();
      if (this.word(UIO_LINE_HANDLED) !== handled)
        throw new Error('the thread of the application that serves interrupts does not stand still');
    } finally {
      thread.release();
    }
    return this.handledSince(handled, LATE_MS);
  }

  override async lateInterrupt(): Promise<{ dispatched: boolean }> {
    return this.dispatched(() => this.device.tamper.overwrite('pci_function', 'interrupt_pending', 1));
  }

  /** The guest's mappings outlive the device. All that it reads there is ones, as on a bus without the device. */
  override surpriseRemove(): void {
    super.surpriseRemove();
    const { function: pci } = this.device;
    asHost(() => {
      for (const bar of BARS) if (pci.barBytes(bar) > 0) fill(pci.barAddress(bar), 0xff, pci.barBytes(bar));
    });
  }
}
