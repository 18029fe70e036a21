import { mbufFree, Mempool, Port } from '../../../driver';
import { guestLoops } from '../../../driver/guestLoops';
import { mbufData } from '../../../driver/loops/mbuf';
import type { Clock } from '../../../shared/clock';
import { SendQueue } from '../../common/sendQueue';
import { probeBytes } from '../../traffic/probeFrame';
import { capturedBytes, writeCaptured } from './capturedFrames';
import { publishSent } from './flowBlock';
import type { ExpectedFlow, FlowCounts, FlowDescriptor, PortCounts, PortDescriptor, SendRequest } from './messages';
import { writeProbe } from './probeFrames';
import { Receiver } from './receiver';
import { Sender } from './sender';
import { notePacket } from './silence';

const BURST = 32;

/** The application on one queue pair of one port: it receives, checks, answers and sends. */
export class PortQueue {
  private readonly port: Port;
  private readonly pool: Mempool;
  private readonly receiver: Receiver;
  private readonly sendQueue: SendQueue;
  private readonly burst = new Uint32Array(BURST);
  private senders: Sender[] = [];
  /** Number of replies that were made, by flow. */
  private readonly replied = new Map<number, number>();
  private received = 0;
  private offered = 0;
  private noMbuf = 0;
  private unsent = 0;

  /** @param scratch arena address of `SCRATCH_BYTES` that belong to the calling thread. */
  constructor(
    private readonly descriptor: PortDescriptor,
    private readonly queue: number,
    clock: Clock,
    scratch: number,
  ) {
    this.port = Port.at(descriptor.address, { clock });
    this.pool = Mempool.at(descriptor.pool);
    this.receiver = new Receiver(scratch);
    this.sendQueue = new SendQueue(this.port, queue);
  }

  expect(flows: readonly ExpectedFlow[]): void {
    this.receiver.expect(flows);
  }

  send(request: SendRequest, nowMs: number): void {
    this.senders.push(new Sender(request, nowMs));
  }

  stop(load: number): void {
    for (const sender of this.senders) if (sender.load === load) sender.stop();
  }

  /** True once every frame of a load has been made. */
  done(load: number): boolean {
    return this.senders.every((sender) => sender.load !== load || sender.done);
  }

  flowCounts(): FlowCounts[] {
    return this.receiver.counts();
  }

  counts(rounds: number): PortCounts {
    const { received, offered, noMbuf, unsent } = this;
    return {
      rounds,
      received,
      offered,
      noMbuf,
      unsent,
      pending: this.sendQueue.length,
      foreign: this.receiver.foreign,
    };
  }

  /** Runs the application once. Returns how many packets have moved. */
  poll(nowMs: number): number {
    const { receives, sends, silence } = this.descriptor;
    const moved = (receives ? this.receive() : 0) + (sends ? this.transmit(nowMs) : 0);
    if (moved > 0) notePacket(silence, nowMs);
    return moved;
  }

  /** Discards the waiting frames, counts them as unsent, and leaves the port. */
  leave(): void {
    for (const sender of this.senders) sender.stop();
    this.unsent += this.sendQueue.discard();
    this.port.leave();
  }

  private receive(): number {
    const count = this.port.rxBurst(this.queue, this.burst, BURST);
    for (let i = 0; i < count; i++) {
      const mbuf = this.burst[i]!;
      const reply = this.receiver.judge(mbuf);
      mbufFree(mbuf);
      if (reply !== null) this.reply(reply);
    }
    this.received += count;
    return count;
  }

  /** Answers on the transmit queue of the same number, so that each flow of replies has one sender. */
  private reply(flow: FlowDescriptor): void {
    const sequence = this.replied.get(flow.id) ?? 0;
    this.replied.set(flow.id, sequence + 1);
    this.make(flow, sequence);
  }

  private transmit(nowMs: number): number {
    // New frames are made only once the driver has taken most of the former ones.
    if (this.sendQueue.length < BURST && this.senders.length > 0) this.produce(nowMs);
    return this.sendQueue.flush();
  }

  private produce(nowMs: number): void {
    for (const sender of this.senders) sender.run(nowMs, BURST, this.makeOne);
    if (this.senders.some(({ done }) => done)) this.senders = this.senders.filter(({ done }) => !done);
  }

  private readonly makeOne = (flow: FlowDescriptor, sequence: number): void => this.make(flow, sequence);

  private make({ id, block, probe }: FlowDescriptor, sequence: number): void {
    this.offered++;
    publishSent(block, sequence + 1);
    const { mbufReset, mempoolTakeOne } = guestLoops();
    const mbuf = mempoolTakeOne(this.pool.address);
    if (mbuf === 0) {
      this.noMbuf++;
      return;
    }
    const bytes = probe === null ? capturedBytes(block, sequence) : probeBytes(probe, sequence);
    mbufReset(mbuf, 0, bytes);
    if (probe === null) writeCaptured(block, mbufData(mbuf), id, sequence);
    else writeProbe(block, mbufData(mbuf), bytes, sequence);
    this.sendQueue.put(mbuf);
  }
}
