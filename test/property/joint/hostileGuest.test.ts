import { expect } from 'chai';
import fc from 'fast-check';
import { avpDriver } from '../../../driver';
import { ErrnoError } from '../../../shared/errors';
import { ACTOR_HOST } from '../../../shared/loops/rights';
import { deviceSettings } from './arbitraries';
import { ownFrame } from './frames';
import { Guest } from './guest';
import { corruption, change, Target, type Corruption, type Change } from './hostile';
import { checkHostStats, sum } from './invariants';
import { Rig, SMALL } from './rig';
import { runs } from './runs';
import { itWatched } from '../../support/watched';

interface Turn {
  readonly toGuest: readonly number[];
  readonly fromGuest: readonly number[];
  readonly before: readonly Corruption[];
  readonly during: readonly Corruption[];
  readonly afterLoad: Change | null;
  /** Whether the driver sends a request during the corruptions. */
  readonly stop: boolean;
}

const bytes = fc.oneof(fc.integer({ min: 14, max: 400 }), fc.constantFrom(64, 1_514, 9_000));
const turn: fc.Arbitrary<Turn> = fc.record({
  toGuest: fc.array(bytes, { maxLength: 10 }),
  fromGuest: fc.array(bytes, { maxLength: 10 }),
  before: fc.array(corruption, { maxLength: 20 }),
  during: fc.array(corruption, { maxLength: 20 }),
  afterLoad: fc.option(change, { freq: 2 }),
  stop: fc.constantFrom(true, false, false, false),
});

/** Runs an operation of the guest that may fail with an errno. */
function attempt(body: () => void): void {
  try {
    body();
  } catch (error) {
    if (!(error instanceof ErrnoError)) throw error;
  }
}

/** A host whose guest corrupts shared memory while its driver goes on working. */
class HostUnderAttack {
  private readonly target: Target;
  private readonly guest: Guest;
  private sequence = 0;

  /** @param everywhere whether the guest writes to all of BAR 2, as a real one can, or only where it may. */
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
    return ownFrame(this.sequence++, { bytes: length, flow: length });
  }

  run(turns: readonly Turn[]): void {
    const corrupt = (one: Corruption): void => this.target.corruptAsGuest(one, this.everywhere);
    for (const one of turns) {
      this.target.attackDuring(
        ACTOR_HOST,
        one.during,
        this.everywhere ? one.afterLoad : null,
        () => {
          for (const length of one.toGuest) this.rig.wire.send(this.frame(length));
          this.rig.clock.step();
          this.rig.clock.step();
          if (one.stop) attempt(() => this.guest.port.stop());
        },
        corrupt,
      );
      this.check();
      // With the protocol's rights in force, a corrupted address would make the driver itself violate them.
      if (this.everywhere) this.exchangePackets(one);
      for (const corruption of one.before) corrupt(corruption);
    }
    this.end();
  }

  private exchangePackets(one: Turn): void {
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

  /** Ends the guest and expects all buffers back; then expects that a new host serves the next guest. */
  private end(): void {
    const { device } = this.rig;
    device.guestDied();
    // Packets that it had put on tx are still forwarded.
    this.check();
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

describe('a guest that closes its port and leaves an index outside the ring', () => {
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
      rig.wire.send(ownFrame(1, { bytes: 64 }));
      rig.settle();
      expect(next.receiveAll()).to.have.length(1);
    });
});

describe('host with a hostile guest', () => {
  for (const everywhere of [false, true])
    (everywhere ? it : itWatched)(
      `never throws, hangs or loses a buffer, whatever the guest writes to ${everywhere ? 'BAR 2' : 'the words that it may write'}`,
      () => {
        fc.assert(
          fc.property(deviceSettings, fc.array(turn, { minLength: 1, maxLength: 6 }), (settings, turns) => {
            // Rights cover whole words: the guest could write a canary byte that shares a word with data.
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
            new HostUnderAttack(new Rig({ ...settings, ...plain }), everywhere).run(turns);
          }),
          { numRuns: runs(60) },
        );
      },
    );
});
