import { writeBytes } from '#mem';
import { portCounters } from '../../../emulator/abi/records';
import { rxWaiting } from '../../../emulator/device/loops/takeBack';
import {
  HOST_BUFFER_BYTES,
  loadHostBufferPlace,
  loadHostBufferQueue,
  loadHostPortCounters,
  loadHostPortRxOut,
  loadHostTxQueueLent,
  PLACE_LENT,
  PLACE_RX,
} from '../../../emulator/device/loops/records';
import { asHost } from '../../../shared/actors';
import {
  DESC_DATA_LEN,
  DESC_NEXT,
  FIFO_READ,
  FIFO_WRITE,
  MAX_SEGMENTS,
  REQUEST_BYTES,
} from '../../../shared/loops/layout';
import { ACTOR_HOST } from '../../../shared/loops/rights';
import type { HostileCase, Step } from '../cases/hostileCase';
import { ensure } from '../finding';
import { Counters } from '../judge/counters';
import { Attack } from '../memory/attack';
import { Fetches } from '../memory/fetches';
import { watchHostLoops } from '../memory/hostScopes';
import { HostAccesses } from '../memory/hostStores';
import type { FifoKind, SharedFifo } from '../memory/sharedMemory';
import { HostWorld, type HostWorldSettings } from './hostWorld';
import { RawGuest } from './rawGuest';
import { descWords, everything, headersOf, indicesOf, ofKind, slotsOf } from './places';

const MOST_SHARED = 20_000;
const MOST_ACCESSES = 200_000;
const STATUSES = [0, 1, 2, 3, 99] as const;

/** The host of one port, against a guest that writes anything anywhere in BAR 2. */
export class HostSide {
  readonly counters: Counters;
  private readonly world: HostWorld;
  private readonly guest: RawGuest;
  private readonly attack: Attack;
  private readonly fetches: Fetches;
  private readonly accesses: HostAccesses;
  private readonly offered: Readonly<Record<'rx' | 'tx', () => number>>;
  private readonly done: Readonly<Record<'rx' | 'tx', () => number>>;
  private readonly queues: readonly number[];

  constructor(settings: HostWorldSettings) {
    this.world = new HostWorld(settings);
    const { memory, attacked, othersRanges } = this.world;
    const { host } = attacked.device.inspect;
    this.guest = new RawGuest(memory, attacked.device);
    this.fetches = new Fetches(memory, { takes: ['tx', 'free'], puts: ['alloc', 'rx'] });
    this.accesses = new HostAccesses(memory, this.fetches);
    this.attack = new Attack(memory, ACTOR_HOST, this.places(), { others: othersRanges });
    const counters = new Counters(
      portCounters,
      asHost(() => loadHostPortCounters(host.port)),
    );
    this.counters = counters;
    this.offered = { rx: counters.sum(/^rx_offered$/), tx: counters.sum(/^tx_offered$/) };
    this.done = { rx: counters.sum(/^rx_(delivered$|drop_)/), tx: counters.sum(/^tx_(forwarded$|drop_)/) };
    this.queues = Array.from({ length: host.fifosOfKind('rx') }, (_unused, queue) => host.rxQueue(queue));
  }

  private places(): Uint32Array[] {
    const { memory } = this.world;
    const of = (kind: FifoKind): SharedFifo[] => ofKind(memory, kind);
    const descs = memory.buffers.map(({ desc }) => desc);
    return [
      indicesOf([...of('tx'), ...of('free'), ...of('req')], FIFO_WRITE),
      indicesOf([...of('alloc'), ...of('rx'), ...of('resp')], FIFO_READ),
      slotsOf([...of('tx'), ...of('free')]),
      slotsOf([...of('tx'), ...of('free'), ...of('req')]),
      descWords(descs, DESC_DATA_LEN, 8),
      descWords(descs, DESC_NEXT, 16),
      descWords(descs),
      Uint32Array.from({ length: REQUEST_BYTES / 4 }, (_unused, i) => memory.sync + 4 * i),
      headersOf(memory.fifos),
      everything(memory),
    ];
  }

  run(one: HostileCase): void {
    const { world } = this;
    world.restore();
    this.accesses.begin();
    watchHostLoops(
      (isUse) => {
        if (isUse) this.fetches.begin();
        this.accesses.inLoop = true;
      },
      () => (this.accesses.inLoop = false),
    );
    try {
      this.attack.begin(one);
      for (const step of one.steps) this.step(step);
      this.underAttack(() => world.attacked.device.step());
    } finally {
      watchHostLoops(null, null);
      this.accesses.inLoop = false;
    }
    this.expectBalance();
    if (one.recovers) this.expectRecovery();
  }

