import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { ShellHistory } from '../../../cli/shellHistory';
import { cacheFolders } from '../../../testbench/runtime/cacheFolder';
import { avp } from '../../support/cli';
import { AvpProcess, avpWords } from '../../support/avpProcess';
import { TemporaryFolder } from '../../support/temporaryFolder';

const PAUSES = `
import { scenario } from 'avp-testbench';
export const pauses = scenario({ name: 'pauses', about: 'a test', settings: { ms: { default: '5', about: 'x' } } }, async (bench) => {
  bench.computeNode().boot('vm', ['net-id=A,vif-model=avp']);
  console.log('the script speaks');
  await bench.runFor(Number(bench.setting('ms')));
  bench.pause('here');
  bench.expect('all is well', true);
});
`;

describe('avp shell', () => {
  const folder = new TemporaryFolder().perTest();

  it('carries out the lines of its options, and its status says whether all did', async () => {
    const good = await avp('shell', '--command', 'feed nic0 2', '--command', 'step', '--command', 'stats nic0');
    expect(good.status, good.err).to.equal(0);
    expect(good.out).to.match(/to guest +offered 2, delivered 2/);
    const bad = await avp('shell', '--command', 'registers nic7', '--command', 'nodes');
    expect(bad.status).to.equal(1);
    expect(bad.out)
      .to.match(/^--command 1: NIC 'nic7' is unknown/m)
      .and.to.include('vm.nic0');
  });

  it('boots the NICs that it is told', async () => {
    const { out } = await avp('shell', '--nic', 'net-id=X', '--nic', 'net-id=Y,vif-model=avp', '--command', 'nodes');
    expect(out)
      .to.match(/vm\.nic0 .*virtio/)
      .and.to.match(/vm\.nic1 .*avp +network Y/);
  });

  it('reads a line after the other from standard input, with comments and up to quit', async () => {
    const shell = new AvpProcess(avpWords('shell', '--seed', '3'));
    for (const line of ['# a comment', '', 'step 2', 'bogus', 'quit', 'nodes']) shell.write(line);
    const { status, out, err } = await shell.ended;
    expect(status, err).to.equal(1);
    expect(out)
      .to.match(/^line 4: unknown command 'bogus'/m)
      .and.not.to.include('compute-0');
    expect(err).to.include('seed 3');
  });

  it('gives all of it as JSON, to standard output alone', async () => {
    const { status, out, err } = await avp('shell', '--json', '-', '--command', 'registers', '--command', 'step x');
    const { commands, seed, scenario } = JSON.parse(out) as Record<string, unknown>;
    expect([status, seed, scenario]).to.deep.equal([1, 1, null]);
    const registers = { interrupt_mask: 0xffff_ffff, interrupt_status: 0, migration_status: 0, migration_ack: 0 };
    expect(commands).to.deep.equal([
      { line: 'registers', ok: true, atMs: 10, result: { nics: [{ nic: 'vm.nic0', registers }] } },
      { line: 'step x', ok: false, atMs: 10, error: "steps 'x': expected a whole number from 1 to 100000000" },
    ]);
    expect(err).to.include('interrupt mask 0xffffffff');
  });

  it('gives the prompt within a script, with its settings, and prints what the script prints', async () => {
    const file = folder.file('pauses.ts');
    writeFileSync(file, PAUSES);
    const words = ['--set', 'ms=7', '--no-check', '--command', 'run', '--command', 'run'];
    const { status, out } = await avp('shell', file, ...words);
    expect(status).to.equal(0);
    expect(out.split('\n')).to.deep.equal([
      'the script speaks',
      '10.000 ms: next is bench.runFor',
      '17.000 ms: pause: here',
      '17.000 ms: the scenario has ended: 1 of 1 expectations hold',
      '',
    ]);
    const run = await avp('run', file, '--no-check');
    expect(run.status, run.out).to.equal(0);
  });

  const REFUSED: readonly (readonly [args: readonly string[], why: RegExp])[] = [
    [['nonsense'], /unknown scenario 'nonsense'/],
    [['stalled-burst'], /does not offer mode 'inline'/],
    [['template', '--set', 'frame=1'], /did you mean 'frames'/],
    [['template', '--nic', 'net-id=A'], /--nic is for a node without a scenario/],
    [['--set', 'a=1'], /name one/],
    [['--nic', 'bogus'], /bogus/],
    [['--fault', 'ctrl.late-respons'], /did you mean 'ctrl.late-response'/],
  ];
  for (const [args, why] of REFUSED)
    it(`refuses ${args.join(' ')}`, async () => {
      const { status, err } = await avp('shell', ...args, '--command', 'nodes');
      expect(err).to.match(why);
      expect(status).to.equal(2);
    });
});

describe('the history of avp shell', () => {
  const folder = new TemporaryFolder().perTest();

  it('keeps the lines of earlier sessions, newest first, for the user alone', () => {
    const file = folder.file('history');
    const first = new ShellHistory(file);
    for (const line of ['nodes', ' ', 'peek nic0\nx']) first.add(line);
    const second = new ShellHistory(file);
    expect(second.lines).to.deep.equal(['peek nic0 x', 'nodes']);
    expect(statSync(file).mode & 0o777).to.equal(0o600);
    for (let i = 0; i < 1_100; i++) second.add(`step ${i}`);
    expect(new ShellHistory(file).lines.slice(0, 1)).to.deep.equal(['step 1099']);
    expect(readFileSync(file, 'utf8').split('\n')).to.have.length(1_001);
  });

  it('does without a file that cannot be written', () => {
    const history = new ShellHistory(folder.path);
    history.add('nodes');
    expect(history.lines).to.deep.equal([]);
  });

  it('lies with the other caches', () => {
    expect(cacheFolders('shell').some((path) => ShellHistory.place()?.startsWith(path))).to.equal(true);
  });
});
