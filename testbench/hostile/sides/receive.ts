import { rxCounters } from '../../../driver/abi/records';
import { mbufFree } from '../../../driver';
import {
  PORT_RX_PAIR,
  PORT_RX_QUEUE,
  RX_PAIR_BYTES,
  RX_PAIR_FREE,
  RX_PAIR_RX,
  RX_QUEUE_COUNTERS,
} from '../../../driver/loops/records';
import {
  DESC_DATA_LEN,
  DESC_NEXT,
  DESC_OL_FLAGS,
  FIFO_READ,
  FIFO_WRITE,
  MAX_SEGMENTS,
} from '../../../shared/loops/layout';
import { FIFO_END_INDEX } from '../../../shared/loops/records';
import { ACTOR_DRIVER } from '../../../shared/loops/rights';
import { bytes8, words16, words32 } from '../../../shared/mem/memory';
import type { HostileCase, Step } from '../cases/hostileCase';
import { ensure } from '../finding';
import { Counters } from '../judge/counters';
import { PoolJudge } from '../judge/mbufs';
import { Attack, type Follower } from '../memory/attack';
import { Fetches } from '../memory/fetches';
import { type SharedBuffer, type SharedFifo, writeOf } from '../memory/sharedMemory';
import { DriverWorld, type DriverWorldSettings } from './driverWorld';
import { descWords, everything, headersOf, indicesOf, ofKind, slotsOf } from './places';

/** Accesses to shared memory that a burst needs at most: its indices, and all that belongs to an entry. */
const SHARED_FIXED = 16;
const SHARED_PER_ENTRY = 64;
/** Accesses to any memory: far more than the burst of these worlds needs, few enough to end a loop soon. */
const MOST_ACCESSES = 60_000;
const LIMITS = [1, 2, 5, 16, 64, 64] as const;
const RECEIVED = /^(good_packets|no_mbuf|filtered_mac|dropped_)/;
/** Packet buffers whose frames begin with the address of the port, of everybody, or of somebody else. */
const FRAMES = ['own', 'own', 'all', 'own', 'other'] as const;

/** Entries that the driver moves from rx to free. */
class MovedEntries implements Follower {
  private readonly slots = new Map<number, boolean>();
  private readonly taken: number[] = [];
  private readonly given: number[] = [];

  constructor(
    private readonly fetches: Fetches,
    rx: readonly SharedFifo[],
    free: readonly SharedFifo[],
  ) {
    for (const word of slotsOf(rx)) this.slots.set(word, true);
    for (const word of slotsOf(free)) this.slots.set(word, false);
  }

  begin(): void {
    this.fetches.begin();
    this.taken.length = 0;
    this.given.length = 0;
  }

  load(address: number, bytes: number): void {
    this.fetches.load(address, bytes);
    if (this.slots.get(address) === true) this.taken.push(words32[address >>> 2]!);
  }

  copy(source: number, bytes: number): void {
    this.fetches.copy(source, bytes);
  }

  stored(address: number): void {
    if (this.slots.get(address) === false) this.given.push(words32[address >>> 2]!);
  }

  /** Expects each entry on free as it was on rx when the driver took it. */
  expectReturned(entries: number): void {
    const { taken, given } = this;
    const same = taken.length === 2 * entries && taken.every((word, i) => given[i] === word);
    ensure(same && given.length === taken.length, 'account', () => {
      return `takes ${entries} entries off rx, and puts others on free: [${taken.join()}] and [${given.join()}]`;
    });
  }
}

/** A private end of a ring in the driver, which the host cannot change. */
interface End {
  readonly at: number;
  readonly slots: number;
  before: number;
}

function movedOf(ends: readonly End[]): number {
  return ends.reduce((sum, { at, slots, before }) => sum + ((words32[at >>> 2]! - before + slots) % slots), 0);
}

/** Receive bursts of the driver, in one world, against a host that writes anything anywhere in BAR 2. */
export class ReceiveWorld {
  readonly counters: Counters;
  private readonly world: DriverWorld;
  private readonly attack: Attack;
  private readonly entries: MovedEntries;
  private readonly judge: PoolJudge;
  private readonly rx: readonly SharedFifo[];
  private readonly free: readonly SharedFifo[];
  private readonly ends: { readonly rx: readonly End[]; readonly free: readonly End[] };
  private readonly unlent: readonly SharedBuffer[];
  private readonly received: () => number;
  private readonly put: number[] = [];
  private nextBuffer = 0;

  constructor(settings: DriverWorldSettings) {
    this.world = new DriverWorld(settings);
    const { memory, port, rxPool } = this.world;
    this.rx = ofKind(memory, 'rx');
    this.free = ofKind(memory, 'free');
    this.ends = { rx: this.endsOf(this.rx, RX_PAIR_RX), free: this.endsOf(this.free, RX_PAIR_FREE) };
    this.unlent = memory.buffers.slice(0, Math.ceil(memory.buffers.length / 2));
    this.fillBuffers();
    this.entries = new MovedEntries(new Fetches(memory, { takes: ['rx'], puts: ['free'] }), this.rx, this.free);
    this.judge = new PoolJudge(rxPool);
    this.counters = new Counters(rxCounters, port.address + PORT_RX_QUEUE + RX_QUEUE_COUNTERS);
    this.received = this.counters.sum(RECEIVED);
    this.attack = new Attack(memory, ACTOR_DRIVER, this.places());
    this.world.keep();
  }

