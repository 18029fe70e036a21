import { expect } from 'chai';
import fc from 'fast-check';
import * as mem from '#mem';
import { allocate, resetArena } from '../../../shared/arena';
import { BOTH } from '../../../shared/loops/rights';
import { type Builds, loopBuilds } from './builds';

const MAC_BYTES = 12;
const FRAME_BYTES = 160;

/** Usually one of the bytes that real headers have there, otherwise any byte. */
function byte(...usual: number[]): fc.Arbitrary<number> {
  return fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...usual) }, { weight: 1, arbitrary: fc.nat({ max: 255 }) });
}

const rest = fc.uint8Array({ minLength: FRAME_BYTES, maxLength: FRAME_BYTES });
const tags = fc.array(fc.constantFrom([0x81, 0, 0, 7], [0x88, 0xa8, 0xff, 0xff]), { maxLength: 3 });

const ipv4 = fc
  .tuple(byte(0x45, 0x46, 0x4f), byte(6, 17), fc.constantFrom(0, 0x20, 0x40, 0x1f), rest)
  .map(([version, protocol, fragment, bytes]) => {
    const packet = [0x08, 0, version, ...bytes];
    packet[2 + 6] = fragment;
    packet[2 + 7] = 0;
    packet[2 + 9] = protocol;
    return packet;
  });

const ipv6 = fc
  .tuple(byte(0x60), fc.array(fc.tuple(byte(0, 43, 60, 6, 17), byte(0, 1)), { minLength: 1, maxLength: 4 }), rest)
  .map(([version, [first, ...extensions], bytes]) => {
    const packet = [0x86, 0xdd, version, ...bytes];
    packet[2 + 6] = first![0];
    let at = 2 + 40;
    for (const [next, units] of extensions) {
      packet[at] = next;
      packet[at + 1] = units;
      at += (units + 1) * 8;
    }
    return packet;
  });

describe('device: flow hash, both builds', () => {
  let builds: Builds;

  before(() => {
    builds = loopBuilds('emulator');
  });

  it('hash identically, also truncated frames and extension headers', () => {
    let hashed = 0;
    fc.assert(
      fc.property(
        tags,
        fc.oneof(
          ipv4,
          ipv6,
          rest.map((bytes) => [...bytes]),
        ),
        fc.nat({ max: FRAME_BYTES }),
        fc.boolean(),
        (tag, packet, cut, whole) => {
          resetArena();
          const bytes = [...Array<number>(MAC_BYTES).fill(2), ...tag.flat(), ...packet].slice(0, FRAME_BYTES);
          const frame = allocate(bytes.length, { rights: BOTH, label: 'frame' });
          mem.writeBytes(frame, Uint8Array.from(bytes));
          hashed += builds.call('flowHash', frame, whole ? bytes.length : Math.min(cut, bytes.length)) === 0 ? 0 : 1;
        },
      ),
      { numRuns: 1_000 },
    );
    expect(hashed).to.be.greaterThan(100);
  });
});
