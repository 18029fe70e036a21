import { expect } from 'chai';
import fc from 'fast-check';
import { CaptureError, PcapngWriter, readCapture } from '../../../../emulator/capture';
import {
  BIG,
  describeInterface,
  enhanced,
  LITTLE,
  obsolete,
  option,
  pcapHeader,
  pcapRecord,
  section,
  simple,
} from './build';

const FRAME = Buffer.from('0200000000020200000000010800abcdef', 'hex');

const FILES: readonly Buffer[] = [
  Buffer.concat([pcapHeader(LITTLE), pcapRecord(LITTLE, [1, 2], FRAME), pcapRecord(LITTLE, [3, 4], FRAME)]),
  Buffer.concat([pcapHeader(BIG, 0xa1b23c4d), pcapRecord(BIG, [1, 2], FRAME), pcapRecord(BIG, [3, 4], FRAME)]),
  Buffer.concat([
    section(BIG),
    describeInterface(BIG, [option(BIG, 9, Buffer.of(0x83)), option(BIG, 14, BIG.u64(-5n))]),
    enhanced(BIG, 0, 1n << 40n, FRAME, [option(BIG, 1, Buffer.from('note'))]),
    section(LITTLE),
    describeInterface(LITTLE, [option(LITTLE, 2, Buffer.from('eth0'))], 9),
    obsolete(LITTLE, 0, 1n, FRAME, [option(LITTLE, 2, LITTLE.u32(0))]),
    simple(LITTLE, 60, FRAME),
  ]),
  written(),
];

function written(): Buffer {
  const writer = new PcapngWriter();
  writer.writeFrame(writer.addInterface('a'), 1n, FRAME, ['note', 'mehr']);
  return Buffer.from(writer.toBytes());
}

/** Reads hostile bytes. Expects either a CaptureError or frames that fit into the file. */
function readOrRefuse(bytes: Uint8Array): void {
  let frames;
  let interfaces;
  try {
    ({ frames, interfaces } = readCapture(bytes, 'x.cap'));
  } catch (error) {
    expect(error).to.be.instanceOf(CaptureError);
    expect((error as CaptureError).message).to.match(/^x\.cap[^\n]*$/);
    return;
  }
  const total = frames.reduce((sum, frame) => sum + frame.bytes.length, 0);
  expect(total).to.be.at.most(bytes.length);
  for (const frame of frames) {
    expect(frame.originalLength).to.be.at.least(frame.bytes.length);
    expect(frame.interfaceIndex).to.be.within(0, interfaces.length - 1);
  }
}

/** Extreme values of length and count fields, and others. */
const word = fc.oneof(
  fc.constantFrom(0, 1, 3, 4, 8, 12, 0x7fff_ffff, 0x8000_0000, 0xffff_fffc, 0xffff_ffff, 0x0400_0000, 0x0a0d_0d0a),
  fc.integer({ min: 0, max: 0xffff_ffff }),
);

describe('capture reader, given hostile files', () => {
  it('reads or refuses each prefix of a good file', () => {
    for (const file of FILES) {
      for (let length = 0; length <= file.length; length++) {
        readOrRefuse(file.subarray(0, length));
      }
    }
  });

  it('reads or refuses a good file with any one byte changed', () => {
    for (const file of FILES) {
      for (let offset = 0; offset < file.length; offset++) {
        for (const value of [0, 1, 0x7f, 0x80, 0xff, file.readUInt8(offset) ^ 1]) {
          const changed = Buffer.from(file);
          changed.writeUInt8(value, offset);
          readOrRefuse(changed);
        }
      }
    }
  });

  it('reads or refuses good files with words changed, parts dropped, and parts joined', () => {
    const edit = fc.record({ at: fc.nat(), value: word });
    const range = fc.tuple(fc.nat(), fc.nat());
    fc.assert(
      fc.property(
        fc.constantFrom(...FILES),
        fc.constantFrom(...FILES),
        fc.array(edit, { maxLength: 4 }),
        range,
        (first, second, edits, [from, to]) => {
          const changed = Buffer.concat([first, second.subarray(from % second.length, to % second.length)]);
          for (const { at, value } of edits) {
            changed.writeUInt32LE(value, Math.floor((at % (changed.length - 3)) / 4) * 4);
          }
          readOrRefuse(changed);
        },
      ),
      { numRuns: 5000 },
    );
  });

  it('reads or refuses random bytes, with and without a good start', () => {
    const described = Buffer.concat([section(LITTLE), describeInterface(LITTLE)]);
    const starts = [Buffer.alloc(0), pcapHeader(LITTLE), section(BIG), described];
    fc.assert(
      fc.property(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 200 }), (start, rest) => {
        readOrRefuse(Buffer.concat([start, rest]));
      }),
      { numRuns: 5000 },
    );
  });
});
