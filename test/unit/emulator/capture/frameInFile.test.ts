import { inspect } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { readCapture } from '../../../../emulator/capture';
import { describeInterface, enhanced, LITTLE, pcapHeader, pcapRecord, section } from './build';

const FRAME = Buffer.from('0200000000020200000000010800abcdef', 'hex');
const FRAMES = 50_000;
/** An object with a place in the list; views and big integers that are made at once take more than 200 bytes. */
const MAX_BYTES_PER_FRAME = 64;

/** Bytes that live objects take. */
function liveBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

const repeated = (...parts: readonly Buffer[]): Buffer =>
  Buffer.concat([...parts.slice(0, -1), ...Array<Buffer>(FRAMES).fill(parts.at(-1)!)]);

describe('a frame of a capture file', () => {
  for (const [format, file] of [
    ['pcap', repeated(pcapHeader(LITTLE), pcapRecord(LITTLE, [1, 2], FRAME))],
    ['pcapng', repeated(section(LITTLE), describeInterface(LITTLE), enhanced(LITTLE, 0, 1n, FRAME))],
  ] as const)
    it(`takes little memory beside a ${format} file`, () => {
      readCapture(file, 'warm.cap');
      const before = liveBytes();
      const capture = readCapture(file, 'x.cap');
      const perFrame = (liveBytes() - before) / FRAMES;
      expect(capture.frames).to.have.length(FRAMES);
      expect(perFrame).to.be.below(MAX_BYTES_PER_FRAME);
    });

  it('prints and compares as its fields', () => {
    const [frame] = readCapture(Buffer.concat([pcapHeader(LITTLE), pcapRecord(LITTLE, [1, 2], FRAME)]), 'x.cap').frames;
    const fields = {
      interfaceIndex: 0,
      timeNs: 1_000_002_000n,
      bytes: new Uint8Array(FRAME),
      originalLength: FRAME.length,
      comments: [],
    };
    expect(inspect(frame)).to.equal(inspect(fields));
    expect(frame).to.deep.equal(fields);
    expect(frame).to.not.deep.equal({ ...fields, timeNs: 1n });
  });
});
