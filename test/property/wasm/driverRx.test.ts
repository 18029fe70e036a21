import { expect } from 'chai';
import fc from 'fast-check';
import {
  PORT_RX_PAIR,
  PORT_RX_QUEUE,
  RX_PAIR_FREE,
  RX_PAIR_RX,
  storeRxQueueFifoCount,
  storeRxQueueMbufBytes,
  storeRxQueueMempool,
} from '../../../driver/loops/records';
import {
  storeDescDataLen,
  storeDescNbSegs,
  storeDescOlFlags,
  storeDescPktLen,
  storeDescVlanTci,
} from '../../../shared/loops/layout';
import { type Builds, loopBuilds } from './builds';
import { BUFFERS, DriverWorld, plant, type WorldOptions, worldOptions } from './driverWorld';
import { extreme32, mostly } from './values';

/** The segment lengths of each packet that the host offers. */
const packets = fc.array(fc.array(fc.constantFrom(14, 20, 63, 64, 100, 256), { minLength: 1, maxLength: 3 }), {
  minLength: 1,
  maxLength: 4,
});

function makeRxWorld(options: WorldOptions, offered: readonly (readonly number[])[], flags: number): DriverWorld {
  const world = new DriverWorld(options);
  const queue = world.port + PORT_RX_QUEUE;
  const firsts: number[] = [];
  let buffer = 0;
  for (const segments of offered) {
    const lengths = segments.map((bytes) => Math.min(bytes, options.mbufSize));
    const first = world.descAt(buffer);
    firsts.push(buffer);
    storeDescPktLen(
      first,
      lengths.reduce((sum, bytes) => sum + bytes, 0),
    );
    storeDescNbSegs(first, lengths.length);
    storeDescOlFlags(first, flags);
    storeDescVlanTci(first, flags);
    lengths.forEach((bytes, place) => {
      storeDescDataLen(world.descAt(buffer), bytes);
      world.setNext(buffer, place + 1 < lengths.length ? buffer + 1 : null);
      buffer += 1;
    });
  }
  world.addFifo(world.port + PORT_RX_PAIR + RX_PAIR_RX, firsts, 'consumer');
  world.addFifo(world.port + PORT_RX_PAIR + RX_PAIR_FREE, [], 'producer');
  storeRxQueueMempool(queue, world.mempool.address);
  storeRxQueueMbufBytes(queue, world.mempool.mbufBytes);
  storeRxQueueFifoCount(queue, 1);
  return world;
}

describe('driver: receive path, both builds', () => {
  let builds: Builds;

  before(() => {
    builds = loopBuilds('driver');
  });

  it('translate addresses identically, also at the edges of pools that cross 4 GiB', () => {
    let found = 0;
    const pointer = fc.record({ buffer: fc.nat({ max: BUFFERS - 1 }), byte: mostly(fc.constantFrom(0, 1, 64, 65)) });
    fc.assert(
      fc.property(
        worldOptions,
        pointer,
        mostly(fc.constantFrom(0, 1, 64)),
        extreme32,
        extreme32,
        (options, place, bytes, lo, hi) => {
          const world = new DriverWorld(options);
          const [goodLo, goodHi] = world.va(place.buffer, place.byte);
          found += builds.call('translate', world.port, goodLo, goodHi, bytes) === 0 ? 0 : 1;
          builds.call('translateDesc', world.port, goodLo, goodHi);
          builds.call('translate', world.port, lo, hi, bytes);
          builds.call('translateDesc', world.port, goodLo, hi);
        },
      ),
      { numRuns: 200 },
    );
    expect(found).to.be.greaterThan(20);
  });

  it('receive identically, whatever the host overwrites', () => {
    let delivered = 0;
    let refused = 0;
    fc.assert(
      fc.property(
        worldOptions,
        packets,
        fc.constantFrom(0, 0x0800, 0xffff),
        fc.array(plant, { maxLength: 4 }),
        mostly(fc.constant(32)),
        (options, offered, flags, plants, limit) => {
          const world = makeRxWorld(options, offered, flags);
          for (const one of plants) world.plant(one);
          const got = builds.call('receiveBurst', world.port, 0, world.table, limit) ?? 0;
          builds.call('receiveBurst', world.port, 0, world.table, limit);
          builds.call('receiveBurst', world.port, limit, world.table, 1);
          delivered += got;
          refused += offered.length - got;
        },
      ),
      { numRuns: 1_000 },
    );
    expect(delivered).to.be.greaterThan(100);
    expect(refused).to.be.greaterThan(100);
  });
});
