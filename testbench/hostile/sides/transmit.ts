import {
  mbufAttach,
  mbufFree,
  mbufFromBytes,
  mbufReference,
  MBUF_TX_VLAN,
  MbufView,
  type Mempool,
} from '../../../driver';
import { txCounters } from '../../../driver/abi/records';
import { PORT_TX_QUEUE, TX_QUEUE_ALLOC, TX_QUEUE_COUNTERS, TX_QUEUE_TX } from '../../../driver/loops/records';
import { DESC_DATA, FIFO_READ, FIFO_WRITE } from '../../../shared/loops/layout';
import { FIFO_END_INDEX } from '../../../shared/loops/records';
import { ACTOR_DRIVER } from '../../../shared/loops/rights';
import { words32 } from '../../../shared/mem/memory';
import type { HostileCase, Step } from '../cases/hostileCase';
import { ensure } from '../finding';
import { Counters } from '../judge/counters';
import { PoolJudge } from '../judge/mbufs';
import { SentPackets } from '../judge/sent';
import { Attack } from '../memory/attack';
import { Fetches } from '../memory/fetches';
import { type SharedFifo, writeOf } from '../memory/sharedMemory';
import { DriverWorld, type DriverWorldSettings } from './driverWorld';
import { descWords, everything, headersOf, indicesOf, ofKind, slotsOf } from './places';

const SHARED_FIXED = 16;
/** Accesses to shared memory for each entry of alloc that is examined, and for each packet that is sent. */
const SHARED_PER_ENTRY = 8;
const SHARED_PER_PACKET = 80;
const MOST_ACCESSES = 60_000;
const PACKETS = 24;
const DROPPED = /^dropped_/;

const LENGTHS = [60, 14, 200, 64, 300, 600, 128, 60, 900, 100, 256, 80, 1_300] as const;
/** Packets with something special, by their number modulo that of the lengths. */
const TAGGED = 3;
const SHARED = 6;
const SHORT = 7;
const CONTRADICTORY = 9;
const INDIRECT = 11;

/** Transmit bursts of the driver, in one world, against a host that writes anything anywhere in BAR 2. */
export class TransmitWorld {
  readonly counters: Counters;
  private readonly world: DriverWorld;
  private readonly attack: Attack;
  private readonly sent: SentPackets;
  private readonly judge: PoolJudge;
  private readonly tx: SharedFifo;
  private readonly alloc: SharedFifo;
  /** The driver's private indices of tx and alloc. */
  private readonly txAt: number;
  private readonly allocAt: number;
  private readonly dropped: () => number;
  private readonly packets: readonly number[];
  /** References that the application keeps until the end. */
  private readonly extra: number[] = [];
  private backlog: number[] = [];
  private put = 0;
  private nextBuffer = 0;

  constructor(settings: DriverWorldSettings) {
    this.world = new DriverWorld(settings);
    const { memory, port, txPool } = this.world;
    this.tx = memory.fifo('tx', 0);
    this.alloc = memory.fifo('alloc', 0);
    this.txAt = port.address + PORT_TX_QUEUE + TX_QUEUE_TX + FIFO_END_INDEX;
    this.allocAt = port.address + PORT_TX_QUEUE + TX_QUEUE_ALLOC + FIFO_END_INDEX;
    this.judge = new PoolJudge(txPool);
    this.counters = new Counters(txCounters, port.address + PORT_TX_QUEUE + TX_QUEUE_COUNTERS);
    this.dropped = this.counters.sum(DROPPED);
    const isTagging = settings.port?.vlanInsert === true;
    const fetches = new Fetches(memory, { takes: ['alloc'], puts: ['tx'] });
    this.sent = new SentPackets(fetches, memory, isTagging, [this.alloc], [this.tx]);
    this.attack = new Attack(memory, ACTOR_DRIVER, this.places());
    this.packets = Array.from({ length: PACKETS }, (_unused, i) => this.makePacket(txPool, i));
    this.world.keep();
  }

  private makePacket(pool: Mempool, number: number): number {
    const kind = number % LENGTHS.length;
    const mbuf = mbufFromBytes(pool, new Uint8Array(LENGTHS[kind]!).fill(number + 1));
    const view = new MbufView().at(mbuf);
    if (kind === TAGGED) view.olFlags = MBUF_TX_VLAN;
    if (kind === SHORT) view.pktLen = view.dataLen = 10;
    if (kind === CONTRADICTORY) view.nbSegs = 3;
    if (kind === INDIRECT) mbufAttach(mbuf, this.extra[0]!, 128, 60);
    if (kind !== SHARED) return mbuf;
    mbufReference(mbuf);
    this.extra.push(mbuf);
    return mbuf;
  }

