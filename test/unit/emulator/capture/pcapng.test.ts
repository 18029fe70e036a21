import { expect } from 'chai';
import { readCapture } from '../../../../emulator/capture';
import {
  BIG,
  block,
  BYTE_ORDERS,
  describeInterface,
  enhanced,
  LITTLE,
  obsolete,
  option,
  section,
  simple,
  type Fields,
} from './build';
import { refused } from './refused';

const FRAME = Buffer.from('0200000000020200000000010800abcdef', 'hex');
const END = Buffer.alloc(4);

function timeOf(f: Fields, interfaceOptions: Buffer[], units: bigint): bigint | undefined {
  const file = Buffer.concat([section(f), describeInterface(f, interfaceOptions), enhanced(f, 0, units, FRAME)]);
  return readCapture(file, 'x.cap').frames[0]?.timeNs;
}

function resolution(f: Fields, value: number): Buffer {
  return option(f, 9, Buffer.of(value));
}

describe('pcapng reader', () => {
  for (const [order, f] of BYTE_ORDERS) {
    it(`reads every kind of packet block of a ${order} section`, () => {
      const comments = [option(f, 1, Buffer.from('größer')), option(f, 1, Buffer.from('b')), END];
      const file = Buffer.concat([
        section(f),
        describeInterface(f, [option(f, 2, Buffer.from('eth0')), END]),
        describeInterface(f),
        enhanced(f, 1, 5n, FRAME, comments),
        obsolete(f, 0, 6n, FRAME, [option(f, 1, Buffer.from('old'))]),
        simple(f, FRAME.length, FRAME),
      ]);
      const { interfaces, frames } = readCapture(file, 'x.cap');
      const bytes = new Uint8Array(FRAME);
      const originalLength = FRAME.length;
      expect(interfaces).to.deep.equal([{ name: 'eth0' }, { name: null }]);
      expect(frames).to.deep.equal([
        { interfaceIndex: 1, timeNs: 5000n, bytes, originalLength, comments: ['größer', 'b'] },
        { interfaceIndex: 0, timeNs: 6000n, bytes, originalLength, comments: ['old'] },
        { interfaceIndex: 0, timeNs: 0n, bytes, originalLength, comments: [] },
      ]);
    });

    it(`reads times of all resolutions in ${order} files`, () => {
      expect(timeOf(f, [], 0x1_0000_0002n)).to.equal(0x1_0000_0002n * 1000n);
      expect(timeOf(f, [resolution(f, 9)], 0xffff_ffff_ffff_ffffn)).to.equal(0xffff_ffff_ffff_ffffn);
      expect(timeOf(f, [resolution(f, 0)], 3n)).to.equal(3_000_000_000n);
      expect(timeOf(f, [resolution(f, 12)], 1_999n)).to.equal(1n);
      expect(timeOf(f, [resolution(f, 127)], 1n)).to.equal(0n);
      expect(timeOf(f, [resolution(f, 0x80 | 1)], 3n)).to.equal(1_500_000_000n);
      expect(timeOf(f, [resolution(f, 0x80 | 32)], 1n << 33n)).to.equal(2_000_000_000n);
    });

    it(`adds the time offset in ${order} files`, () => {
      expect(timeOf(f, [option(f, 14, f.u64(10n))], 1n)).to.equal(10_000_001_000n);
      expect(timeOf(f, [option(f, 14, f.u64(-1n))], 1n)).to.equal(-999_999_000n);
    });
  }

  it('numbers interfaces across sections, each in its own byte order', () => {
    const part = (f: Fields, name: string): Buffer =>
      Buffer.concat([
        section(f),
        describeInterface(f, [option(f, 2, Buffer.from(name))]),
        enhanced(f, 0, 1n, FRAME),
        simple(f, 5, FRAME),
      ]);
    const file = Buffer.concat([part(LITTLE, 'a'), part(BIG, 'b'), part(LITTLE, 'c')]);
    const { interfaces, frames } = readCapture(file, 'x.cap');
    expect(interfaces.map(({ name }) => name)).to.deep.equal(['a', 'b', 'c']);
    expect(frames.map(({ interfaceIndex }) => interfaceIndex)).to.deep.equal([0, 0, 1, 1, 2, 2]);
    // Frames are read when they are asked for, long after the section that they are of.
    expect(frames.map(({ timeNs }) => timeNs)).to.deep.equal([1_000n, 0n, 1_000n, 0n, 1_000n, 0n]);
    expect(frames.map(({ bytes }) => bytes.length)).to.deep.equal([17, 5, 17, 5, 17, 5]);
  });

  it('does not let a section use an interface of the previous one', () => {
    const first = Buffer.concat([section(LITTLE), describeInterface(LITTLE)]);
    const file = Buffer.concat([first, section(LITTLE), enhanced(LITTLE, 0, 1n, FRAME)]);
    expect(refused(file).message).to.include('found a packet of interface 0, expected one of the 0');
  });

  it('cuts a simple packet by the snapshot length', () => {
    const packet = simple(LITTLE, 60, FRAME.subarray(0, 6));
    const file = Buffer.concat([section(LITTLE), describeInterface(LITTLE, [], 6), packet]);
    const frame = readCapture(file, 'x.cap').frames[0];
    expect(frame?.originalLength).to.equal(60);
    expect(frame?.bytes).to.deep.equal(new Uint8Array(FRAME.subarray(0, 6)));
  });

  it('skips blocks that it does not know', () => {
    const unknown = block(LITTLE, 0x0bad, Buffer.from('anything'));
    const packet = enhanced(LITTLE, 0, 1n, FRAME);
    const file = Buffer.concat([section(LITTLE), unknown, describeInterface(LITTLE), block(LITTLE, 5), packet]);
    expect(readCapture(file, 'x.cap').frames).to.have.length(1);
  });

  it('stops at the end-of-options mark', () => {
    const options = [option(LITTLE, 1, Buffer.from('a')), END, option(LITTLE, 1, Buffer.from('b'))];
    const file = Buffer.concat([section(LITTLE), describeInterface(LITTLE), enhanced(LITTLE, 0, 1n, FRAME, options)]);
    expect(readCapture(file, 'x.cap').frames[0]?.comments).to.deep.equal(['a']);
  });
});

