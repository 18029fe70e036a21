import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { expect } from 'chai';
import { avp } from '../support/cli';
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

/** The line that replay-capture prints about its cost. */
async function costOf(file: string): Promise<{ readonly us: number; readonly line: string }> {
  const { status, out } = await avp('run', 'replay-capture', '--set', `capture=${file}`);
  expect(status).to.equal(0);
  const [line = '', us] = /CPU time per frame: ([\d.]+) us in the second half.*$/m.exec(out) ?? [];
  return { us: Number(us), line };
}

/** Prints figures instead of judging them: a busy machine shows others. */
describe('replay-capture', function () {
  this.timeout(1_200_000);
  const folder = new TemporaryFolder().perTest();

  it('replays 10,000 and 1,000,000 frames, and says what a frame costs in each', async () => {
    const costs: number[] = [];
    for (const frames of [10_000, 1_000_000]) {
      const file = folder.file('long.pcap');
      await writeCapture(file, frames);
      const { us, line } = await costOf(file);
      console.log(`      ${frames} frames: ${line}`);
      expect(us).to.be.above(0);
      costs.push(us);
    }
    console.log(`      ratio of the two: ${(costs[0]! / costs[1]!).toFixed(2)}`);
  });
});
