import { expect } from 'chai';
import fc from 'fast-check';
import { avpDriver, type Port } from '../../../driver';
import {
  PORT_RX_PAIR,
  PORT_TX_QUEUE,
  RX_PAIR_BYTES,
  RX_PAIR_FREE,
  RX_PAIR_RX,
  TX_QUEUE_ALLOC,
  TX_QUEUE_BYTES,
  TX_QUEUE_TX,
} from '../../../driver/loops/records';
import { extents } from '../../../shared/arena';
import { ErrnoError } from '../../../shared/errors';
import { ACTOR_DRIVER } from '../../../shared/loops/rights';
import { loadFifoEndIndex, loadFifoEndLen } from '../../../shared/loops/records';
import { deviceSettings } from './arbitraries';
import { makeFrame, ownFrame } from './frames';
import { configOf, Guest } from './guest';
import { corruption, change, Target, type Corruption, type Change } from './hostile';
import { sum, workOf } from './invariants';
import { Rig } from './rig';
import { runs } from './runs';

type Control = 'stop' | 'start' | 'configure' | 'vlan' | 'reopen';

interface Turn {
  readonly toGuest: readonly number[];
  readonly fromGuest: readonly number[];
  readonly queue: number;
  readonly burst: number;
  readonly keep: boolean;
  readonly control: Control | null;
  readonly corruptions: readonly Corruption[];
  /** Change that each word undergoes right after the driver has read it; null for none. */
  readonly afterLoad: Change | null;
}

const bytes = fc.oneof(fc.integer({ min: 14, max: 400 }), fc.constantFrom(14, 64, 65, 1_514, 9_000));
const turn: fc.Arbitrary<Turn> = fc.record({
  toGuest: fc.array(bytes, { maxLength: 12 }),
  fromGuest: fc.array(bytes, { maxLength: 12 }),
  queue: fc.nat({ max: 3 }),
  burst: fc.constantFrom(1, 5, 64, 70),
  keep: fc.boolean(),
  control: fc.constantFrom<(Control | null)[]>(
    'stop',
    'start',
    'configure',
    'vlan',
    'reopen',
    ...Array<null>(8).fill(null),
  ),
  corruptions: fc.array(corruption, { maxLength: 24 }),
  afterLoad: fc.option(change, { freq: 2 }),
});

/** The driver's private index and length of each FIFO of a kind, which the host cannot change. */
function indices(
  port: Port,
  first: number,
  stride: number,
  end: number,
): { readonly at: number; readonly len: number }[] {
  return Array.from({ length: 8 }, (_unused, i) => {
    const address = port.address + first + i * stride + end;
    return { at: loadFifoEndIndex(address), len: loadFifoEndLen(address) };
  });
}

const ENDS = {
  rx: [PORT_RX_PAIR, RX_PAIR_BYTES, RX_PAIR_RX],
  free: [PORT_RX_PAIR, RX_PAIR_BYTES, RX_PAIR_FREE],
  alloc: [PORT_TX_QUEUE, TX_QUEUE_BYTES, TX_QUEUE_ALLOC],
  tx: [PORT_TX_QUEUE, TX_QUEUE_BYTES, TX_QUEUE_TX],
} as const;

/** A guest whose host corrupts shared memory. */
class GuestUnderAttack {
  private readonly target: Target;
  private guest: Guest;
  private sequence = 0;

  constructor(private readonly rig: Rig) {
    this.target = new Target(rig);
    // The emulated host withdraws rights as it steps; a real one cannot.
    rig.clock.onStep(() => this.target.grantAll());
    this.guest = this.open()!;
    rig.settle();
  }

  /** Opens a port and starts it. Returns null if the driver refuses the device. */
  private open(): Guest | null {
    const { rxQueues, txQueues, vlanOffload } = this.rig.device.settings;
    const port = this.control(() => this.rig.probe());
    if (port === null) return null;
    const guest = new Guest(port, {
      rxQueues: Math.min(2, rxQueues.max),
      txQueues: Math.min(2, txQueues.max),
      vlanStrip: vlanOffload,
      rxMbufBytes: [2_048, 300],
      rxMbufs: 40,
      txMbufs: 40,
    });
    this.control(() => guest.setUp().start());
    return guest;
  }