describe('pcapng reader, given bad files', () => {
  const head = Buffer.concat([section(LITTLE), describeInterface(LITTLE)]);

  it('explains in one line that a file is cut off in the middle of a packet', () => {
    const file = Buffer.concat([head, enhanced(LITTLE, 0, 1n, FRAME)]);
    expect(refused(file.subarray(0, -1)).message).to.equal(
      `x.cap is cut off: the packet at byte ${head.length} needs 52 bytes and 51 are left; ` +
        'copy or capture the file again, whole',
    );
    expect(refused(file.subarray(0, head.length + 5)).message).to.include('is cut off: the head of the block');
  });

  it('refuses impossible block lengths', () => {
    const withLength = (length: number): Buffer =>
      Buffer.concat([head, LITTLE.u32(99), LITTLE.u32(length), Buffer.alloc(16)]);
    for (const length of [0, 8, 13]) {
      expect(refused(withLength(length)).message).to.include(`found a block of ${length} bytes`);
    }
    expect(refused(withLength(16)).message).to.include("found 0 as the block's second length, expected 16");
    expect(refused(withLength(0xffff_fffc)).message).to.include('is cut off: the block of type 0x00000063');
  });

  it('refuses blocks too short for their fields', () => {
    for (const type of [0x0a0d0d0a, 1, 2, 3, 6]) {
      const short = block(LITTLE, type, type === 0x0a0d0d0a ? LITTLE.u32(0x1a2b3c4d) : Buffer.alloc(0));
      expect(refused(Buffer.concat([head, short])).message).to.match(/with a body of [04] bytes, expected at least/);
    }
  });

  it('refuses packet data beyond its block', () => {
    const packet = enhanced(LITTLE, 0, 1n, FRAME);
    packet.writeUInt32LE(21, 20);
    packet.writeUInt32LE(21, 24);
    expect(refused(Buffer.concat([head, packet])).message).to.include('with a body of 40 bytes, expected at least 44');
    packet.writeUInt32LE(0xffff_ffff, 20);
    packet.writeUInt32LE(0xffff_ffff, 24);
    expect(refused(Buffer.concat([head, packet])).message).to.include('found a frame of 4294967295 bytes');
  });

  it('refuses simple packets without an interface or beyond their block', () => {
    expect(refused(Buffer.concat([section(LITTLE), simple(LITTLE, 4, FRAME)])).message).to.include('interface 0');
    expect(refused(Buffer.concat([head, simple(LITTLE, 60, FRAME)])).message).to.include('expected at least 64');
  });

  it('refuses options beyond their block or of a wrong length', () => {
    const long = Buffer.concat([LITTLE.u16(1), LITTLE.u16(5), Buffer.alloc(4)]);
    const packet = enhanced(LITTLE, 0, 1n, FRAME, [long]);
    expect(refused(Buffer.concat([head, packet])).message).to.include('found option 1 of 5 bytes, expected at most 4');
    for (const code of [9, 13, 14]) {
      const file = Buffer.concat([section(LITTLE), describeInterface(LITTLE, [option(LITTLE, code, Buffer.alloc(2))])]);
      expect(refused(file).message).to.include(`found option ${code} of 2 bytes`);
    }
  });

  it('refuses other link types, versions, and byte-order magics', () => {
    const wifi = describeInterface(LITTLE, [], 0, 105);
    const packet = enhanced(LITTLE, 0, 1n, FRAME);
    const found = 'found packet 1 of interface 0 with link type 105, expected link type 1 (Ethernet)';
    expect(refused(Buffer.concat([section(LITTLE), wifi, packet])).message).to.include(found);
    expect(refused(section(LITTLE, 2)).message).to.include('found pcapng version 2.0');
    const magic = section(LITTLE);
    magic.writeUInt32LE(0x11223344, 8);
    expect(refused(magic).message).to.include('expected the byte-order magic 0x1a2b3c4d');
  });

  it('refuses frames that carry a check sequence', () => {
    const onInterface = describeInterface(LITTLE, [option(LITTLE, 13, Buffer.of(4))]);
    const file = Buffer.concat([section(LITTLE), onInterface, enhanced(LITTLE, 0, 1n, FRAME)]);
    expect(refused(file).message).to.include('frame check sequence');
    const onPacket = enhanced(LITTLE, 0, 1n, FRAME, [option(LITTLE, 2, LITTLE.u32(4 << 5))]);
    expect(refused(Buffer.concat([head, onPacket])).message).to.include('frame check sequence');
  });
});