  private endsOf(fifos: readonly SharedFifo[], end: number): End[] {
    const { address } = this.world.port;
    return fifos.map(({ queue, slots }) => {
      const at = address + PORT_RX_PAIR + queue * RX_PAIR_BYTES + end + FIFO_END_INDEX;
      return { at, slots, before: 0 };
    });
  }

  private fillBuffers(): void {
    const own = this.world.port.macAddrGet();
    this.unlent.forEach(({ data }, i) => {
      const to = { own, all: Uint8Array.of(255, 255, 255, 255, 255, 255), other: Uint8Array.of(2, 9, 9, 9, 9, i) };
      bytes8.fill(i + 1, data, data + this.world.memory.mbufSize);
      bytes8.set(to[FRAMES[i % FRAMES.length]!], data);
    });
  }

  private places(): Uint32Array[] {
    const { memory } = this.world;
    const descs = this.unlent.map(({ desc }) => desc);
    const lengths = descWords(descs.slice(0, 6), DESC_DATA_LEN, 8);
    const flags = descWords(descs.slice(0, 6), DESC_OL_FLAGS - 2, 4);
    const pointers = descWords(descs.slice(0, 6), DESC_NEXT, 16);
    const indices = [indicesOf(this.rx, FIFO_WRITE), indicesOf(this.free, FIFO_READ)];
    const slots = slotsOf(this.rx);
    const headers = headersOf([...this.rx, ...this.free]);
    return [lengths, lengths, flags, pointers, pointers, ...indices, slots, slots, headers, everything(memory)];
  }

  run(one: HostileCase): void {
    this.world.restore();
    this.attack.begin(one);
    this.nextBuffer = 0;
    this.rx.forEach((fifo, i) => (this.put[i] = writeOf(fifo)));
    for (const step of one.steps) this.step(step);
    this.burst(64);
    this.judge.expectAllFree();
    if (one.recovers) this.world.expectRecovery();
  }

  private step([operation, a, b, c]: Step): void {
    if (operation % 16 < 9) this.putPacket(a, b, c);
    else if (operation % 16 < 14) this.burst(LIMITS[a % LIMITS.length]!);
    else this.takeFree();
  }

  /** Puts a sound packet on rx, as a host does. */
  private putPacket(a: number, b: number, c: number): void {
    const index = a % this.rx.length;
    const fifo = this.rx[index]!;
    const { mbufSize } = this.world.memory;
    const segments = b % 8 < 5 ? 1 : 1 + (b % MAX_SEGMENTS);
    const each = 14 + (c % (mbufSize - 13));
    const chain = Array.from({ length: segments }, () => this.unlent[this.nextBuffer++ % this.unlent.length]!);
    chain.forEach((buffer, i) => this.describe(buffer, chain[i + 1], each));
    const desc = chain[0]!.desc;
    words16[(desc + 52) >>> 1] = segments * each;
    bytes8[desc + 50] = segments;
    words16[(desc + 30) >>> 1] = c % 5 === 0 ? 0x0800 : 0;
    words16[(desc + 58) >>> 1] = c;
    const slot = this.world.memory.slot(fifo, this.put[index]!) >>> 2;
    words32[slot] = chain[0]!.lo;
    words32[slot + 1] = chain[0]!.hi;
    this.put[index] = (this.put[index]! + 1) & (fifo.slots - 1);
    words32[(fifo.base + FIFO_WRITE) >>> 2] = this.put[index];
  }

  private describe({ desc, dataLo, dataHi }: SharedBuffer, next: SharedBuffer | undefined, bytes: number): void {
    const word = desc >>> 2;
    words32[word + 8] = next?.lo ?? 0;
    words32[word + 9] = next?.hi ?? 0;
    words32[word + 10] = dataLo;
    words32[word + 11] = dataHi;
    words16[(desc + 48) >>> 1] = bytes;
  }

  /** Takes back all chains on free, as a host does. */
  private takeFree(): void {
    for (const fifo of this.free) words32[(fifo.base + FIFO_READ) >>> 2] = writeOf(fifo);
  }

  private burst(limit: number): void {
    const { port, table } = this.world;
    const { rx, free } = this.ends;
    for (const end of [...rx, ...free]) end.before = words32[end.at >>> 2]!;
    this.counters.read();
    const [before, good] = [this.received(), this.counters.values[0]!];
    this.entries.begin();
    this.attack.beforeStep();
    const most = SHARED_FIXED + SHARED_PER_ENTRY * Math.min(limit, rx[0]!.slots);
    const count = this.attack.during(most, MOST_ACCESSES, this.entries, () => port.rxBurst(0, table, limit));
    this.counters.read();
    const entries = movedOf(rx);
    ensure(
      movedOf(free) === entries,
      'account',
      () => `takes ${entries} entries off rx, and puts ${movedOf(free)} on free`,
    );
    this.entries.expectReturned(entries);
    const seen = this.received() - before;
    ensure(seen === entries, 'account', () => `takes ${entries} entries off rx, and counts ${seen} packets`);
    ensure(count === this.counters.values[0]! - good && count <= limit, 'account', () => {
      return `delivers ${count} packets, and counts ${this.counters.values[0]! - good}`;
    });
    this.takeDelivered(count);
  }

  /** The application inspects and frees what the burst has delivered. */
  private takeDelivered(count: number): void {
    const { port, table, device } = this.world;
    this.judge.begin();
    const mbufs = table.handles.slice(0, count);
    for (const mbuf of mbufs) this.judge.expectSound(mbuf, port.address, device.settings.maxRxPacketBytes);
    for (const mbuf of mbufs) mbufFree(mbuf);
  }
}
