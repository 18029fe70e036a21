import { writeBytes } from '#mem';
import { expect } from 'chai';
import fc from 'fast-check';
import { allocate, release, resetArena } from '../../../../shared/arena';
import { BOTH } from '../../../../shared/loops/rights';
import { flowHash } from '../../../../emulator/device/loops/flowHash';
import { ethernet, ipv4, ipv6, ipv6Extension, ports, tag } from '../../../unit/emulator/device/toeplitzPackets';

const KEY = 0x6d5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b477cb2da38030f20c6a42b73bbeac01fan;

/** The definition: the XOR, over all input bits that are set, of the 32 key bits that start at the same position. */
function reference(input: Uint8Array): number {
  let hash = 0n;
  for (let bit = 0; bit < input.length * 8; bit++)
    if ((input[bit >>> 3]! & (0x80 >>> (bit & 7))) !== 0) hash ^= (KEY >> BigInt(320 - 32 - bit)) & 0xffff_ffffn;
  return Number(hash);
}

/** Hashes a frame that ends exactly where its allocation ends, so that the watched build catches a read beyond it. */
function hashOf(frame: Uint8Array, misalignment = 0): number {
  const start = allocate(misalignment + Math.max(1, frame.length), { rights: BOTH, label: 'frame' });
  writeBytes(start + misalignment, frame);
  const hash = flowHash(start + misalignment, frame.length);
  release(start);
  return hash;
}

const bytes = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
const port = fc.nat({ max: 0xffff });
const tags = fc.array(fc.tuple(fc.constantFrom(0x8100, 0x88a8), port), { maxLength: 2 });

function wrap(type: number, packet: Uint8Array, around: readonly (readonly [number, number])[]): Uint8Array {
  let outer = type;
  let payload = packet;
  for (const [kind, tci] of [...around].reverse()) {
    payload = tag(tci, outer, payload);
    outer = kind;
  }
  return ethernet(outer, payload);
}

describe('property: Toeplitz hash', () => {
  beforeEach(() => resetArena());

  it('follows the definition over addresses and ports of any TCP or UDP packet', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        bytes(32),
        port,
        port,
        fc.constantFrom(6, 17),
        tags,
        fc.nat({ max: 10 }),
        fc.nat({ max: 8 }),
        fc.nat({ max: 3 }),
        (six, addresses, from, to, protocol, around, options, extensions, misalignment) => {
          const segment = ports(from, to);
          let packet: Uint8Array;
          if (six) {
            let rest = segment;
            for (let left = extensions, next: number = protocol; left > 0; left--, next = 60)
              rest = ipv6Extension(next, 8 * left, rest);
            packet = ipv6({ source: '::', destination: '::', next: extensions > 0 ? 60 : protocol, payload: rest });
            packet.set(addresses, 8);
          } else {
            const padding = new Uint8Array(options * 4).fill(1);
            packet = ipv4({ source: '0.0.0.0', destination: '0.0.0.0', protocol, payload: segment, options: padding });
            packet.set(addresses.subarray(0, 8), 12);
          }
          const hashed = Buffer.concat([six ? addresses : addresses.subarray(0, 8), segment]);
          expect(hashOf(wrap(six ? 0x86dd : 0x0800, packet, around), misalignment)).to.equal(reference(hashed));
        },
      ),
      { numRuns: 400 },
    );
  });

  it('never reads outside a frame, whatever the frame holds', () => {
    const type = fc.constantFrom(0x0800, 0x86dd, 0x8100, 0x88a8);
    const start = fc.constantFrom(0x45, 0x46, 0x4f, 0x40, 0x60, 0x6f);
    // Few different values, so that chains of extension headers of all kinds occur.
    const field = fc.oneof(fc.constantFrom(0, 6, 17, 43, 44, 60, 255), fc.nat({ max: 255 }));
    const body = fc.array(field, { maxLength: 120 }).map((values) => Uint8Array.from(values));
    fc.assert(
      fc.property(type, start, body, tags, (kind, first, rest, around) => {
        const frame = wrap(kind, Uint8Array.from([first, ...rest]), around);
        const hash = hashOf(frame);
        expect(hash).to.be.within(0, 0xffff_ffff);
        expect(Number.isInteger(hash)).to.equal(true);
      }),
      { numRuns: 1_500 },
    );
  });
});
