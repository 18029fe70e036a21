import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { PcapngWriter, readCaptureFile } from '../../../../emulator';
import type { JsonProcess } from '../../../support/jsonProcess';
import { ServeBench } from '../../../support/serve/bench';
import { readStats } from '../../../support/serve/stats';

const FRAMES = 100;

/** Limits the bytes that a running process can write into a file, as a disk does that gets full. */
function limitFiles({ pid }: JsonProcess, bytes: number | 'unlimited'): void {
  const { stderr, status } = spawnSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:unlimited`]);
  expect(status, String(stderr)).to.equal(0);
}

describe('a capture or a recording of avp serve', () => {
  const bench = new ServeBench().perTest();

  it('is no pipe and no device, for which the host would wait, maybe for ever', async () => {
    const pipe = bench.folder.file('pipe');
    expect(spawnSync('mkfifo', [pipe]).status).to.equal(0);
    const { serve } = await bench.serve();
    for (const line of [`feed nic0 ${pipe}`, `dump nic0 ${pipe}`])
      expect(await serve.ask(line), line).to.include({
        ok: false,
        error: `${pipe} is a pipe, for which all guests would have to wait: name a file`,
      });
    expect(await serve.ask('feed nic0 /dev/zero'))
      .to.include({ ok: false })
      .and.have.property('error')
      .that.includes('/dev/zero: byte 0: found no readable file (it is a device)');
    expect(await serve.ask('quit')).to.include({ ok: true });
  });
});

describe('a recording of avp serve that cannot be written', function () {
  this.timeout(300_000);
  const bench = new ServeBench().perTest();
  let serve: JsonProcess;

  before(function () {
    if (spawnSync('prlimit', ['--version']).status === 0) return;
    process.stdout.write('      there is no prlimit here (util-linux): a full disk under avp serve was not tried\n');
    this.skip();
  });

  const path = (name: string): string => bench.folder.file(name);
  const framesIn = (file: string): number => readCaptureFile(file).frames.length;

  /** Records the frames that a guest sends to nic1. The folder for temporary files is `tmp`. */
  beforeEach(async () => {
    const nics = ['A', 'B'].flatMap((network) => ['--nic', `net-id=${network},vif-model=avp`]);
    for (const name of ['tmp', 'there']) mkdirSync(path(name));
    const { TMPDIR } = process.env;
    process.env['TMPDIR'] = path('tmp');
    ({ serve } = await bench.serve(...nics));
    if (TMPDIR === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = TMPDIR;
    await bench.guest();
    writeFileSync(path('there/got'), 'former');
    expect(await serve.ask(`dump nic1 ${path('there/got')}`)).to.include({ ok: true, dumping: true });
    expect(readdirSync(path('there'))).to.deep.equal([]);
    await feed();
    limitFiles(serve, 4_096);
  });

  async function feed(): Promise<void> {
    const writer = new PcapngWriter();
    const index = writer.addInterface('fed');
    for (let frame = 0; frame < FRAMES; frame++) writer.writeFrame(index, 0n, new Uint8Array(200));
    writeFileSync(path('fed'), writer.toBytes());
    const before = (await readStats(serve)).nics[1]!.fromGuest.forwarded;
    await serve.ask(`feed nic0 ${path('fed')}`);
    while ((await readStats(serve)).nics[1]!.fromGuest.forwarded < before + FRAMES);
  }

  /** Expects a refusal that names the file, and that nothing of it is there. */
  function expectRefused(answer: unknown, name: string): void {
    expect(answer)
      .to.include({ ok: false })
      .and.have.property('error')
      .that.includes(`cannot write ${path(name)}: EFBIG`);
    expect([readdirSync(path('there')), readdirSync(path('tmp'))]).to.deep.equal([[], []]);
  }

  it('shares its file with no other recording', async () => {
    const answer = await serve.ask(`dump nic0 ${path('there')}/./got`);
    expect(answer).to.include({ ok: false, error: 'nic1 is being dumped to that file: name another one' });
    limitFiles(serve, 'unlimited');
    expect(await serve.ask('dump nic1')).to.include({ ok: true, frames: FRAMES });
    expect(framesIn(path('there/got'))).to.equal(FRAMES);
  });

  it('goes on after a failed dump, and is written whole once there is room', async () => {
    expectRefused(await serve.ask('dump nic1'), 'there/got');
    limitFiles(serve, 'unlimited');
    await feed();
    expect(await serve.ask('dump nic1')).to.deep.include({ ok: true, dumping: false, frames: 2 * FRAMES, missed: 0 });
    expect(framesIn(path('there/got'))).to.equal(2 * FRAMES);
  });

  it('may go to another file after a failed dump, and not before', async () => {
    expect(await serve.ask(`dump nic1 ${path('there/other')}`)).to.include({ ok: false });
    expectRefused(await serve.ask('dump nic1'), 'there/got');
    expectRefused(await serve.ask(`dump nic1 ${path('there/other')}`), 'there/other');
    limitFiles(serve, 'unlimited');
    expect(await serve.ask(`dump nic1 ${path('there/other')}`)).to.include({ ok: true, frames: FRAMES });
    expect(framesIn(path('there/other'))).to.equal(FRAMES);
  });

  it('keeps its device: unplug is refused, and works once there is room', async () => {
    for (const line of ['unplug nic1', 'unplug']) expectRefused(await serve.ask(line), 'there/got');
    expect((await readStats(serve)).nics).to.have.length(2);
    expect(readdirSync(join(bench.tree, 'devices'))).to.have.length(2);
    limitFiles(serve, 'unlimited');
    await feed();
    expect(await serve.ask('unplug nic1')).to.deep.include({ ok: true, nics: ['nic1'] });
    expect(framesIn(path('there/got'))).to.equal(2 * FRAMES);
  });

  it('ends quit with status 1, the last stats, and the reason', async () => {
    const answer = await serve.ask('quit');
    await serve.waitForExit();
    expect(serve.exit).to.deep.equal({ status: 1, signal: null });
    expect(answer)
      .to.deep.nested.include({ command: 'quit', ok: false, 'nics[1].fromGuest.forwarded': FRAMES })
      .and.have.property('error')
      .that.matches(/cannot write \S+got: EFBIG.*; cannot write \S+nic1.pcapng: EFBIG.*; the recording is lost$/);
    expect(serve.errors).to.include(`avp: cannot write ${path('there/got')}: EFBIG`);
    expect([readdirSync(bench.folder.path).sort(), readdirSync(path('tmp'))]).to.deep.equal([
      ['fed', 'there', 'tmp'],
      [],
    ]);
  });

  for (const how of ['quit', 'SIGTERM'] as const)
    it(`is kept in the folder for temporary files when ${how} ends the process`, async () => {
      limitFiles(serve, 'unlimited');
      rmSync(path('there'), { recursive: true });
      if (how === 'quit') expect(await serve.ask('quit')).to.include({ ok: false });
      else serve.signal(how);
      await serve.waitForExit();
      expect(serve.exit).to.deep.equal({ status: 1, signal: null });
      const [, rescued] = /; the recording is (\S+)\n/.exec(serve.errors)!;
      expect(rescued!.startsWith(path('tmp'))).to.equal(true);
      expect(framesIn(rescued!)).to.equal(FRAMES);
    });
});
