import { writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { avpDeviceSettings, memoryBarFor, PcapngWriter, readCaptureFile } from '../../../../emulator';
import { UsageError } from '../../../../shared/errors';
import { layoutOf, roomForLayouts } from '../../../../testbench/serve/layouts';
import { parseLine, SERVE_COMMANDS } from '../../../../testbench/serve/serveCommands';
import type { JsonProcess } from '../../../support/jsonProcess';
import { ServeBench } from '../../../support/serve/bench';
import { readStats } from '../../../support/serve/stats';

const FRAMES = Array.from({ length: 100 }, (_unused, i) => new Uint8Array(60 + i).fill(i + 1));

describe('command lines of avp serve', () => {
  it('are split into words, and refused if they are invalid', () => {
    expect(parseLine('  attach nic0  5 ')).to.deep.equal({ name: 'attach', words: ['nic0', '5'] });
    for (const line of ['toString', 'stats now', 'feed nic0', 'quit 1'])
      expect(() => parseLine(line)).to.throw(UsageError);
  });
});

describe('help and stats of avp serve', () => {
  const bench = new ServeBench().perTest();

  it('answer with lines of JSON, and with text for people on standard error', async () => {
    const { serve } = await bench.serve();
    const help = (await serve.ask('help')) as { ok: boolean; commands: { command: string; usage: string }[] };
    expect(help.ok).to.equal(true);
    expect(help.commands.map(({ command }) => command)).to.deep.equal(Object.keys(SERVE_COMMANDS));
    expect(help).not.to.have.property('text');
    const one = (await serve.ask('help feed')) as typeof help;
    expect(one.commands.map(({ usage }) => usage)).to.deep.equal(['feed NIC [unfit=refuse|skip] FILE']);
    expect(await serve.ask('help fed'))
      .to.deep.include({ ok: false })
      .and.to.have.property('error')
      .that.includes("did you mean 'feed'");

    expect(await serve.ask('stats --human')).to.deep.equal({ command: 'stats', ok: true });
    expect(await serve.ask('stats')).to.have.property('nics');
    expect(await serve.ask('stats --humane')).to.have.property('ok', false);
    await serve.ask('quit');
    await serve.waitForExit();
    for (const { usage, about } of Object.values(SERVE_COMMANDS))
      expect(serve.errors).to.include(usage).and.to.include(about);
    expect(serve.errors)
      .to.match(/nic0 .*network A.*no guest/)
      .and.to.match(/balanced +yes/);
  });
});

describe('files in command lines of avp serve', () => {
  const LINES: readonly (readonly [line: string, words: readonly string[]])[] = [
    ['dump nic0', ['nic0']],
    ['dump nic0 got.pcapng ', ['nic0', 'got.pcapng']],
    ['dump  nic0  my captures/of  today.pcapng', ['nic0', 'my captures/of  today.pcapng']],
    ["dump nic0 it's mine.pcapng", ['nic0', "it's mine.pcapng"]],
    ['dump nic0 " x\\n.pcapng "', ['nic0', ' x\n.pcapng ']],
    ['dump nic0 unfit=skip x', ['nic0', 'unfit=skip x']],
    ['feed nic0 my file.pcap', ['nic0', 'my file.pcap']],
    ['feed nic0 unfit=skip my file.pcap', ['nic0', 'my file.pcap', 'skip']],
    ['feed nic0 unfit=refuse "my file.pcap"', ['nic0', 'my file.pcap', 'refuse']],
    ['feed nic0 ./unfit=skip file', ['nic0', './unfit=skip file']],
    ['feed nic0 my unfit=skip file', ['nic0', 'my unfit=skip file']],
  ];
  for (const [line, words] of LINES)
    it(`are the rest of the line: ${line}`, () => {
      expect(parseLine(line).words).to.deep.equal(words);
    });

  for (const line of [
    'feed nic0',
    'feed nic0 unfit=skip',
    'feed nic0 "open',
    'dump',
    'dump nic0 "a" b',
    'dump nic0 "\\u0000"',
  ])
    it(`are refused: ${line}`, () => {
      expect(() => parseLine(line)).to.throw(UsageError);
    });
});

describe('layouts of host memory', () => {
  it('follow from the seed, and fit the memory BAR', () => {
    const room = roomForLayouts();
    expect(layoutOf(7)).to.deep.equal(layoutOf(7));
    expect(layoutOf(7)).not.to.deep.equal(layoutOf(8));
    for (let seed = 0; seed < 50; seed++) expect(memoryBarFor(avpDeviceSettings(layoutOf(seed)))).to.be.at.most(room);
  });
});

/** Invalid lines with the error that each must produce. None of them changes anything. */
const REFUSED: readonly (readonly [line: string, error: RegExp])[] = [
  ['nonsense', /^unknown command 'nonsense': expected one of \w+, /],
  ['stats now', /^expected stats \[--human\]$/],
  ['detach nic9', /^NIC 'nic9' is unknown: expected one of nic0, nic1, or a slot$/],
  ['detach nic0 nic1', /^expected detach \[NIC\]$/],
  ['attach', /^nic0 is not detached: detach it first$/],
  ['attach nic0', /^nic0 is not detached: detach it first$/],
  ['attach nic0 seven', /^seed 'seven': expected a whole number from 0 to 4294967295$/],
  ['attach 4294967296', /^seed '4294967296': expected a whole number/],
  ['attach nic9 1', /^NIC 'nic9' is unknown/],
  ['feed nic0', /^expected feed NIC \[unfit=refuse\|skip\] FILE$/],
  ['feed nic0 /nowhere', /\/nowhere/],
  ['feed nic0 unfit=maybe scenarios/captures/tagged.pcapng', /unfit 'maybe', expected refuse or skip$/],
  ['dump nic0', /^nic0 is not being dumped: expected dump NIC FILE$/],
  ['dump nic0 /nowhere/file', /^cannot write \/nowhere\/file: ENOENT/],
  ['probe nic0', /^expected probe NIC FRAMES_PER_SECOND \[BYTES\|MIN-MAX\]$/],
  ['probe nic0 -1', /^rate '-1': expected a whole number/],
  ['probe nic0 10000001', /^rate '10000001': expected a whole number from 0 to 10000000$/],
  ['probe nic0 1 9', /frameBytes is 9 to 9, expected/],
  ['probe nic0 1 100-64', /frameBytes is 100 to 64, expected/],
  ['probe nic0 1 64-99999', /frameBytes is 64 to 99999, expected/],
  ['flood nic0', /^expected flood NIC BYTES\|off$/],
  ['flood nic0 59', /^size 59: expected 60 to 65535 bytes$/],
  ['flood nic0 on', /^size 'on': expected a whole number/],
  ['reflect nic0', /^expected reflect NIC on\|off$/],
  ['reflect nic0 yes', /^'yes': expected on or off$/],
  ['unplug nic9', /^NIC 'nic9' is unknown/],
  ['quit 1', /^expected quit$/],
];

describe('avp serve with two NICs', function () {
  this.timeout(300_000);
  const bench = new ServeBench().perTest();

  async function serveTwo(): Promise<JsonProcess> {
    const nics = ['A', 'B'].flatMap((network) => ['--nic', `net-id=${network},vif-model=avp`]);
    return (await bench.serve('--layout', '3', ...nics)).serve;
  }

  /** Writes a capture of the frames, and one that is too short. */
  function capture(): string {
    const path = bench.folder.file('fed now.pcapng');
    const writer = new PcapngWriter();
    const index = writer.addInterface('fed');
    for (const frame of [...FRAMES, new Uint8Array(13)]) writer.writeFrame(index, 0n, frame);
    writeFileSync(path, writer.toBytes());
    return path;
  }

  it('refuses invalid lines, and goes on', async () => {
    const serve = await serveTwo();
    for (const [line, error] of REFUSED) {
      const answer = (await serve.ask(line)) as Readonly<Record<string, unknown>>;
      expect(answer, line).to.include({ ok: false, command: line.split(' ')[0] });
      expect(answer['error'], line).to.match(error);
    }
    // No guest drives the NICs.
    const nobody = { ok: true, 'nics[0].outcome': 'no-guest', 'nics[1].outcome': 'no-guest' };
    expect(await serve.ask('detach')).to.deep.nested.include(nobody);
    expect(await serve.ask('detach B')).to.include({ ok: false, error: 'nic1 is detached already: attach it first' });
    expect(await serve.ask('attach 5')).to.deep.nested.include({ ...nobody, seed: 5 });
  });

  it('feeds a capture, records the frames that come back, and unplugs', async () => {
    const serve = await serveTwo();
    const guest = await bench.guest();
    const got = bench.folder.file('got just now.pcapng');
    expect(await serve.ask(`dump B ${got}`)).to.include({ ok: true, dumping: true });
    const fed = capture();
    const refused = (await serve.ask(`feed nic0 ${fed}`)) as { readonly ok: boolean; readonly error: string };
    expect(refused.error).to.match(/frame 101 of the capture has 13 bytes, .*unfit=skip leaves such frames out$/);
    expect(await serve.ask(`feed nic0 unfit=skip ${fed}`)).to.deep.include({
      ok: true,
      frames: FRAMES.length,
      skipped: { too_short: 1 },
    });
    let arrived = 0;
    while (arrived < FRAMES.length) arrived = (await readStats(serve)).nics[1]!.fromGuest.forwarded;
    expect(await serve.ask('dump B')).to.include({ ok: true, frames: FRAMES.length, missed: 0 });
    expect(readCaptureFile(got).frames.map(({ bytes }) => Buffer.from(bytes).toString('hex'))).to.deep.equal(
      FRAMES.map((bytes) => Buffer.from(bytes).toString('hex')),
    );

    expect(await serve.ask('unplug nic1')).to.deep.include({ ok: true, nics: ['nic1'] });
    expect((await readStats(serve)).nics.map(({ balanced }) => balanced)).to.deep.equal([true]);
    const report = await bench.endGuest(guest);
    expect(report.ports.map(({ driven, hostsLost }) => [driven, hostsLost])).to.deep.equal([
      [false, 0],
      [false, 1],
    ]);
    expect(report.mbufsInUse).to.equal(0);
    await serve.ask('quit');
    await serve.waitForExit();
  });
});
