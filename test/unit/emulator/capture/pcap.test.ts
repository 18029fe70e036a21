import { expect } from 'chai';
import { CaptureError, readCapture, readCaptureFile } from '../../../../emulator/capture';
import { BYTE_ORDERS, LITTLE, pcapHeader, pcapRecord } from './build';
import { refused } from './refused';

const MICROSECOND = 0xa1b2c3d4;
const NANOSECOND = 0xa1b23c4d;
const FRAME = Buffer.from('0200000000020200000000010800abcdef', 'hex');

describe('pcap reader', () => {
  for (const [order, f] of BYTE_ORDERS) {
    it(`reads ${order} microsecond files`, () => {
      const file = Buffer.concat([pcapHeader(f), pcapRecord(f, [1, 2], FRAME), pcapRecord(f, [3, 999_999], FRAME)]);
      const { interfaces, frames } = readCapture(file, 'x.cap');
      expect(interfaces).to.deep.equal([{ name: null }]);
      expect(frames.map((frame) => frame.timeNs)).to.deep.equal([1_000_002_000n, 3_999_999_000n]);
      expect(frames[1]).to.deep.include({ interfaceIndex: 0, originalLength: FRAME.length, comments: [] });
      expect(frames[1]?.bytes).to.deep.equal(new Uint8Array(FRAME));
    });

    it(`reads ${order} nanosecond files`, () => {
      const file = Buffer.concat([pcapHeader(f, NANOSECOND), pcapRecord(f, [0xffff_ffff, 7], FRAME)]);
      expect(readCapture(file, 'x.cap').frames[0]?.timeNs).to.equal(4_294_967_295_000_000_007n);
    });
  }

  it('reads a file without packets', () => {
    expect(readCapture(pcapHeader(LITTLE), 'x.cap').frames).to.deep.equal([]);
  });

  it('keeps the original length of a packet cut by the snapshot length', () => {
    const file = Buffer.concat([pcapHeader(LITTLE), pcapRecord(LITTLE, [0, 0], FRAME, [FRAME.length, 1514])]);
    const frame = readCapture(file, 'x.cap').frames[0];
    expect(frame?.originalLength).to.equal(1514);
    expect(frame?.bytes).to.have.length(FRAME.length);
  });

  it('reads bytes inside a larger buffer', () => {
    const file = Buffer.concat([Buffer.alloc(5, 0xee), pcapHeader(LITTLE), pcapRecord(LITTLE, [0, 0], FRAME)]);
    const { frames } = readCapture(file.subarray(5), 'x.cap');
    expect(frames[0]?.bytes).to.deep.equal(new Uint8Array(FRAME));
  });

  it('explains in one line that a file is cut off in the middle of a packet', () => {
    const file = Buffer.concat([pcapHeader(LITTLE), pcapRecord(LITTLE, [0, 0], FRAME)]);
    expect(refused(file.subarray(0, -1)).message).to.equal(
      'x.cap is cut off: the packet at byte 24 needs 33 bytes and 32 are left; copy or capture the file again, whole',
    );
    expect(refused(file.subarray(0, 30)).message).to.include('is cut off: the header of the packet at byte 24');
    expect(refused(file.subarray(0, 20)).message).to.include('is cut off: the pcap file header at byte 0');
    expect(refused(file.subarray(0, 3)).message).to.include('is cut off: the magic number at byte 0');
    expect(refused(Buffer.alloc(0)).message).to.include('needs 4 bytes and 0 are left');
  });

  it('refuses other link types', () => {
    expect(refused(pcapHeader(LITTLE, MICROSECOND, 113)).message).to.equal(
      'x.cap: byte 20: found link type 113, expected link type 1 (Ethernet); capture on an Ethernet interface',
    );
  });

  it('refuses frames that carry a check sequence', () => {
    expect(refused(pcapHeader(LITTLE, MICROSECOND, 0x2400_0001)).message).to.include('frame check sequence');
    expect(readCapture(pcapHeader(LITTLE, MICROSECOND, 0x0400_0001), 'x.cap').frames).to.deep.equal([]);
  });

  it('refuses other versions and other files', () => {
    expect(refused(pcapHeader(LITTLE, MICROSECOND, 1, 2)).message).to.include('found pcap version 2.2');
    expect(refused(Buffer.from('28b52ffd0000', 'hex')).message)
      .to.include('0x28b52ffd')
      .and.include('decompress');
  });

  it('refuses lengths that no frame can have', () => {
    const record = (captured: number, original: number): Buffer =>
      Buffer.concat([pcapHeader(LITTLE), pcapRecord(LITTLE, [0, 0], FRAME, [captured, original])]);
    expect(refused(record(0xffff_ffff, 0xffff_ffff)).message).to.include('found a frame of 4294967295 bytes');
    expect(refused(record(17, 16)).message).to.include('found 17 bytes captured of a frame of 16');
  });

  it('names the file that it cannot open, in one line', () => {
    const read = (): unknown => readCaptureFile('/nonexistent/a\nb.pcap');
    expect(read).to.throw(CaptureError, /^\/nonexistent\/a\?b\.pcap: .*ENOENT/);
  });

  it('reports a usage error by its code', () => {
    expect(refused(Buffer.alloc(0))).to.include({ code: 'USAGE', name: 'CaptureError' });
  });
});