  /** Runs a control operation, which must succeed or fail with an errno; null for a failure. */
  private control<T>(body: () => T): T | null {
    try {
      return body();
    } catch (error) {
      if (!(error instanceof ErrnoError)) throw error;
      expect(error.message, error.code).not.to.equal('');
      return null;
    }
  }

  run(turns: readonly Turn[]): void {
    for (const one of turns) {
      for (const length of one.toGuest) this.rig.wire.send(ownFrame(this.sequence++, { bytes: length, flow: length }));
      for (const length of one.fromGuest)
        this.guest.offer(one.queue % 2, makeFrame({ to: 'other', bytes: length, tci: null, flow: 1 }, this.sequence++));
      this.rig.clock.step();
      this.target.attackDuring(ACTOR_DRIVER, one.corruptions, one.afterLoad, () => this.turn(one));
      this.guest.checkPools();
    }
    this.end();
  }

  private turn(one: Turn): void {
    const { port } = this.guest;
    const was = workOf(port);
    const before = this.snapshot(port);
    this.guest.receive(one.queue % Math.max(1, this.guest.options.rxQueues), one.burst, one.keep);
    this.guest.send(one.queue % 2, one.burst);
    const now = workOf(port);
    const moved = this.moved(before, this.snapshot(port));
    expect(moved.rx, 'entries taken off rx: each packet counted once').to.equal(now.received - was.received);
    expect(moved.free, 'entries given back on free').to.equal(moved.rx);
    expect(moved.tx, 'packets put on tx').to.equal(now.sent - was.sent);
    expect(now.sent + now.txDropped, 'packets sent or dropped').to.equal(this.guest.attempts.taken);
    if (one.control !== null) this.operate(one.control);
  }

  private snapshot(port: Port): Record<keyof typeof ENDS, ReturnType<typeof indices>> {
    const at = (kind: keyof typeof ENDS): ReturnType<typeof indices> => indices(port, ...ENDS[kind]);
    return { rx: at('rx'), free: at('free'), alloc: at('alloc'), tx: at('tx') };
  }

  private moved(
    before: ReturnType<GuestUnderAttack['snapshot']>,
    after: ReturnType<GuestUnderAttack['snapshot']>,
  ): Record<keyof typeof ENDS, number> {
    const by = (kind: keyof typeof ENDS): number =>
      sum(after[kind].map(({ at, len }, i) => (len === 0 ? 0 : (at - before[kind][i]!.at + len) % len)));
    return { rx: by('rx'), free: by('free'), alloc: by('alloc'), tx: by('tx') };
  }

  private operate(operation: Control): void {
    const { port } = this.guest;
    if (operation === 'reopen') return this.reopen();
    this.control(() => {
      if (operation === 'stop') port.stop();
      if (operation === 'start') port.start();
      if (operation === 'configure') port.configure(configOf(this.guest.options));
      if (operation === 'vlan') port.vlanOffloadSet({ strip: false });
    });
  }

  /** Closes the port and probes again. If the driver refuses the device, the port stays closed. */
  private reopen(): void {
    const former = this.guest;
    former.port.close();
    const next = this.open();
    if (next === null) return;
    this.guest = next;
    avpDriver.remove(former.port);
    former.release();
  }

  private end(): void {
    this.guest.dropBacklog();
    this.guest.freeKept();
    avpDriver.remove(this.guest.port);
    this.guest.release();
    expect(
      extents()
        .map(({ label }) => label)
        .filter((label) => /^port|pool/.test(label)),
      "the guest's memory at the end",
    ).to.deep.equal([]);
  }
}

describe('driver with a hostile host', () => {
  it('never throws, hangs or reads out of bounds, delivers only well-formed packets, and loses no mbuf', () => {
    fc.assert(
      fc.property(deviceSettings, fc.array(turn, { minLength: 1, maxLength: 6 }), (settings, turns) => {
        new GuestUnderAttack(
          new Rig({ ...settings, rxQueues: { min: 1, max: 2 }, txQueues: { min: 1, max: 2 }, poisonAlloc: false }),
        ).run(turns);
      }),
      { numRuns: runs(100) },
    );
  });
});
