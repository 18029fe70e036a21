import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { CaptureError, readCapture } from '../../../../emulator/capture';
import { gunzip } from '../../../../emulator/capture/gzip';
import { describeInterface, enhanced, LITTLE, pcapHeader, pcapRecord, section } from './build';
import { refused } from './refused';

const FRAME = Buffer.from('0200000000020200000000010800abcdef', 'hex');
const PCAP = Buffer.concat([pcapHeader(LITTLE), pcapRecord(LITTLE, [1, 2], FRAME)]);
const PCAPNG = Buffer.concat([section(LITTLE), describeInterface(LITTLE), enhanced(LITTLE, 0, 1n, FRAME)]);

describe('capture reader, given gzip', () => {
  for (const [format, file] of [
    ['pcap', PCAP],
    ['pcapng', PCAPNG],
  ] as const)
    it(`reads ${format} in it`, () => {
      expect(readCapture(gzipSync(file), 'x.cap')).to.deep.equal(readCapture(file, 'x.cap'));
    });

  it('reads several gzip members as one file', () => {
    const members = [PCAP.subarray(0, 30), PCAP.subarray(30)].map((part) => gzipSync(part));
    expect(readCapture(Buffer.concat(members), 'x.cap').frames).to.have.length(1);
  });

  it('says that the compressed file is cut off, wherever it ends', () => {
    const whole = gzipSync(PCAP);
    for (let length = 4; length < whole.length; length++)
      expect(refused(whole.subarray(0, length)).message).to.equal(
        `x.cap is cut off: its gzip data end at byte ${length} in the middle; copy or compress the file again, whole`,
      );
  });

  it('refuses damaged gzip, and says so', () => {
    const damaged = gzipSync(PCAP);
    damaged[damaged.length - 5]! ^= 1;
    expect(refused(damaged).message).to.include('found damaged gzip data (incorrect data check)');
  });

  it('reads or refuses a compressed file with any one byte changed', () => {
    const whole = gzipSync(PCAPNG);
    for (let offset = 0; offset < whole.length; offset++)
      for (const value of [0, 0x7f, 0xff, whole[offset]! ^ 1]) {
        const changed = Buffer.from(whole);
        changed[offset] = value;
        try {
          readCapture(changed, 'x.cap');
        } catch (error) {
          expect(error).to.be.instanceOf(CaptureError);
        }
      }
  });

  it('names a fault in the file inside by its offset there', () => {
    expect(refused(gzipSync(PCAP.subarray(0, -1))).message).to.equal(
      'x.cap (decompressed) is cut off: the packet at byte 24 needs 33 bytes and 32 are left; ' +
        'copy or capture the file again, whole',
    );
  });

  it('stops at a limit of output', () => {
    const bomb = gzipSync(Buffer.alloc(1 << 20));
    expect(gunzip(bomb, 'x.cap', 1 << 20)).to.have.length(1 << 20);
    expect(() => gunzip(bomb, 'x.cap', (1 << 20) - 1)).to.throw(
      CaptureError,
      'x.cap: byte 0: found gzip data of more than 1048575 bytes, expected at most that; ' +
        'decompress the file, and split it with editcap -c',
    );
  });
});