  private step([operation, a, b, c]: Step): void {
    const { device } = this.world.attacked;
    const kind = operation % 16;
    if (kind < 3) this.guest.send(a, b, c);
    else if (kind === 3) this.guest.takeAndFree(a, b);
    else if (kind < 6) this.deliver(b, c);
    else if (kind < 11) this.underAttack(() => device.step());
    else if (kind === 11) this.guest.request(a, b, c);
    else if (kind === 12) this.guest.writeRegister(a, b);
    else if (kind === 13) this.underAttack(() => this.migrate(a, b));
    else if (kind === 14 && a % 4 === 0) this.underAttack(() => device.guestDied());
    else if (kind === 15) this.world.other.expectTraffic('isolation', 1);
    else this.underAttack(() => device.step());
  }

  private underAttack(work: () => void): void {
    this.attack.beforeStep();
    this.attack.during(MOST_SHARED, MOST_ACCESSES, this.accesses, work);
    this.takeFrames();
  }

  /** Judges the frames that the network got. */
  private takeFrames(): void {
    const { wire, device } = this.world.attacked;
    const longest = MAX_SEGMENTS * device.settings.mbufSize + 4;
    for (const frame of wire)
      ensure(frame.length >= 14 && frame.length <= longest, 'sent', () => `forwards a frame of ${frame.length} bytes`);
    wire.length = 0;
  }

  /** The network sends a frame to the attacked port. */
  private deliver(b: number, c: number): void {
    const { attacked, frame } = this.world;
    const bytes = new Uint8Array(c % 9 === 0 ? 14 + (b % 1_300) : 14 + (b % 200)).fill(c);
    asHost(() => writeBytes(frame, bytes));
    this.underAttack(() => attacked.device.deliver(frame, bytes.length));
  }

  private migrate(a: number, b: number): void {
    const { device } = this.world.attacked;
    if (a % 4 === 0) device.raiseMigration(STATUSES[b % STATUSES.length]!);
    else if (a % 4 === 1) device.beginAttach();
    else if (a % 4 === 2) device.undoDetach();
    else device.beginDetach();
  }

  /** Expects each buffer in one place, and each packet delivered, forwarded, waiting, or dropped by a named cause. */
  private expectBalance(): void {
    const { inspect } = this.world.attacked.device;
    const { total, ...places } = inspect.buffers();
    const placed = Object.values(places).reduce((all, one) => all + one, 0);
    ensure(placed === total, 'leak', () => `${total} buffers, and in places ${JSON.stringify(places)}`);
    this.expectCounts();
    this.counters.read();
    const waiting = this.queues.reduce((all, queue) => all + asHost(() => rxWaiting(queue)), 0);
    for (const [path, end] of [
      ['rx', waiting],
      ['tx', 0],
    ] as const) {
      const [offered, done] = [this.offered[path](), this.done[path]() + end];
      ensure(offered === done, 'account', () => `${path}: ${offered} packets offered, ${done} accounted for`);
    }
  }

  /** Expects that the host's counts of lent buffers agree with its records of the buffers. */
  private expectCounts(): void {
    const { host } = this.world.attacked.device.inspect;
    asHost(() => {
      const lent = new Array<number>(host.fifosOfKind('tx')).fill(0);
      let out = 0;
      for (let i = 0; i < this.world.memory.buffers.length; i++) {
        const record = host.buffers + i * HOST_BUFFER_BYTES;
        if (loadHostBufferPlace(record) === PLACE_LENT) lent[loadHostBufferQueue(record)]!++;
        if (loadHostBufferPlace(record) === PLACE_RX) out++;
      }
      const counted = lent.map((_count, queue) => loadHostTxQueueLent(host.txQueue(queue)));
      ensure(
        lent.join() === counted.join(),
        'account',
        () => `lent ${lent.join()} buffers, and counts ${counted.join()}`,
      );
      const onRx = loadHostPortRxOut(host.port);
      ensure(out === onRx, 'account', () => `${out} buffers are out on rx, and it counts ${onRx}`);
    });
  }

  /** The guest dies; the next one boots, and its traffic flows. The other port has noticed nothing. */
  private expectRecovery(): void {
    const { attacked, other, settings } = this.world;
    const { device } = attacked;
    device.guestDied();
    const { hostPool, total } = device.inspect.buffers();
    ensure(hostPool === total, 'leak', () => `${hostPool} of ${total} buffers are the host's after the guest died`);
    device.beginAttach();
    attacked.port = attacked.start(settings.port);
    attacked.wire.length = 0;
    attacked.expectTraffic('recovery', settings.port.rxQueues);
    other.expectTraffic('isolation', 1);
  }
}
