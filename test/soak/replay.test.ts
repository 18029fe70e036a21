import { once } from 'node:events';
import { createWriteStream, statSync } from 'node:fs';
import { expect } from 'chai';
import { AvpProcess } from '../support/avpProcess';
import { TemporaryFolder } from '../support/temporaryFolder';

/** A pcap file of that many equal frames of 64 bytes. */
async function writeCapture(file: string, frames: number): Promise<void> {
  const record = Buffer.alloc(16 + 64, 0x5a);
  [1, 0, 64, 64].forEach((word, index) => record.writeUInt32LE(word, index * 4));
  Buffer.from('02000000000202000000000108a1', 'hex').copy(record, 16);
  const header = Buffer.from('d4c3b2a1020004000000000000000000000004000100' + '0000', 'hex');
  const out = createWriteStream(file);
  out.write(header);
  for (let left = frames; left > 0; left -= 1_000)
    if (!out.write(Buffer.concat(Array<Buffer>(Math.min(1_000, left)).fill(record)))) await once(out, 'drain');
  out.end();
  await once(out, 'close');
}

const MIB = 1_048_576;
const FEW_FRAMES = 10_000;
const MANY_FRAMES = 1_000_000;
/** Rounds of the short capture: half of them are played before the figure is taken, so the engine has compiled all. */
const ROUNDS = 50;
const MAX_RATIO = 1.3;
/** Runs of each capture, of which the cheapest counts. Other work on the machine only adds to the cost of a frame. */
const MAX_RUNS = 5;
const LIMIT_S = 60;
/** Memory that a capture may take, in sizes of its file. */
const MAX_FILES = 2.5;

interface Cost {
  /** CPU time per frame in the second half. */
  readonly us: number;
  /** Peak memory of the process. */
  readonly mib: number;
}

/** Replays a capture, and returns what `replay-capture` prints about the cost. */
async function costOf(file: string, rounds: number): Promise<Cost> {
  const settings = ['--set', `capture=${file}`, '--set', `rounds=${rounds}`];
  const words = ['run', 'replay-capture', ...settings, '--timeout', String(LIMIT_S)];
  const { status, out, err } = await new AvpProcess([process.execPath, 'dist/cli/avp.js', ...words]).ended;
  expect(status, out + err).to.equal(0);
  const [line, us, mib] = /CPU time per frame: ([\d.]+) us in the second half.*peak memory (\d+) MiB$/m.exec(out)!;
  expect(line).to.not.include('compiled');
  return { us: Number(us), mib: Number(mib) };
}

function cheaper(one: Cost | null, other: Cost): Cost {
  return one === null || other.us < one.us ? other : one;
}

/** The larger of two numbers over the smaller. */
function ratioOf(one: number, other: number): number {
  return Math.max(one, other) / Math.min(one, other);
}

/** A cost that grows with the length of the capture, or with the frames played before, shows in both comparisons. */
describe('replay-capture', function () {
  this.timeout(1_200_000);
  const folder = new TemporaryFolder().perTest();

  it('takes as long for a frame of 1,000,000 as for one of 10,000, and little memory beside the capture', async () => {
    const [few, many] = [folder.file('few.pcap'), folder.file('many.pcap')];
    await writeCapture(few, FEW_FRAMES);
    await writeCapture(many, MANY_FRAMES);
    let [short, long]: [Cost | null, Cost | null] = [null, null];
    for (let run = 0; run < MAX_RUNS; run++) {
      short = cheaper(short, await costOf(few, ROUNDS));
      long = cheaper(long, await costOf(many, 1));
      console.log(`      ${FEW_FRAMES} frames, ${ROUNDS} times: ${short.us} us a frame, peak memory ${short.mib} MiB`);
      console.log(`      ${MANY_FRAMES} frames: ${long.us} us a frame, peak memory ${long.mib} MiB`);
      if (ratioOf(short.us, long.us) <= MAX_RATIO) break;
    }
    expect(ratioOf(short!.us, long!.us)).to.be.at.most(MAX_RATIO);
    expect(long!.mib - short!.mib).to.be.below((MAX_FILES * statSync(many).size) / MIB);
  });
});
