import { expect } from 'chai';
import fc from 'fast-check';
import type { AvpDeviceSettings, DeepPartial } from '../../../../emulator/device/settings';
import * as abi from '../../../../shared/loops/layout';
import { load64 } from '../../../../shared/u64';
import { frame, makeBench, type Bench } from '../../../unit/emulator/device/bench';

const FOUR_GIB = 0x1_0000_0000n;

const slots = fc.integer({ min: 1, max: 6 }).map((exponent) => 2 ** exponent);
const stride = fc.constantFrom(0, 528, 1_000, 4_096);

/** Device settings of all kinds, small enough for a quick test. */
const settings: fc.Arbitrary<DeepPartial<AvpDeviceSettings>> = fc
  .record({
    pools: fc.array(fc.record({ buffers: fc.integer({ min: 12, max: 40 }) }), { minLength: 1, maxLength: 8 }),
    mbufSize: fc.integer({ min: 1_900, max: 5_000 }),
    dataGapBytes: fc.integer({ min: 0, max: 300 }),
    dataGap: fc.constantFrom('fixed' as const, 'varied' as const),
    canaryBytes: fc.integer({ min: 0, max: 100 }),
    fifoSlots: fc.record({
      tx: slots,
      rx: slots,
      alloc: slots.map((n) => 4 * n),
      free: slots,
      req: slots,
      resp: slots,
    }),
    fifoStrideBytes: fc.record({ tx: stride, rx: stride, free: stride }),
    rxQueues: fc.record({ min: fc.constant(1), max: fc.integer({ min: 1, max: 12 }) }),
    txQueues: fc.record({ min: fc.constant(1), max: fc.integer({ min: 1, max: 12 }) }),
    layout: fc.record({
      segments: fc.oneof({ weight: 6, arbitrary: fc.integer({ min: 8, max: 60 }) }, fc.constantFrom(8, 600, 2_048)),
      order: fc.constantFrom('listed' as const, 'shuffled' as const),
      gaps: fc.boolean(),
      nearFourGiB: fc.boolean(),
      offsets: fc.constantFrom('same' as const, 'different' as const),
      seed: fc.integer(),
    }),
  })
  .map((one) =>
    one.layout.offsets === 'same' && one.layout.segments === 8
      ? { ...one, layout: { ...one.layout, segments: 1 } }
      : one,
  );

interface Range {
  readonly from: bigint;
  readonly to: bigint;
}

function expectDisjoint(ranges: readonly Range[], what: string): void {
  const sorted = [...ranges].sort((a, b) => (a.from < b.from ? -1 : 1));
  for (let i = 1; i < sorted.length; i++)
    if (sorted[i]!.from < sorted[i - 1]!.to)
      expect.fail(`${what}: segments overlap at ${sorted[i]!.from.toString(16)}`);
}

/** Checks the guarantees of section 4 about the memory map. */
function expectMap({ device, guest }: Bench): void {
  const { segments } = device.inspect.host.plan;
  expect(abi.loadMemmapInfoNbMaps(guest.memmap)).to.equal(segments.length);
  expect(segments.length).to.equal(device.settings.layout.segments);
  let total = 0;
  for (const { bytes, phys, va } of segments) {
    expect([bytes % 4_096, phys % 4_096n, va % 4_096n]).to.deep.equal([0, 0n, 0n]);
    expect(bytes).to.be.greaterThan(0);
    total += bytes;
  }
  expect(total).to.be.at.most(device.function.barBytes(2));
  const ranges = (at: 'va' | 'phys'): Range[] =>
    segments.map((one) => ({ from: one[at], to: one[at] + BigInt(one.bytes) }));
  expectDisjoint(ranges('va'), 'virtual');
  expectDisjoint(ranges('phys'), 'physical');
}

/** Expects that every run is contiguous in BAR 2, however many segments it spans. */
function expectRuns({ device, guest }: Bench): void {
  for (const run of device.inspect.host.plan.runs.values()) {
    const start = guest.translate(run.phys);
    expect(start).to.equal(device.inspect.host.address(run.name));
    for (let at = 4_096 - Number(run.phys % 4_096n); at < run.bytes; at += 4_096)
      if (guest.translate(run.phys + BigInt(at)) !== start + at) expect.fail(`${run.name} breaks at ${at}`);
  }
}

function expectPools({ device, guest }: Bench): void {
  const pools = device.settings.pools.map((_pool, index) => device.inspect.host.run(`pool${index}`));
  const single = pools.every(({ va, name }) => guest.pairPointer(va) === device.inspect.host.address(name));
  expect(single).to.equal(pools.length === 1 || device.settings.layout.offsets === 'same');
  for (const { va, phys, name } of pools) {
    expect([va % 64n, phys % 64n]).to.deep.equal([0n, 0n]);
    expect(guest.pointer(va)).to.equal(device.inspect.host.address(name));
  }
  if (!device.settings.layout.nearFourGiB) return;
  const first = pools[0]!;
  for (const base of [first.va, first.phys])
    expect(base / FOUR_GIB).to.not.equal((base + BigInt(first.bytes)) / FOUR_GIB);
}

function expectTraffic({ device, guest, deliver, sent }: Bench): void {
  const { pools, rxQueues, txQueues } = device.settings;
  // The alloc FIFO of each transmit queue takes buffers: with too many queues, none would be left for rx.
  const enough = Math.max(1, Math.floor(pools.reduce((sum, pool) => sum + pool.buffers, 0) / 12));
  const queues = { rxQueues: rxQueues.max, txQueues: Math.min(txQueues.max, enough) };
  expect(guest.configure(queues)).to.equal(0);
  for (let round = 0; round < 12; round++) {
    const length = [60, 2_500, 5_000][round % 3]!;
    deliver(frame(length, round));
    device.step();
    const packet = guest.receiveAndFree();
    if (packet !== null) expect(Buffer.from(packet.bytes).equals(frame(length, round))).to.equal(true);
    else expect(device.inspect.stats().toGuest.dropped['noBuffers']).to.be.greaterThan(0);
    const queue = round % queues.txQueues;
    if (guest.filled('alloc', queue) < 4) continue;
    sent.length = 0;
    const [buffer] = guest.transmit(frame(length, round + 50), { queue });
    expect(load64(guest.pointer(buffer!) + abi.DESC_PKT_MBUF)).to.equal(buffer);
    device.step();
    expect(sent.map((one) => Buffer.from(one).equals(frame(length, round + 50)))).to.deep.equal([true]);
  }
  expect(device.inspect.stats().toGuest.delivered + device.inspect.stats().fromGuest.forwarded).to.be.greaterThan(3);
  expect(device.inspect.brokenCanaries()).to.deep.equal([]);
}

describe('device memory with any layout', () => {
  it('can be translated as section 4 says, and carries traffic', () => {
    fc.assert(
      fc.property(settings, (some) => {
        const bench = makeBench(some);
        expectMap(bench);
        expectRuns(bench);
        expectPools(bench);
        expectTraffic(bench);
      }),
      { numRuns: 40 },
    );
  });
});
