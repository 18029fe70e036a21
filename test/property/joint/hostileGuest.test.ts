import { expect } from 'chai';
import fc from 'fast-check';
import { avpDriver } from '../../../driver';
import { ErrnoError } from '../../../shared/errors';
import { ACTOR_HOST } from '../../../shared/loops/rights';
import { deviceSettings } from './arbitraries';
import { makeFrame } from './frames';
import { Guest } from './guest';
import { blow, change, Target, type Blow, type Change } from './hostile';
import { checkHostStats, sum } from './invariants';
import { OWN_MAC } from './oracle';
import { Rig, SMALL } from './rig';
import { runs } from './runs';

interface Turn {
  readonly toGuest: readonly number[];
  readonly fromGuest: readonly number[];
  readonly before: readonly Blow[];
  readonly during: readonly Blow[];
  readonly sand: Change | null;
  /** A request by the driver while the blows fall. */
  readonly stop: boolean;
}

const bytes = fc.oneof(fc.integer({ min: 14, max: 400 }), fc.constantFrom(64, 1_514, 9_000));
const turn: fc.Arbitrary<Turn> = fc.record({
  toGuest: fc.array(bytes, { maxLength: 10 }),
  fromGuest: fc.array(bytes, { maxLength: 10 }),
  before: fc.array(blow, { maxLength: 20 }),
  during: fc.array(blow, { maxLength: 20 }),
  sand: fc.option(change, { freq: 2 }),
  stop: fc.constantFrom(true, false, false, false),
});

/** Carries a guest's operation out, whatever comes of it. */
function attempt(body: () => void): void {
  try {
    body();
  } catch (error) {
    if (!(error instanceof ErrnoError)) throw error;
  }
}

/** A host whose guest writes wherever it can, and whose driver goes on working all the while. */
class Attack {
  private readonly target: Target;
  private readonly guest: Guest;
  private sequence = 0;

  /** @param everywhere the guest writes into all of BAR 2, as a real one can; else where it has the right to. */
  constructor(
    private readonly rig: Rig,
    private readonly everywhere: boolean,
  ) {
    this.target = new Target(rig);
    if (everywhere) rig.clock.onStep(() => this.target.grantAll());
    this.guest = new Guest(rig.probe(), {
      rxQueues: 1,
      txQueues: Math.min(2, rig.device.settings.txQueues.max),
      txMbufs: 48,
    })
      .setUp()
      .start();
    rig.settle();
  }

  private frame(length: number): Uint8Array {
    return makeFrame({ to: 'own', bytes: length, tci: null, flow: length }, this.sequence++, OWN_MAC);
  }

  run(turns: readonly Turn[]): void {
    const strike = (one: Blow): void => this.target.strikeAsGuest(one, this.everywhere);
    for (const one of turns) {
      this.target.under(
        ACTOR_HOST,
        one.during,
        this.everywhere ? one.sand : null,
        () => {
          for (const length of one.toGuest) this.rig.wire.send(this.frame(length));
          this.rig.clock.step();
          this.rig.clock.step();
          if (one.stop) attempt(() => this.guest.port.stop());
        },
        strike,
      );
      this.check();
      // Where the rights are the protocol's, the driver itself must not be led outside them.
      if (this.everywhere) this.talk(one);
      for (const blow of one.before) strike(blow);
    }
    this.end();
  }

  private talk(one: Turn): void {
    this.target.grantAll();
    this.guest.receive(0, 64);
    for (const length of one.fromGuest) this.guest.offer(0, this.frame(length));
    this.guest.send(0, 64);
  }

  private check(): void {
    const { total, ...places } = this.rig.device.inspect.buffers();
    expect(sum(Object.values(places)), `buffers, of ${total}: ${JSON.stringify(places)}`).to.equal(total);
    checkHostStats(this.rig.device);
    const { mbufSize } = this.rig.device.settings;
    for (const frame of this.rig.wire.take())
      expect(frame.length, 'bytes of a frame').to.be.within(14, 5 * mbufSize + 4);
    if (!this.everywhere) expect(this.rig.device.inspect.brokenCanaries(), 'canaries').to.deep.equal([]);
  }

  /** The guest dies, and the host has everything back; the next guest of a new host finds a sound device. */
  private end(): void {
    const { device } = this.rig;
    device.guestDied();
    expect(device.inspect.buffers().hostPool, 'buffers after the guest has died').to.equal(
      device.inspect.buffers().total,
    );
    this.guest.dropBacklog();
    device.replaceHost(device.settings);
    const guest = new Guest(avpDriver.probe(device.function, this.rig.platform), { rxQueues: 1, txQueues: 1 })
      .setUp()
      .start();
    this.rig.settle();
    const frame = this.frame(64);
    guest.offer(0, frame);
    guest.send(0, 1);
    this.rig.wire.send(frame);
    this.rig.settle();
    expect(guest.receive(0, 64), 'a packet to the next guest').to.have.length(1);
    expect(this.rig.wire.take(), 'a packet from the next guest').to.deep.equal([Buffer.from(frame)]);
  }
}

describe('a guest that closes in order and leaves an index outside its ring', () => {
  for (const [fifo, field] of [
    ['tx', 'write'],
    ['free', 'write'],
    ['rx', 'read'],
    ['alloc', 'read'],
  ] as const)
    it(`${field} of ${fifo}: the device can be probed again`, () => {
      const rig = new Rig(SMALL);
      const first = new Guest(rig.probe(), { rxQueues: 1, txQueues: 1 }).setUp().start();
      rig.settle();
      rig.device.tamper.overwrite('fifo', field, 1_000, { fifo });
      first.port.close();
      const next = new Guest(rig.probe(), { rxQueues: 1, txQueues: 1 }).setUp().start();
      rig.settle();
      rig.wire.send(makeFrame({ to: 'own', bytes: 64, tci: null, flow: 0 }, 1, OWN_MAC));
      rig.settle();
      expect(next.receiveAll()).to.have.length(1);
    });
});

describe('host under a hostile guest', () => {
  for (const everywhere of [false, true])
    it(`neither throws nor hangs nor loses a buffer, whatever stands in ${everywhere ? 'BAR 2' : 'the words that are the guest’s'}`, () => {
      fc.assert(
        fc.property(deviceSettings, fc.array(turn, { minLength: 1, maxLength: 6 }), (settings, turns) => {
          // Rights cover whole words: one half of data and half of canary would be the guest's to write.
          const mbufSize = settings.mbufSize! & ~3;
          const plain = {
            mbufSize,
            poisonAlloc: false,
            maxRxPacketBytes: 9_238,
            rxSegmentBytes: 0,
            allocSharePercent: 50,
            rxQueues: { min: 1, max: 3 },
            txQueues: { min: 1, max: 3 },
          };
          new Attack(new Rig({ ...settings, ...plain }), everywhere).run(turns);
        }),
        { numRuns: runs(60) },
      );
    });
});
