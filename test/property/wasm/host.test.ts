import { expect } from 'chai';
import fc from 'fast-check';
import { actAs } from '#mem';
import { loadHostPortFrameCount, loadHostPortFrames } from '../../../emulator/device/loops/records';
import {
  DESC_BYTES,
  storeDescDataLen,
  storeDescNbSegs,
  storeDescNextHi,
  storeDescNextLo,
  storeDescOlFlags,
  storeDescPktLen,
  storeDescVlanTci,
} from '../../../shared/loops/layout';
import { writeBytes } from '../../../shared/mem/plain';
import { ACTOR_DRIVER, ACTOR_HOST } from '../../../shared/loops/rights';
import { high32, low32 } from '../../../shared/u64';
import { type Builds, loopBuilds } from './builds';
import { FRAME_BYTES, hostOptions, hostPlant, HostWorld, QUEUES, SLOTS } from './hostWorld';
import { extreme32, mostly } from './values';

const common = {
  queue: fc.nat({ max: QUEUES - 1 }),
  budget: mostly(fc.constant(SLOTS)),
  plants: fc.array(hostPlant, { maxLength: 3 }),
};

/** The guest sends chains, then overwrites some words; the host drains tx. */
const transmitRound = fc.record({
  kind: fc.constant('transmit' as const),
  ...common,
  lengths: fc.array(fc.constantFrom(1, 14, 30, 64), { minLength: 1, maxLength: 4 }),
  flags: fc.constantFrom(0, 1, 0xffff),
  packets: fc.integer({ min: 1, max: 3 }),
  burst: fc.constantFrom(1, SLOTS),
  /** Whether the host sends sound packets back to the guest. */
  reflected: fc.boolean(),
});
type TransmitRound = typeof transmitRound extends fc.Arbitrary<infer T> ? T : never;

/** The switch delivers frames; the guest takes some, returns them, and then overwrites some words. */
const receiveRound = fc.record({
  kind: fc.constant('receive' as const),
  ...common,
  frames: fc.array(
    fc.record({
      bytes: fc.nat({ max: FRAME_BYTES }),
      tagged: fc.boolean(),
      ip: fc.boolean(),
      fill: fc.nat({ max: 255 }),
    }),
    { maxLength: 5 },
  ),
  taken: fc.nat({ max: 5 }),
});
type ReceiveRound = typeof receiveRound extends fc.Arbitrary<infer T> ? T : never;

const reclaimRound = fc.record({ kind: fc.constant('reclaim' as const), ...common });

const rounds = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: transmitRound },
    { weight: 5, arbitrary: receiveRound },
    { weight: 1, arbitrary: reclaimRound },
  ),
  { minLength: 1, maxLength: 5 },
);
type Round = typeof rounds extends fc.Arbitrary<(infer T)[]> ? T : never;

/** Counts of events, which prove that the property exercised all paths. */
interface Tally {
  forwarded: number;
  refused: number;
  delivered: number;
}

type Entry = readonly [lo: number, hi: number];

function describeChain(world: HostWorld, entries: readonly Entry[], { lengths, flags }: TransmitRound): void {
  const descs = entries.map((entry) => world.descOf(entry));
  if (descs.length === 0 || descs.includes(0)) return;
  descs.forEach((desc, place) => {
    const next = entries[place + 1] ?? [0, 0];
    storeDescDataLen(desc, lengths[place]!);
    storeDescNextLo(desc, next[0]);
    storeDescNextHi(desc, next[1]);
  });
  storeDescPktLen(
    descs[0]!,
    lengths.slice(0, descs.length).reduce((sum, bytes) => sum + bytes, 0),
  );
  storeDescNbSegs(descs[0]!, descs.length);
  storeDescOlFlags(descs[0]!, flags);
  storeDescVlanTci(descs[0]!, flags);
}

