/**
 * Sends traffic both ways through one port, and predicts every step: the length of each burst, the outcome of each
 * packet, the bytes that arrive, and the counters at the end.
 */
import { expect } from 'chai';
import { nonZero } from '../../../testbench/api/result';
import type { Port } from '../../../driver';
import { loadPortScattered } from '../../../driver/loops/records';
import { ensure } from './ensure';
import { makeFrame, type FrameSpec } from './frames';
import { Guest, type GuestOptions, type Received } from './guest';
import { checkAgreement, checkAll, rxCountersOf, txCountersOf } from './invariants';
import {
  HostRoom,
  lendable,
  onWire,
  receiveOutcome,
  transmitOutcome,
  type Agreed,
  type Defect,
  type OnRing,
} from './oracle';
import type { Rig } from './rig';
import { RingWalk } from './ringWalk';

export interface OutSpec extends FrameSpec {
  readonly queue: number;
  readonly segmentBytes: number;
  readonly defect: Defect;
}

export interface Round {
  readonly toGuest: readonly FrameSpec[];
  readonly fromGuest: readonly OutSpec[];
  /** The burst lengths to use, one after another. */
  readonly bursts: readonly number[];
  /** Whether the application keeps the mbufs until the round ends. */
  readonly keep: boolean;
}

interface Sent {
  readonly bytes: Uint8Array;
  readonly tci: number | null;
  readonly outcome: string | number;
}

type Causes = Record<string, number>;

function countUp(causes: Causes, cause: string): void {
  causes[cause] = (causes[cause] ?? 0) + 1;
}

/** The FIFOs that each receive queue serves (section 9): their numbers differ by at most one, the larger first. */
function runsOf(fifos: number, queues: number): number[][] {
  let first = 0;
  return Array.from({ length: queues }, (_unused, queue) => {
    const length = Math.floor(fifos / queues) + (queue < fifos % queues ? 1 : 0);
    first += length;
    return Array.from({ length }, (_none, i) => first - length + i);
  });
}

function sameReceived(got: readonly Received[], expected: readonly Received[]): boolean {
  return (
    got.length === expected.length &&
    got.every(
      ({ bytes, vlanTci }, i) => vlanTci === expected[i]!.vlanTci && Buffer.compare(bytes, expected[i]!.bytes) === 0,
    )
  );
}

export class Traffic {
  readonly port: Port;
  readonly guest: Guest;
  private readonly agreed: Agreed;
  private readonly walk: RingWalk;
  private readonly runs: number[][];
  private readonly turns: number[];
  /** Packets on each receive FIFO, and packets to send on each transmit queue. */
  private readonly onRx: OnRing[][];
  private readonly toSend: Sent[][];
  private readonly expectedOnWire: Uint8Array[][];
  private readonly hostCauses: Causes = {};
  private readonly rxCauses: Causes[];
  private readonly txCauses: Causes[];
  private sequence = 0;

  constructor(
    readonly rig: Rig,
    options: GuestOptions,
    promiscuous: boolean,
  ) {
    const { settings } = rig.device;
    this.port = rig.probe();
    this.guest = new Guest(this.port, options).setUp().start();
    if (promiscuous) this.port.promiscuousEnable();
    const rxFifos = Math.max(settings.rxQueues.min, options.rxQueues);
    const vlan = options.vlanStrip === true || options.vlanInsert === true;
    checkAgreement(rig.device, this.port, { rxFifos, txQueues: options.txQueues, features: vlan ? 1 : 0 });
    this.agreed = {
      settings,
      vlan,
      rxFifos,
      txQueues: options.txQueues,
      scattered: this.scattered(options),
      promiscuous,
    };
    expect(loadPortScattered(this.port.address) === 1, 'scattered mode').to.equal(this.agreed.scattered);
    this.walk = new RingWalk(rig.bars);
    this.runs = runsOf(rxFifos, options.rxQueues);
    this.turns = this.runs.map(() => 0);
    this.onRx = Array.from({ length: rxFifos }, () => []);
    this.toSend = Array.from({ length: options.txQueues }, () => []);
    this.expectedOnWire = this.toSend.map(() => []);
    this.rxCauses = this.runs.map(() => ({}));
    this.txCauses = this.toSend.map(() => ({}));
    rig.settle();
  }

