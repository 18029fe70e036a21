import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { avpDeviceSettings, memoryBarFor, PcapngWriter, readCaptureFile } from '../../../emulator';
import { UsageError } from '../../../shared/errors';
import { layoutOf, roomForLayouts } from '../../processes/layouts';
import { parseLine } from '../../processes/serveCommands';
import { Avp, Scratch, statsOf } from './avp';

const FRAMES = Array.from({ length: 100 }, (_unused, i) => new Uint8Array(60 + i).fill(i + 1));

describe('lines that avp serve takes', () => {
  it('are cut into words, and refused where they make no sense', () => {
    expect(parseLine('  attach nic0  5 ')).to.deep.equal({ name: 'attach', words: ['nic0', '5'] });
    for (const line of ['toString', 'stats now', 'feed nic0', 'quit 1']) expect(() => parseLine(line)).to.throw(UsageError);
  });
});

describe('layouts of host memory', () => {
  it('follow from their seeds, and fit the memory BAR', () => {
    const room = roomForLayouts();
    expect(layoutOf(7)).to.deep.equal(layoutOf(7));
    expect(layoutOf(7)).not.to.deep.equal(layoutOf(8));
    for (let seed = 0; seed < 50; seed++) expect(memoryBarFor(avpDeviceSettings(layoutOf(seed)))).to.be.at.most(room);
  });
});

describe('avp serve with two NICs', function () {
  this.timeout(300_000);

  it('feeds a capture, records what comes back, and unplugs', async () => {
    const scratch = new Scratch();
    const nics = ['A', 'B'].flatMap((network) => ['--nic', `net-id=${network},vif-model=avp`]);
    const serve = Avp.start('serve', '--dir', scratch.tree, '--layout', '3', ...nics);
    await serve.line();
    const guest = Avp.start('guest', '--dir', scratch.tree);
    await guest.line();

    const [fed, got] = [join(scratch.path, 'fed.pcapng'), join(scratch.path, 'got.pcapng')];
    const writer = new PcapngWriter();
    const index = writer.addInterface('fed');
    for (const frame of FRAMES) writer.writeFrame(index, 0n, frame);
    writeFileSync(fed, writer.toBytes());
    expect(await serve.ask(`dump B ${got}`)).to.include({ ok: true, dumping: true });
    expect(await serve.ask(`feed nic0 ${fed}`)).to.include({ ok: true, frames: FRAMES.length });
    let arrived = 0;
    while (arrived < FRAMES.length) arrived = (await statsOf(serve)).nics[1]!.fromGuest.forwarded;
    expect(await serve.ask('dump B')).to.include({ ok: true, frames: FRAMES.length, missed: 0 });
    expect(readCaptureFile(got).frames.map(({ bytes }) => Buffer.from(bytes).toString('hex'))).to.deep.equal(
      FRAMES.map((bytes) => Buffer.from(bytes).toString('hex')),
    );
    expect(await serve.ask('feed nic0 /nowhere')).to.include({ ok: false });
    expect(await serve.ask('attach nic0')).to.have.property('error').that.matches(/not detached/);

    expect(await serve.ask('unplug nic1')).to.deep.include({ ok: true, nics: ['nic1'] });
    expect((await statsOf(serve)).nics.map(({ balanced }) => balanced)).to.deep.equal([true]);
    await guest.end('SIGTERM');
    const report = await guest.line();
    expect(report).to.have.nested.property('ports[0].driven', false);
    expect(report).to.have.nested.property('ports[0].hostsLost', 0);
    expect(report).to.have.nested.property('ports[1].hostsLost', 1);
    await serve.ask('quit');
    await serve.close();
    scratch.remove();
  });
});
