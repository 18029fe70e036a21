import { expect } from 'chai';
import fc from 'fast-check';
import { vlanTciOf, withVlanTag, withoutVlanTag } from '../../../../shared/ethernet';
import * as abi from '../../../../shared/loops/layout';
import { frame, makeBench, type Bench } from '../../../unit/emulator/device/bench';

const length = fc.oneof(
  fc.integer({ min: 0, max: 9_300 }),
  fc.constantFrom(0, 13, 14, 17, 18, 64, 320, 321, 1_000, 1_004, 9_238, 9_239, 9_242, 9_243),
);

/** A frame with or without a VLAN tag; `length` excludes the tag. */
const packet = fc.record({
  length,
  tci: fc.option(fc.integer({ min: 0, max: 0xffff }), { freq: 2 }),
  seed: fc.nat(250),
});
type Packet = typeof packet extends fc.Arbitrary<infer T> ? T : never;

const host = fc.record({
  mbufSize: fc.oneof(fc.integer({ min: 64, max: 3_000 }), fc.constantFrom(64, 65, 2_048, 65_535)),
  maxRxPacketBytes: fc.constantFrom(1_000, 9_238),
  segmentPercent: fc.integer({ min: 0, max: 100 }),
  features: fc.nat(1),
  poisonAlloc: fc.boolean(),
});
type Host = typeof host extends fc.Arbitrary<infer T> ? T : never;

function make({ mbufSize, maxRxPacketBytes, segmentPercent, features, poisonAlloc }: Host): Bench {
  const rxSegmentBytes = Math.floor((mbufSize * segmentPercent) / 100);
  const bench = makeBench({
    mbufSize,
    maxRxPacketBytes,
    rxSegmentBytes,
    poisonAlloc,
    pools: [{ buffers: 24 }],
    canaryBytes: 32,
  });
  expect(bench.guest.configure({ features })).to.equal(0);
  return bench;
}

function bytesOf({ length: bytes, tci, seed }: Packet): Uint8Array {
  const plain = frame(bytes, seed);
  return tci === null || bytes < 12 ? plain : withVlanTag(plain, tci);
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('packets through the device', () => {
  it('reach the guest unchanged, with the tag in the descriptor if VLAN offload was negotiated, or are counted as dropped by the right cause', () => {
    fc.assert(
      fc.property(host, fc.array(packet, { minLength: 1, maxLength: 12 }), (settings, packets) => {
        const { device, guest, deliver } = make(settings);
        for (const one of packets) {
          const sent = bytesOf(one);
          const tci = vlanTciOf(sent);
          const stripped = settings.features === 1 && tci !== null && sent.length >= 18;
          const due = stripped ? withoutVlanTag(sent) : sent;
          const before = device.inspect.stats().toGuest.dropped;
          deliver(sent);
          device.step();
          const cause =
            sent.length < 14
              ? 'tooShort'
              : due.length > settings.maxRxPacketBytes
                ? 'tooLong'
                : due.length > 5 * settings.mbufSize
                  ? 'tooManySegments'
                  : null;
          const got = guest.receiveAndFree();
          if (cause !== null) {
            expect(got).to.equal(null);
            expect(device.inspect.stats().toGuest.dropped[cause]).to.equal(before[cause] + 1);
            continue;
          }
          expect(hex(got!.bytes)).to.equal(hex(due));
          expect([got!.flags, got!.tci]).to.deep.equal(stripped ? [abi.OL_RX_VLAN, tci] : [0, 0]);
          expect(got!.segments).to.equal(got!.chain.length).and.at.most(5);
        }
        device.step();
        expect(device.inspect.buffers()).to.include({ rx: 0, free: 0, guest: 0 });
        expect(device.inspect.brokenCanaries()).to.deep.equal([]);
      }),
      { numRuns: 60 },
    );
  });

  it('leave the guest unchanged, whatever the buffers held before, with a tag inserted if VLAN offload was negotiated', () => {
    fc.assert(
      fc.property(
        host,
        fc.array(fc.tuple(packet, fc.integer({ min: 1, max: 5 })), { minLength: 1, maxLength: 12 }),
        (settings, packets) => {
          const { device, guest, sent } = make(settings);
          for (const [{ length: bytes, tci, seed }, least] of packets) {
            const plain = frame(bytes, seed);
            if (bytes < 14 || bytes > 5 * settings.mbufSize || bytes > 0xffff) continue;
            sent.length = 0;
            guest.transmit(plain, tci === null ? { least } : { least, flags: abi.OL_TX_VLAN, tci });
            device.step();
            expect(sent).to.have.length(1);
            expect(hex(sent[0]!)).to.equal(
              hex(tci !== null && settings.features === 1 ? withVlanTag(plain, tci) : plain),
            );
          }
          expect(device.inspect.buffers()).to.include({ tx: 0, guest: 0 });
          expect(device.inspect.brokenCanaries()).to.deep.equal([]);
        },
      ),
      { numRuns: 60 },
    );
  });
});
