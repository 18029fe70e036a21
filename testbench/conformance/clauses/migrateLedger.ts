import { withVlanTag } from '../../../shared/ethernet';
import type { HostCounts } from '../../targets/host';
import type { OutFrame, GuestPortStats, ReceivedPacket } from '../../targets/target';
import type { ClauseContext, Running } from '../context';
import { expectNoBufferKept, leaveOnRx } from './steps';

const BURST = 32;

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

function keyOf(frame: Uint8Array): string {
  return Buffer.from(frame).toString('latin1');
}

interface Counts {
  readonly toGuest: HostCounts;
  readonly fromGuest: HostCounts;
  readonly driver: GuestPortStats;
}

/**
 * Records every frame to and from a port across migrations. At the end, each frame that arrived must have been
 * sent, and must arrive once, intact and in order. Each frame that did not arrive must have been counted as
 * dropped.
 */
export class Ledger {
  private readonly delivered: Uint8Array[] = [];
  private readonly received: Uint8Array[] = [];
  private readonly sent: Uint8Array[] = [];
  private readonly taken: Uint8Array[] = [];
  private before: Counts | null = null;

  /** @param tci VLAN tag of all frames. Null for untagged frames. */
  constructor(
    private readonly t: ClauseContext,
    private readonly running: Running,
    private readonly rxQueues = 1,
    private readonly tci: number | null = null,
  ) {}

  /** Delivers frames from the network to the guest. Uses several flows if the port has several receive queues. */
  async deliver(count: number, bytes: readonly number[]): Promise<void> {
    await this.startCounting();
    const { nic } = this.running;
    for (let i = 0; i < count; i++) {
      const size = bytes[i % bytes.length]!;
      const frame = this.rxQueues > 1 ? this.t.flowFrameTo(nic, size, i) : this.t.frameTo(nic, size);
      const tagged = this.tci === null ? frame : withVlanTag(frame, this.tci);
      this.delivered.push(tagged);
      nic.deliver(tagged);
    }
  }

  /** Delivers frames from the network and leaves them on rx, until `goOn`. */
  async leaveOnRx(count: number, bytes: readonly number[]): Promise<void> {
    await this.startCounting();
    await leaveOnRx(this.t, this.running, []);
    await this.deliver(count, bytes);
    await this.t.settle();
  }

  /**
   * Sends one burst from the guest.
   * @returns how many frames the driver took.
   */
  async send(count: number, bytes: readonly number[]): Promise<number> {
    await this.startCounting();
    const { nic, port } = this.running;
    const frames = Array.from({ length: count }, (_unused, i): OutFrame => {
      const frame = this.t.frameFrom(nic, bytes[i % bytes.length]!);
      return this.tci === null ? { bytes: frame } : { bytes: frame, vlanTci: this.tci };
    });
    const taken = await port.send(0, frames);
    for (const frame of frames.slice(0, taken))
      this.sent.push(this.tci === null ? frame.bytes : withVlanTag(frame.bytes, this.tci));
    return taken;
  }

  /** Receives until two polls in a row return nothing, and collects the frames that reached the network. */
  async collect(): Promise<void> {
    await this.startCounting();
    const { nic, port } = this.running;
    for (let idle = 0; idle < 2;) {
      await this.t.settle();
      let count = 0;
      for (let queue = 0; queue < this.rxQueues; queue++) {
        const packets = await port.receive(queue, BURST);
        this.received.push(...packets.map((packet) => this.wholeFrame(packet)));
        count += packets.length;
      }
      idle = count === 0 ? idle + 1 : 0;
    }
    this.taken.push(...nic.taken());
  }

  private wholeFrame({ bytes, vlanTci }: ReceivedPacket): Uint8Array {
    return vlanTci === null ? bytes : withVlanTag(bytes, vlanTci);
  }

  private async startCounting(): Promise<void> {
    if (this.before === null) this.running.nic.taken();
    this.before ??= await this.counts();
  }

  private async counts(): Promise<Counts> {
    const { nic, port } = this.running;
    return { ...nic.stats(), driver: await port.stats() };
  }

  /** Number of frames that arrived so far, in each direction. */
  get arrived(): { readonly toGuest: number; readonly fromGuest: number } {
    return { toGuest: this.received.length, fromGuest: this.taken.length };
  }

  /** Number of frames that have not arrived so far, in each direction. */
  get lost(): { readonly toGuest: number; readonly fromGuest: number } {
    return { toGuest: this.delivered.length - this.received.length, fromGuest: this.sent.length - this.taken.length };
  }

  /**
   * Checks the frames of both directions, the drop counters, and the place of every buffer.
   * @param label prefix for failures, for a clause with several cases.
   */
  async expectBalanced(label: string): Promise<void> {
    const { t } = this;
    const { nic, port } = this.running;
    this.expectDirection(`${label}: to the guest`, this.received, this.delivered);
    this.expectDirection(`${label}: from the guest`, this.taken, this.sent);
    const [before, now] = [this.before!, await this.counts()];
    const inHost = sum(now.toGuest.dropped) - sum(before.toGuest.dropped);
    const inGuest = this.guestDrops(now.driver) - this.guestDrops(before.driver);
    t.expect.equal(`${label}: frames lost on the way to the guest, as counted`, inHost + inGuest, this.lost.toGuest);
    const outHost = sum(now.fromGuest.dropped) - sum(before.fromGuest.dropped);
    const outGuest = now.driver.tx.errors - before.driver.tx.errors;
    t.expect.equal(
      `${label}: frames lost on the way from the guest, as counted`,
      outHost + outGuest,
      this.lost.fromGuest,
    );
    expectNoBufferKept(t, nic, `${label}: `);
    t.expect.equal(`${label}: bytes written outside of a buffer`, nic.brokenCanaries(), 0);
    if (t.can('mbuf-balance')) t.expect.equal(`${label}: mbufs in use`, await port.mbufsInUse(), 0);
  }

  private guestDrops({ rx, rxNombuf, rxFiltered }: GuestPortStats): number {
    return rx.errors + rxNombuf + (rxFiltered ?? 0);
  }

  /**
   * Checks one direction: every received frame was sent and came only once. With one receive queue, the order
   * must be that of sending.
   */
  private expectDirection(what: string, got: readonly Uint8Array[], sent: readonly Uint8Array[]): void {
    const places = new Map(sent.map((frame, index) => [keyOf(frame), index]));
    const indices = got.map((frame) => places.get(keyOf(frame)) ?? -1);
    this.t.expect.equal(`${what}: corrupted or foreign frames`, indices.filter((index) => index < 0).length, 0);
    this.t.expect.equal(`${what}: frames that came twice`, indices.length - new Set(indices).size, 0);
    const late = indices.filter((index, i) => i > 0 && index < indices[i - 1]!).length;
    if (this.rxQueues === 1) this.t.expect.equal(`${what}: frames out of order`, late, 0);
  }
}