function transmit(builds: Builds, world: HostWorld, round: TransmitRound, tally: Tally): void {
  const queue = world.device.inspect.host.txQueue(round.queue);
  builds.call('fillAlloc', queue, round.budget);
  for (let packet = 0; packet < round.packets; packet++) {
    const entries = world.take('alloc', round.queue, round.lengths.length);
    describeChain(world, entries, round);
    world.put('tx', round.queue, entries.slice(0, 1));
  }
  for (const plant of round.plants) world.plant(plant);
  const { port } = world.device.inspect.host;
  for (let left = builds.call('txWaiting', queue, round.budget) ?? 0; left > 0;) {
    const count = builds.call('fetchBurst', queue, Math.min(left, round.burst))!;
    for (let taken = 0; taken < count;) {
      const slots = builds.call('drainBurst', queue, taken, count)!;
      const good = loadHostPortFrameCount(port);
      tally.forwarded += good;
      tally.refused += slots - good;
      taken += slots;
      if (round.reflected) builds.call('deliverFrames', port, loadHostPortFrames(port), good);
    }
    left -= count;
  }
}

function receive(builds: Builds, world: HostWorld, round: ReceiveRound, tally: Tally): void {
  const { host } = world.device.inspect;
  for (const { bytes, tagged, ip, fill } of round.frames) {
    const content = new Uint8Array(FRAME_BYTES).fill(fill);
    content.set([...(tagged ? [0x81, 0, 0, 5] : []), ...(ip ? [8, 0, 0x45] : [])], 12);
    writeBytes(world.frame, content);
    builds.call('deliverFrame', host.port, world.frame, bytes);
  }
  const queue = host.rxQueue(round.queue);
  builds.call('flushRx', queue);
  const entries = world.take('rx', round.queue, round.taken);
  tally.delivered += entries.length;
  world.put('free', round.queue, entries);
  for (const plant of round.plants) world.plant(plant);
  builds.call('rxWaiting', queue);
  builds.call('takeFree', queue, round.budget);
  builds.call('observeRx', queue);
}

function play(builds: Builds, world: HostWorld, round: Round, tally: Tally): void {
  if (round.kind === 'transmit') transmit(builds, world, round, tally);
  else if (round.kind === 'receive') receive(builds, world, round, tally);
  else {
    builds.call('reclaimTx', world.device.inspect.host.txQueue(round.queue));
    builds.call('reclaimRx', world.device.inspect.host.rxQueue(round.queue));
  }
}

describe('device: rings, both builds', () => {
  let builds: Builds;

  before(() => {
    builds = loopBuilds('emulator');
  });
  beforeEach(() => void actAs(ACTOR_HOST));
  afterEach(() => void actAs(ACTOR_DRIVER));

  it('find buffers identically, also across a 4 GiB boundary', () => {
    let found = 0;
    let crossed = 0;
    fc.assert(
      fc.property(hostOptions, extreme32, extreme32, fc.constantFrom(-64, -1, 0, 1), (options, lo, hi, beside) => {
        const { host } = new HostWorld(options).device.inspect;
        builds.call('lesser', lo, hi);
        builds.call('bufferAt', host.port, lo, hi);
        const { va } = host.run('pool0');
        for (let index = 0; index <= options.buffers[0]; index++)
          for (const step of [0, beside]) {
            const at = va + BigInt(DESC_BYTES + host.bufferStride * index + step);
            if (builds.call('bufferAt', host.port, low32(at), high32(at)) === 0) continue;
            found += 1;
            crossed += high32(at) === high32(va) ? 0 : 1;
          }
      }),
      { numRuns: 40 },
    );
    expect(found).to.be.greaterThan(100);
    expect(crossed).to.be.greaterThan(0);
  });

  it('serve a guest identically, whatever it overwrites', () => {
    const tally: Tally = { forwarded: 0, refused: 0, delivered: 0 };
    fc.assert(
      fc.property(hostOptions, rounds, (options, played) => {
        const world = new HostWorld(options);
        for (const round of played) play(builds, world, round, tally);
      }),
      { numRuns: 200 },
    );
    expect(tally.forwarded).to.be.greaterThan(50);
    expect(tally.refused).to.be.greaterThan(10);
    expect(tally.delivered).to.be.greaterThan(30);
  });
});
