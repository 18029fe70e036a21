import * as mem from '#mem';
import { expect } from 'chai';
import fc from 'fast-check';
import { mbufFree, mbufFromBytes, MbufView } from '../../../driver';
import { asHost } from '../../../shared/actors';
import * as abi from '../../../shared/loops/layout';
import { Random } from '../../../shared/random';
import { store64 } from '../../../shared/u64';
import { frame, pieces, started, type Bench } from '../../unit/driver/build';

const out = new Uint32Array(64);
const view = new MbufView();

/** The length of a frame, and the lengths of the one to five host buffers that hold it. */
const chain = (mbufSize: number): fc.Arbitrary<{ bytes: number; cuts: number[] }> =>
  fc
    .array(fc.integer({ min: 1, max: mbufSize }), { minLength: 1, maxLength: 5 })
    .map((cuts) => ({ cuts, bytes: cuts.reduce((sum, cut) => sum + cut, 0) }));

function dropped(bench: Bench, prefix: string): number {
  const entries = Object.entries(bench.port.xstatsGet()).filter(([name]) => name.startsWith(prefix));
  return entries.reduce(
    (sum, [name, value]) => (/_(dropped_\w+|no_mbuf|filtered_mac)$/.test(name) ? sum + value : sum),
    0,
  );
}