  private scattered(options: GuestOptions): boolean {
    const { settings } = this.rig.device;
    const longest = Math.max(this.port.infoGet().mtu + 18, settings.maxRxPacketBytes);
    const smallest = options.rxQueues === 0 ? Infinity : Math.min(...this.guest.rxPools.map((pool) => pool.mbufBytes));
    return longest > Math.min(settings.mbufSize, smallest);
  }

  run(rounds: readonly Round[]): void {
    for (const round of rounds) {
      this.deliver(round.toGuest);
      this.offer(round.fromGuest);
      this.rig.clock.step();
      for (let progress = true; progress;) progress = this.pump(round);
      this.guest.freeKept();
      this.checkRound();
    }
  }

  /** Delivers frames from the network, and predicts the outcome of each at the host. */
  private deliver(specs: readonly FrameSpec[]): void {
    const room = new HostRoom(this.agreed, this.rig.device.inspect.buffers().hostPool, this.onRx);
    for (const spec of specs) {
      const frame = makeFrame(spec, this.sequence++);
      const fifo = this.agreed.rxFifos === 0 ? 0 : this.rig.wire.fifoOf(frame, this.agreed.rxFifos);
      const accepted = this.agreed.rxFifos === 0 ? 'notConfigured' : room.accept(frame, fifo);
      if (typeof accepted === 'string') countUp(this.hostCauses, accepted);
      else this.onRx[fifo]!.push(accepted);
      this.rig.wire.send(frame);
    }
  }

  private offer(specs: readonly OutSpec[]): void {
    for (const spec of specs) {
      if (this.toSend.length === 0) return;
      const queue = spec.queue % this.toSend.length;
      const tagged = spec.tci !== null;
      const bytes = makeFrame({ ...spec, flow: queue, tci: null }, this.sequence++);
      const outcome = transmitOutcome(this.agreed, bytes.length, tagged, spec.defect);
      const made = this.guest.offer(
        queue,
        bytes,
        {
          segmentBytes: Math.max(spec.segmentBytes, Math.ceil(bytes.length / 20)),
          ...(spec.tci === null ? {} : { vlanTci: spec.tci }),
        },
        (head) => {
          if (spec.defect === 'pkt_len') head.pktLen++;
          if (spec.defect === 'nb_segs') head.nbSegs++;
        },
      );
      if (made) this.toSend[queue]!.push({ bytes, tci: spec.tci, outcome });
    }
  }

  /** Runs a burst of each length on each queue, each followed by the host. Returns false once nothing moves. */
  private pump({ bursts, keep }: Round): boolean {
    const before = JSON.stringify([
      this.rig.device.inspect.buffers(),
      this.onRx.length,
      this.guest.attempts,
      this.pending(),
    ]);
    for (const burst of bursts) {
      for (let queue = 0; queue < this.runs.length; queue++) this.receive(queue, burst, keep);
      for (let queue = 0; queue < this.toSend.length; queue++) this.send(queue, burst);
      this.rig.settle();
    }
    return (
      before !==
      JSON.stringify([this.rig.device.inspect.buffers(), this.onRx.length, this.guest.attempts, this.pending()])
    );
  }

  private pending(): number {
    return this.onRx.reduce((sum, packets) => sum + packets.length, 0);
  }

  /** The index in its run of the next FIFO to serve, or -1 if none has packets. */
  private nextTurn(queue: number): number {
    const run = this.runs[queue]!;
    for (let tried = 0; tried < run.length; tried++) {
      const turn = (this.turns[queue]! + tried) % run.length;
      const fifo = run[turn]!;
      if (this.walk.filled('rx', fifo) > 0 && this.walk.room('free', fifo) > 0) return turn;
    }
    return -1;
  }

  private receive(queue: number, burst: number, keep: boolean): void {
    const turn = burst === 0 ? -1 : this.nextTurn(queue);
    const expected = turn < 0 ? [] : this.predictReceive(queue, turn, burst);
    const received = this.guest.receive(queue, burst, keep);
    ensure(sameReceived(received, expected), () => {
      const lengths = (packets: readonly Received[]): string =>
        packets.map(({ bytes, vlanTci }) => `${bytes.length}/${vlanTci}`).join(' ');
      return `burst of ${burst} on rx queue ${queue}: got ${lengths(received)}, expected ${lengths(expected)}, or other bytes`;
    });
  }

