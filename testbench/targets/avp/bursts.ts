import { mbufFree, mbufFromBytes, mbufReference, MbufView, Mempool, type Port } from '../../../driver';
import { takePacket } from './mbufs';
import { SharedPackets } from './sharedPackets';
import { call } from '../guestCall';
import type { HeldPacket, OutFrame, PoolSettings, PortBursts, ReceivedPacket } from '../target';

const TX_POOL: PoolSettings = { mbufs: 512, dataRoomBytes: 9_408 };
const MAX_FRAMES = 256;

/** The bursts of one thread of the application: a view of the port, and the thread's own mbufs for sending. */
export class AvpBursts implements PortBursts {
  private readonly out = new Uint32Array(MAX_FRAMES);
  private readonly view = new MbufView();
  private readonly shared = new SharedPackets(() => this.txPool());
  private pool: Mempool | null = null;

  /** @param label names the mbufs. */
  constructor(
    readonly port: Port,
    private readonly label: string,
  ) {}

  /** The pools that these bursts have taken mbufs from. */
  get pools(): readonly Mempool[] {
    return this.pool === null ? [] : [this.pool];
  }

  async send(queue: number, frames: readonly OutFrame[]): Promise<number> {
    return call(() => this.sendNow(queue, frames));
  }

  private sendNow(queue: number, frames: readonly OutFrame[]): number {
    const made = frames.slice(0, MAX_FRAMES).map((frame) => this.mbufOf(frame));
    const count = made.includes(0) ? made.indexOf(0) : made.length;
    this.out.set(made.slice(0, count));
    const taken = this.port.txBurst(queue, this.out, count);
    // The application still owns what the driver did not take, and frees it.
    for (const mbuf of made.slice(taken)) {
      mbufFree(mbuf);
      this.shared.forget(mbuf);
    }
    return taken;
  }

  async sendRepeated(queue: number, frame: OutFrame, times: number): Promise<number> {
    return call(() => {
      const packet = this.mbufOf(frame);
      for (let i = 1; i < times; i++) mbufReference(packet);
      const taken = this.port.txBurst(queue, this.out.fill(packet, 0, times), times);
      for (let i = taken; i < times; i++) mbufFree(packet);
      return taken;
    });
  }

  async heldPackets(): Promise<readonly HeldPacket[]> {
    return call(() => this.shared.takeHeld());
  }

  private txPool(): Mempool {
    return (this.pool ??= Mempool.create({ ...TX_POOL, label: this.label }));
  }

  private mbufOf(frame: OutFrame): number {
    const { bytes, vlanTci, segmentBytes, claimedBytes, sharing } = frame;
    if (sharing !== undefined) return this.shared.make(frame, sharing);
    const options = {
      ...(vlanTci === undefined ? {} : { vlanTci }),
      ...(segmentBytes === undefined ? {} : { segmentBytes }),
    };
    const mbuf = mbufFromBytes(this.txPool(), bytes, options);
    if (mbuf !== 0 && claimedBytes !== undefined) this.view.at(mbuf).pktLen = claimedBytes;
    return mbuf;
  }

  async receive(queue: number, max: number): Promise<ReceivedPacket[]> {
    return call(() => {
      const count = this.port.rxBurst(queue, this.out, max);
      return Array.from(this.out.subarray(0, count), (mbuf) => takePacket(this.view, mbuf, this.port.address));
    });
  }

  async leave(): Promise<void> {
    call(() => {
      this.port.leave();
      this.pool?.release();
    });
  }
}
