import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect } from 'chai';
import { readCaptureFile } from '../../../../emulator';
import { packageRoot } from '../../../../testbench/runtime/package';
import { avp } from '../../../support/cli';
import { TemporaryFolder } from '../../../support/temporaryFolder';

const EARLY = relative(
  process.cwd(),
  join(packageRoot(), 'test/unit/testbench/evidence/bundle/fixture/earlyFailure.ts'),
);
/** A seed with which the broken driver of the scenario loses host buffers. */
const STEPPED = ['run', 'stalled-burst', '--set', 'driver=fixed-delay', '--seed', '7'];

interface Inspected {
  readonly atMs: number;
  readonly verdict: string;
  readonly ports: readonly { readonly state: string }[];
  readonly devices: readonly { readonly buffers: { readonly counts: Readonly<Record<string, number>> } }[];
}

describe('evidence of a failure', () => {
  const folder = new TemporaryFolder().perTest();

  async function inspected(dump: string): Promise<Inspected> {
    return JSON.parse((await avp('inspect', dump, '--json', '-', '--quiet')).out) as Inspected;
  }

  for (const mode of ['inline', 'threads'])
    it(`in mode ${mode} has the memory at the expectation that was not met, not at the end`, async () => {
      const dump = folder.file('dump');
      expect((await avp('run', EARLY, '--mode', mode, '--dump', dump)).status).to.equal(1);
      const found = await inspected(dump);
      expect(found.verdict).to.equal('fail');
      if (mode === 'inline') expect(found.atMs).to.be.below(500);
      expect(found.ports.map(({ state }) => state)).to.deep.equal(['started']);
    }).timeout(60_000);

  it('in mode stepped has packets, events and memory of the run before its tear-down, and leaves the run as it is', async () => {
    const [dump, bundle, pcap] = [folder.file('dump'), folder.file('bundle'), folder.file('all.pcapng')];
    const run = await avp(...STEPPED, '--dump', dump, '--bundle', bundle, '--pcap', pcap);
    expect(run.status).to.equal(1);
    for (const file of [pcap, join(bundle, 'stalled-burst', 'packets.pcapng')]) {
      const { interfaces, frames } = readCaptureFile(file);
      expect(interfaces.map(({ name }) => name)).to.deep.equal(['vm/lan']);
      expect(frames.length).to.be.above(100);
    }
    expect(readFileSync(join(bundle, 'stalled-burst', 'timeline.txt'), 'utf8'))
      .to.match(/guest +(receiver|sender) is held up for 60 ms/)
      .and.match(/host +host migration: ended/)
      .and.match(/1\d\d\.\d+ +bench +expects: each host buffer is somewhere -> no: \d/);
    const { ports, devices, atMs } = await inspected(dump);
    expect(ports.map(({ state }) => state)).to.deep.equal(['started']);
    expect(devices[0]!.buffers.counts['guest']).to.be.above(0);
    expect(atMs).to.be.above(100);
    const schedule = /^schedule: .*$/m;
    const plain = await avp(...STEPPED);
    expect(schedule.exec(plain.out)![0]).to.equal(schedule.exec(run.out)![0]);
  }).timeout(120_000);
});