  private places(): Uint32Array[] {
    const { memory } = this.world;
    const onAlloc = memory.buffers.map(({ desc }) => desc);
    const pointers = descWords(onAlloc, DESC_DATA, 8);
    const indices = [indicesOf([this.tx], FIFO_READ), indicesOf([this.alloc], FIFO_WRITE)];
    const slots = slotsOf(ofKind(memory, 'alloc'));
    const headers = headersOf([this.tx, this.alloc]);
    return [pointers, pointers, slots, slots, slots, ...indices, headers, descWords(onAlloc), everything(memory)];
  }

  run(one: HostileCase): void {
    this.world.restore();
    this.attack.begin(one);
    this.backlog = [...this.packets];
    this.put = writeOf(this.alloc);
    this.nextBuffer = 0;
    for (const step of one.steps) this.step(step);
    this.burst(PACKETS);
    for (const mbuf of [...this.backlog, ...this.extra]) mbufFree(mbuf);
    this.judge.expectAllFree();
    if (one.recovers) this.world.expectRecovery();
  }

  private step([operation, a, b]: Step): void {
    if (operation % 16 < 8) this.burst(1 + (a % 12));
    else if (operation % 16 < 12) this.recycle(a, b);
    // The application sends its packets in another order.
    else this.backlog.push(...this.backlog.splice(0, a % PACKETS));
  }

  /** Takes all packets on tx, and puts sound buffers on alloc, as a host does. */
  private recycle(a: number, b: number): void {
    const { memory } = this.world;
    words32[(this.tx.base + FIFO_READ) >>> 2] = words32[this.txAt >>> 2]!;
    const { slots, base } = this.alloc;
    const room = slots - 1 - ((this.put - words32[this.allocAt >>> 2]! + slots) % slots);
    for (let i = 0; i < Math.min(room, 1 + (a % slots)); i++) {
      const { lo, hi, desc, dataLo, dataHi } = memory.buffers[(b + this.nextBuffer++) % memory.buffers.length]!;
      words32[(desc + DESC_DATA) >>> 2] = dataLo;
      words32[(desc + DESC_DATA + 4) >>> 2] = dataHi;
      const slot = memory.slot(this.alloc, this.put) >>> 2;
      words32[slot] = lo;
      words32[slot + 1] = hi;
      this.put = (this.put + 1) & (slots - 1);
    }
    words32[(base + FIFO_WRITE) >>> 2] = this.put;
  }

  private burst(most: number): void {
    const { port, table } = this.world;
    const offered = this.backlog.slice(0, most);
    table.handles.set(offered);
    this.counters.read();
    const [good, dropped] = [this.counters.values[0]!, this.dropped()];
    const [txAt, allocAt] = [words32[this.txAt >>> 2]!, words32[this.allocAt >>> 2]!];
    this.sent.begin();
    this.attack.beforeStep();
    const mostShared = SHARED_FIXED + SHARED_PER_ENTRY * this.alloc.slots + SHARED_PER_PACKET * offered.length;
    const taken = this.attack.during(mostShared, MOST_ACCESSES, this.sent, () =>
      port.txBurst(0, table, offered.length),
    );
    this.counters.read();
    const sent = this.counters.values[0]! - good;
    const refused = this.dropped() - dropped;
    const moved = (words32[this.txAt >>> 2]! - txAt + this.tx.slots) % this.tx.slots;
    const used = (words32[this.allocAt >>> 2]! - allocAt + this.alloc.slots) % this.alloc.slots;
    ensure(taken <= offered.length && taken === sent + refused, 'account', () => {
      return `takes ${taken} of ${offered.length} packets, and counts ${sent} sent and ${refused} dropped`;
    });
    ensure(moved === sent && this.sent.filled === sent, 'account', () => {
      return `counts ${sent} packets sent, fills ${this.sent.filled} slots of tx, and publishes ${moved}`;
    });
    ensure(used >= this.sent.buffers, 'account', () => {
      return `sends ${this.sent.buffers} buffers, and takes ${used} entries off alloc`;
    });
    this.backlog.splice(0, taken);
  }
}