describe('driver: bursts over random traffic', () => {
  it('delivers every legal chain unchanged, counts every other one as dropped, and returns all buffers', () => {
    const shape = fc.constantFrom(64, 100, 512, 2_048).chain((mbufSize) =>
      fc.record({
        mbufSize: fc.constant(mbufSize),
        room: fc.integer({ min: 64, max: 4_000 }),
        packets: fc.array(chain(mbufSize), { minLength: 1, maxLength: 12 }),
        max: fc.integer({ min: 1, max: 64 }),
      }),
    );
    fc.assert(
      fc.property(shape, ({ mbufSize, room, packets, max }) => {
        const bench = started({ mbufSize, dataRoomBytes: 128 + room });
        const frames = packets.map(({ bytes }, i) => frame(bytes, i));
        const given = frames.map((bytes, i) => bench.host.receive(0, pieces(bytes, ...packets[i]!.cuts)));
        const legal = frames.filter(
          (bytes) => bytes.length >= 14 && bytes.length <= 9_238 && Math.ceil(bytes.length / room) <= 5,
        );
        const received: Uint8Array[] = [];
        const returned: bigint[] = [];
        while (returned.length < given.length) {
          const count = bench.port.rxBurst(0, out, max);
          for (const mbuf of out.subarray(0, count)) {
            received.push(new Uint8Array(view.at(mbuf).data()));
            expect(view.nbSegs).to.equal(Math.ceil(view.pktLen / room));
            mbufFree(mbuf);
          }
          returned.push(...bench.host.drain('free', 0));
        }
        expect(received).to.deep.equal(legal);
        expect(returned).to.deep.equal(given);
        expect(dropped(bench, 'rx_q0')).to.equal(frames.length - legal.length);
        expect(bench.pool.available).to.equal(bench.pool.size);
      }),
      { numRuns: 40 },
    );
  }).timeout(20_000);

  it('returns every entry and counts every packet when descriptors hold random values', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = new Random(seed);
        const bench = started();
        const entries = random.between(1, 40);
        for (let i = 0; i < entries; i++) {
          const first = bench.host.receive(0, [{ bytes: random.bytes(random.between(1, 200)) }]);
          asHost(() => spoil(bench, bench.host.descAt(first)!.address, random));
        }
        const delivered = bench.port.rxBurst(0, out, 64);
        for (const mbuf of out.subarray(0, delivered)) {
          expect(view.at(mbuf).data()).to.have.length(view.pktLen);
          expect(view.pktLen).to.be.within(14, 9_238);
          mbufFree(mbuf);
        }
        expect(bench.host.drain('free', 0)).to.have.length(entries);
        expect(delivered + dropped(bench, 'rx_q0')).to.equal(entries);
        expect(bench.pool.available).to.equal(bench.pool.size);
      }),
      { numRuns: 40 },
    );
  }).timeout(20_000);

  it("sends every legal packet unchanged: attempted = sent + dropped + still the caller's", () => {
    const shape = fc.record({
      mbufSize: fc.constantFrom(64, 300, 2_048),
      fifoLen: fc.constantFrom(2, 4, 16, 64),
      packets: fc.array(
        fc.record({ bytes: fc.oneof(fc.nat(200), fc.nat(11_000)), segmentBytes: fc.integer({ min: 20, max: 4_000 }) }),
        { minLength: 1, maxLength: 20 },
      ),
    });
    fc.assert(
      fc.property(shape, ({ mbufSize, fifoLen, packets }) => {
        const bench = started({ mbufSize, fifoLen, mbufs: 2_500, dataRoomBytes: 128 + 1_000 });
        const mbufs = Uint32Array.from(packets, ({ bytes, segmentBytes }, i) =>
          mbufFromBytes(bench.pool, frame(bytes, i), { segmentBytes }),
        );
        expect([...mbufs]).not.to.include(0);
        const sendable = (bytes: number): boolean => bytes >= 14 && bytes <= mbufSize * Math.min(5, fifoLen - 1);
        const received: Uint8Array[] = [];
        let done = 0;
        for (let round = 0; round < 200 && done < mbufs.length; round++) {
          bench.host.refill(true);
          done += bench.port.txBurst(0, mbufs.subarray(done), mbufs.length - done);
          received.push(...bench.host.sent(0).map((one) => one.bytes));
          expect(bench.port.statsGet().opackets + dropped(bench, 'tx_q0') + mbufs.length - done).to.equal(mbufs.length);
        }
        expect(done).to.equal(mbufs.length);
        expect(received).to.deep.equal(
          packets.map(({ bytes }, i) => frame(bytes, i)).filter((bytes) => sendable(bytes.length)),
        );
        expect(bench.pool.available).to.equal(bench.pool.size);
      }),
      { numRuns: 40 },
    );
  }).timeout(20_000);

  it('writes only into packet buffers, whatever addresses the alloc FIFO holds', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = new Random(seed);
        const bench = started();
        const usable = bench.host.descs.slice(0, 20);
        for (const desc of usable) {
          const kind = random.below(4);
          asHost(() => kind === 0 && store64(desc.address + abi.DESC_DATA, random.u64()));
          bench.host.push(
            'alloc',
            0,
            kind === 1 ? random.u64() : kind === 2 ? desc.va + BigInt(random.between(1, 63)) : desc.va,
          );
        }
        const packets = Array.from({ length: 5 }, (_unused, i) =>
          mbufFromBytes(bench.pool, frame(random.between(14, 4_000), i)),
        );
        const taken = bench.port.txBurst(0, Uint32Array.from(packets), 5);
        packets.slice(taken).forEach(mbufFree);
        expect(bench.host.drain('tx', 0)).to.have.length(bench.port.statsGet().opackets);
        expect(bench.port.statsGet()).to.include({ opackets: taken, oerrors: 0 });
        expect(bench.pool.available).to.equal(bench.pool.size);
      }),
      { numRuns: 40 },
    );
  }).timeout(20_000);
});

/** Overwrites one to three fields of a descriptor with extreme or random values. */
function spoil(bench: Bench, desc: number, random: Random): void {
  const anyVa = (): bigint =>
    random.pick([0n, 1n, random.u64(), bench.host.descs[random.below(96)]!.va, bench.host.descs[0]!.va - 64n]);
  const fields: readonly (() => void)[] = [
    () => store64(desc + abi.DESC_NEXT, anyVa()),
    () => store64(desc + abi.DESC_DATA, anyVa()),
    () => abi.storeDescDataLen(desc, random.pick([0, 1, 2_048, 2_049, 0xffff])),
    () => abi.storeDescNbSegs(desc, random.below(256)),
    () => abi.storeDescPktLen(desc, random.pick([0, 13, 14, 60, 0xffff, random.below(0x1_0000)])),
    () => mem.writeBytes(desc, random.bytes(abi.DESC_BYTES)),
  ];
  for (let times = random.between(1, 3); times > 0; times--) random.pick(fields)();
}
