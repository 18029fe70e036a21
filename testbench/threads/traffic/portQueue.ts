import { mbufFree, Mempool, Port } from '../../../driver';
import { mbufData, mbufReset } from '../../../driver/loops/mbuf';
import { mempoolTakeOne } from '../../../driver/loops/mempool';
import type { Clock } from '../../../shared/clock';
import { probeBytes } from '../../traffic/probeFrame';
import { capturedBytes, stampCaptured } from './capturedFrames';
import { publishSent } from './flowBlock';
import { Outbox } from './outbox';
import type { ExpectOrder, FlowCounts, FlowOrder, PortCounts, PortOrder, SendOrder } from './messages';
import { beat } from './silence';
import { stampProbe } from './probeFrames';
import { Receiver } from './receiver';
import { Sender } from './sender';

const BURST = 32;

/** The application on one queue pair of one port: it receives, checks, answers, sends. */
export class PortQueue {
  private readonly port: Port;
  private readonly pool: Mempool;
  private readonly receiver: Receiver;
  private readonly outbox: Outbox;
  private readonly burst = new Uint32Array(BURST);
  private senders: Sender[] = [];
  /** How many replies have been sent, by flow. */
  private readonly replied = new Map<number, number>();
  private received = 0;
  private offered = 0;
  private noMbuf = 0;
  private unsent = 0;

  constructor(
    private readonly order: PortOrder,
    private readonly queue: number,
    clock: Clock,
    scratch: number,
  ) {
    this.port = Port.at(order.port, { clock });
    this.pool = Mempool.at(order.pool);
    this.receiver = new Receiver(scratch);
    this.outbox = new Outbox(this.port, queue, this.pool.size);
  }

  expect(orders: readonly ExpectOrder[]): void {
    this.receiver.expect(orders);
  }

  send(order: SendOrder, nowMs: number): void {
    this.senders.push(new Sender(order, nowMs));
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
    return { rounds, received, offered, noMbuf, unsent, pending: this.outbox.length, foreign: this.receiver.foreign };
  }

  /** One turn. Gives how many packets have moved. */
  poll(nowMs: number): number {
    const moved = (this.order.receives ? this.receive() : 0) + (this.order.sends ? this.transmit(nowMs) : 0);
    if (moved > 0) beat(this.order.pulse, nowMs);
    return moved;
  }

  /** Gives up what waits; the port is not touched any more. */
  leave(): void {
    for (const sender of this.senders) sender.stop();
    this.unsent += this.outbox.discard();
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

  /** Answers on the queue of the same number, so that a flow of replies has one sender. */
  private reply(flow: FlowOrder): void {
    const sequence = this.replied.get(flow.id) ?? 0;
    this.replied.set(flow.id, sequence + 1);
    this.make(flow, sequence);
  }

  private transmit(nowMs: number): number {
    // Nothing new before the driver has taken what there is.
    if (this.outbox.length < BURST && this.senders.length > 0) this.produce(nowMs);
    return this.outbox.flush();
  }

  private produce(nowMs: number): void {
    for (const sender of this.senders) sender.run(nowMs, BURST, this.makeOne);
    if (this.senders.some(({ done }) => done)) this.senders = this.senders.filter(({ done }) => !done);
  }

  private readonly makeOne = (flow: FlowOrder, sequence: number): void => this.make(flow, sequence);

  private make({ id, block, probe }: FlowOrder, sequence: number): void {
    this.offered++;
    publishSent(block, sequence + 1);
    const mbuf = mempoolTakeOne(this.pool.address);
    if (mbuf === 0) {
      this.noMbuf++;
      return;
    }
    const bytes = probe === null ? capturedBytes(block, sequence) : probeBytes(probe, sequence);
    mbufReset(mbuf, 0, bytes);
    if (probe === null) stampCaptured(block, mbufData(mbuf), id, sequence);
    else stampProbe(block, mbufData(mbuf), bytes, sequence);
    this.outbox.put(mbuf);
  }
}
