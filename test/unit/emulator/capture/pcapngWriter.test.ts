import { expect } from 'chai';
import fc from 'fast-check';
import { UsageError } from '../../../../shared/errors';
import { MAX_FRAME_LENGTH, PcapngWriter, readCapture } from '../../../../emulator/capture';

const text = fc.string({ unit: 'binary', maxLength: 20 });

const frameOf = fc.record({
  interfaceIndex: fc.nat(),
  timeNs: fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }),
  bytes: fc.uint8Array({ maxLength: 70 }),
  comments: fc.array(text, { maxLength: 3 }),
});

describe('pcapng writer', () => {
  it('writes what the reader reads', () => {
    const namesOf = fc.array(text, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(namesOf, fc.array(frameOf, { maxLength: 8 }), (names, drawn) => {
        const frames = drawn.map((frame) => ({
          ...frame,
          interfaceIndex: frame.interfaceIndex % names.length,
          originalLength: frame.bytes.length,
        }));
        const writer = new PcapngWriter();
        names.forEach((name, index) => expect(writer.addInterface(name)).to.equal(index));
        for (const { interfaceIndex, timeNs, bytes, comments } of frames) {
          writer.writeFrame(interfaceIndex, timeNs, bytes, comments);
        }
        const interfaces = names.map((name) => ({ name }));
        expect(readCapture(writer.toBytes(), 'x.cap')).to.deep.equal({ interfaces, frames });
      }),
    );
  });

  it('accepts interfaces between frames', () => {
    const writer = new PcapngWriter();
    writer.writeFrame(writer.addInterface('a'), 1n, Uint8Array.of(1));
    writer.writeFrame(writer.addInterface('b'), 2n, Uint8Array.of(2));
    const { frames } = readCapture(writer.toBytes(), 'x.cap');
    expect(frames.map(({ interfaceIndex, bytes }) => [interfaceIndex, bytes[0]])).to.deep.equal([
      [0, 1],
      [1, 2],
    ]);
  });

  it('copies a frame when it is written', () => {
    const writer = new PcapngWriter();
    const bytes = Uint8Array.of(1, 2, 3);
    writer.writeFrame(writer.addInterface('a'), 1n, bytes);
    bytes.fill(9);
    expect(readCapture(writer.toBytes(), 'x.cap').frames[0]?.bytes).to.deep.equal(Uint8Array.of(1, 2, 3));
  });

  it('writes the bytes of the format', () => {
    const writer = new PcapngWriter();
    writer.writeFrame(writer.addInterface('h0'), 0x1_0000_0002n, Uint8Array.of(1, 2, 3, 4, 5), ['é']);
    const words = [
      // Section header, application, end of options.
      '0a0d0d0a 34000000 4d3c2b1a 01000000 ffffffff ffffffff',
      '04000d00 6176702d 74657374 62656e63 68000000 00000000 34000000',
      // Interface: Ethernet, no snapshot length, name, nanosecond resolution.
      '01000000 28000000 01000000 00000000 02000200 68300000 09000100 09000000 00000000 28000000',
      // Packet: interface, high and low half of the time, two lengths, data, comment of two bytes.
      '06000000 34000000 00000000 01000000 02000000 05000000 05000000 01020304 05000000',
      '01000200 c3a90000 00000000 34000000',
    ];
    expect(Buffer.from(writer.toBytes()).toString('hex')).to.equal(words.join('').replaceAll(' ', ''));
  });

  it('refuses what the file cannot hold, and then writes nothing', () => {
    const writer = new PcapngWriter();
    const none = new Uint8Array(0);
    const refuse = (message: string, ...frame: Parameters<PcapngWriter['writeFrame']>): void => {
      expect(() => {
        writer.writeFrame(...frame);
      }).to.throw(UsageError, message);
    };
    refuse('no interface 0', 0, 0n, none);
    writer.addInterface('a');
    const before = writer.toBytes();
    for (const index of [1, -1, 0.5, NaN]) {
      refuse(`no interface ${index}`, index, 0n, none);
    }
    refuse('frame time -1 ns', 0, -1n, none);
    refuse('frame time 18446744073709551616 ns', 0, 1n << 64n, none);
    refuse('frame of 262145 bytes', 0, 0n, new Uint8Array(MAX_FRAME_LENGTH + 1));
    refuse('text of 65536 bytes', 0, 0n, none, ['é'.repeat(32_768)]);
    expect(() => writer.addInterface('x'.repeat(65_536))).to.throw(UsageError, 'text of 65536 bytes');
    expect(writer.toBytes()).to.deep.equal(before);
  });
});