  private predictReceive(queue: number, turn: number, burst: number): Received[] {
    const run = this.runs[queue]!;
    const fifo = run[turn]!;
    this.turns[queue] = (turn + 1) % run.length;
    const taken = this.onRx[fifo]!.splice(
      0,
      Math.min(burst, 64, this.walk.filled('rx', fifo), this.walk.room('free', fifo)),
    );
    const pool = this.guest.rxPools[queue]!;
    let available = pool.available;
    const delivered: Received[] = [];
    for (const packet of taken) {
      const outcome = receiveOutcome(this.agreed, packet, pool.mbufBytes, available);
      countUp(this.rxCauses[queue]!, typeof outcome === 'string' ? outcome : 'good_packets');
      if (typeof outcome === 'string') continue;
      available -= outcome;
      delivered.push({ bytes: packet.bytes, vlanTci: packet.tci });
    }
    return delivered;
  }

  private send(queue: number, burst: number): void {
    const expected = this.predictSend(queue, burst);
    const taken = this.guest.send(queue, burst);
    ensure(taken === expected, () => `burst of ${burst} on tx queue ${queue}: ${taken} taken, expected ${expected}`);
  }

  private predictSend(queue: number, burst: number): number {
    const waiting = this.toSend[queue]!;
    let buffers = this.walk.filled('alloc', queue);
    let room = this.walk.room('tx', queue);
    let taken = 0;
    for (const { bytes, tci, outcome } of waiting.slice(0, Math.min(burst, 64))) {
      if (room === 0 || (typeof outcome === 'number' && outcome > buffers)) break;
      taken++;
      countUp(this.txCauses[queue]!, typeof outcome === 'string' ? outcome : 'good_packets');
      if (typeof outcome === 'string') continue;
      this.expectedOnWire[queue]!.push(onWire(bytes, tci));
      buffers -= outcome;
      room--;
    }
    waiting.splice(0, taken);
    return taken;
  }

  private checkRound(): void {
    if (this.runs.length > 0) expect(this.pending(), 'packets left on rx').to.equal(0);
    this.checkWire();
    for (const [queue, waiting] of this.toSend.entries()) {
      const stuck =
        waiting.length === 0 ||
        (typeof waiting[0]!.outcome === 'number' && waiting[0]!.outcome > lendable(this.agreed));
      expect(stuck, `tx queue ${queue} has stalled without a reason`).to.equal(true);
    }
    expect(nonZero(this.rig.device.inspect.stats().toGuest.dropped), 'drops at the host').to.deep.equal(
      this.hostCauses,
    );
    expect(nonZero(this.rig.device.inspect.stats().fromGuest.dropped), 'drops of what the guest sent').to.deep.equal(
      {},
    );
    this.rxCauses.forEach((causes, queue) => {
      const { good_bytes: _bytes, ...counters } = rxCountersOf(this.port, queue);
      expect(nonZero(counters), `counters of rx queue ${queue}`).to.deep.equal(causes);
    });
    this.txCauses.forEach((causes, queue) => {
      const { good_bytes: _bytes, ...counters } = txCountersOf(this.port, queue);
      expect(nonZero(counters), `counters of tx queue ${queue}`).to.deep.equal(causes);
    });
    checkAll(this.rig.device, this.guest);
  }

  /** Expects the sent frames on the wire, in order per queue. The host may interleave queues. */
  private checkWire(): void {
    const queues = this.expectedOnWire;
    for (const frame of this.rig.wire.take()) {
      const queue = queues.findIndex((frames) => frames.length > 0 && Buffer.compare(frames[0]!, frame) === 0);
      expect(queue, `a frame of ${frame.length} bytes is the next of some queue`).to.be.least(0);
      queues[queue]!.shift();
    }
    expect(
      queues.map((frames) => frames.length),
      'frames that never came',
    ).to.deep.equal(queues.map(() => 0));
  }

  /** Stops and closes the port, and expects all buffers and mbufs back. */
  close(): void {
    this.port.stop();
    this.port.close();
    this.rig.settle();
    this.guest.dropBacklog();
    const { total, hostPool } = this.rig.device.inspect.buffers();
    expect(hostPool, "buffers in the host's pool after close").to.equal(total);
    this.guest.release();
  }
}
