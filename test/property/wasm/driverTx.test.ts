import { expect } from 'chai';
import fc from 'fast-check';
import { store32 } from '#mem';
import { mbufData } from '../../../driver/loops/mbuf';
import {
  loadMempoolStride,
  PORT_TX_QUEUE,
  storeMbufDataLen,
  storeMbufDataOff,
  storeMbufNbSegs,
  storeMbufNext,
  storeMbufOlFlags,
  storeMbufPktLen,
  storeMbufVlanTci,
  storeTxQueueReady,
  TX_QUEUE_ALLOC,
  TX_QUEUE_TX,
} from '../../../driver/loops/records';
import { allocate } from '../../../shared/arena';
import { BOTH } from '../../../shared/loops/rights';
import { type Builds, loopBuilds } from './builds';
import { BUFFERS, DriverWorld, plant, type WorldOptions, worldOptions } from './driverWorld';
import { extreme32, mostly } from './values';

/** A packet that an application sends, with at most one wrong field. */
const packet = fc.record({
  segments: fc.array(fc.constantFrom(1, 14, 20, 40), { minLength: 1, maxLength: 3 }),
  flags: fc.constantFrom(0, 0, 4, 0xffff_ffff),
  fault: fc.option(
    fc.record({
      store: fc.constantFrom(
        storeMbufDataLen,
        storeMbufDataOff,
        storeMbufNbSegs,
        storeMbufPktLen,
        storeMbufVlanTci,
        storeMbufOlFlags,
      ),
      segment: fc.nat({ max: 2 }),
      value: extreme32,
    }),
    { freq: 3 },
  ),
  /** An address in place of the packet, or behind its last segment. */
  wild: fc.option(fc.record({ handle: fc.boolean(), address: extreme32 }), { freq: 3 }),
  /** Links the last segment back to the first. */
  loop: fc.constantFrom(false, false, false, false, true),
});
type Packet = typeof packet extends fc.Arbitrary<infer T> ? T : never;

function makePacket(world: DriverWorld, { segments, flags, fault, loop, wild }: Packet): number {
  if (wild?.handle === true) return wild.address;
  const mbufs = segments.map(() => world.mempool.alloc());
  mbufs.forEach((mbuf, place) => {
    storeMbufDataLen(mbuf, segments[place]!);
    storeMbufNext(mbuf, mbufs[place + 1] ?? (loop ? mbufs[0]! : 0));
    for (let byte = 0; byte < 40; byte += 4) store32(mbufData(mbuf) + byte, 0x1020_3040 + place + byte);
  });
  const first = mbufs[0]!;
  storeMbufPktLen(
    first,
    segments.reduce((sum, bytes) => sum + bytes, 0),
  );
  storeMbufNbSegs(first, segments.length);
  storeMbufOlFlags(first, flags);
  storeMbufVlanTci(first, flags & 0xffff);
  if (wild !== null) storeMbufNext(mbufs.at(-1)!, wild.address);
  fault?.store(mbufs[fault.segment % mbufs.length]!, fault.value);
  return first;
}

function makeTxWorld(options: WorldOptions, packets: readonly Packet[], lent: number): DriverWorld {
  const world = new DriverWorld(options);
  const queue = world.port + PORT_TX_QUEUE;
  world.addFifo(
    queue + TX_QUEUE_ALLOC,
    Array.from({ length: lent }, (_unused, index) => index),
    'consumer',
  );
  world.addFifo(queue + TX_QUEUE_TX, [], 'producer');
  storeTxQueueReady(queue, 1);
  packets.forEach((one, index) => store32(world.table + index * 4, makePacket(world, one)));
  return world;
}

describe('driver: transmit path, both builds', () => {
  let builds: Builds;

  before(() => {
    builds = loopBuilds('driver');
  });

  it('transmit identically, whatever the host overwrites and the application gets wrong', () => {
    let taken = 0;
    fc.assert(
      fc.property(
        worldOptions,
        fc.array(packet, { minLength: 1, maxLength: 6 }),
        fc.nat({ max: BUFFERS }),
        fc.array(plant, { maxLength: 4 }),
        (options, packets, lent, plants) => {
          const world = makeTxWorld(options, packets, lent);
          for (const one of plants) world.plant(one);
          taken += builds.call('transmitBurst', world.port, 0, world.table, packets.length) ?? 0;
        },
      ),
      { numRuns: 1_000 },
    );
    expect(taken).to.be.greaterThan(100);
  });

  it("check and free an application's chains identically", () => {
    let sound = 0;
    fc.assert(
      fc.property(worldOptions, packet, (options, one) => {
        const world = new DriverWorld(options);
        const mbuf = makePacket(world, one);
        if (one.wild?.handle !== true)
          sound += builds.call('mbufIsSound', mbuf, loadMempoolStride(world.mempool.address)) ?? 0;
        builds.call('mbufFree', mbuf);
        expect(world.mempool.available).to.equal(world.mempool.size);
      }),
      { numRuns: 150 },
    );
    expect(sound).to.be.within(10, 140);
  });

  it('free tables of packets identically, wrong and repeated ones among them', () => {
    fc.assert(
      fc.property(
        worldOptions,
        fc.array(packet, { minLength: 1, maxLength: 6 }),
        fc.array(fc.nat({ max: 7 }), { maxLength: 8 }),
        (options, packets, order) => {
          const world = new DriverWorld(options);
          const made = [...packets.map((one) => makePacket(world, one)), 0, world.mempool.alloc()];
          order.forEach((which, index) => store32(world.table + index * 4, made[which % made.length]!));
          builds.call('mbufFreeBulk', world.table, order.length);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('take mbufs from a mempool and return them identically', () => {
    fc.assert(
      fc.property(worldOptions, mostly(fc.nat({ max: 30 })), fc.nat({ max: 30 }), (options, count, given) => {
        const world = new DriverWorld(options);
        const list = allocate(4 * world.mempool.size, { rights: BOTH, label: 'mbufs' });
        const taken = builds.call('mempoolTake', world.mempool.address, list, count) ?? 0;
        builds.call('mempoolGive', world.mempool.address, list, Math.min(given, taken));
        for (let i = 0; i < 3; i++) builds.call('mempoolTakeOne', world.mempool.address);
      }),
      { numRuns: 100 },
    );
  });
});
