import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { restore, stub } from 'sinon';
import * as emitJson from '../../../shared/abi/emitJson';
import { AvpProcess, avpWords, type AvpEnd } from '../../support/avpProcess';
import { avp } from '../../support/cli';
import { TemporaryFolder } from '../../support/temporaryFolder';
import { packageRoot } from '../../../testbench/runtime/package';

const ON_DEMAND = join(packageRoot(), 'test/unit/testbench/evidence/bundle/fixture/onDemand.ts');

const folder = new TemporaryFolder();
const file = (name: string): string => folder.file(name);
const names = (): string[] => readdirSync(folder.path).sort();

/** Runs `avp` with a limit on the length of files, in blocks of 512 bytes, as on a disk that gets full. */
function withFullDisk(blocks: number, ...args: readonly string[]): Promise<AvpEnd> {
  return new AvpProcess(['sh', '-c', `ulimit -f ${blocks}; exec "$@"`, 'sh', ...avpWords(...args)]).ended;
}

describe('wrong usage', () => {
  folder.perTest();

  const wrong: readonly (readonly [string, () => readonly string[]])[] = [
    ['conform', () => ['conform', 'pci/1', '--waivers', file('none'), '--junit', file('a'), '--html', file('b')]],
    ['conform', () => ['conform', 'pci/1', '--wrap', 'none', '--json', file('a'), '--bundle', file('b')]],
    ['conform', () => ['conform', 'pci/1', '--junit', file('a'), '--html', file('no/b')]],
    ['run', () => ['run', 'three-nics', '--set', 'x=1', '--json', file('a'), '--pcap', file('b')]],
    ['run', () => ['run', 'three-nics', '--mode', 'threads', '--trace', file('a'), '--bundle', file('b')]],
    ['merge', () => ['merge', file('none'), '--json', file('a'), '--junit', file('b')]],
    ['diff', () => ['diff', file('none'), file('none'), '--json', file('a')]],
    ['inspect', () => ['inspect', file('none'), '--json', file('a'), '--html', file('b')]],
    ['boot', () => ['boot', '--json', file('a')]],
    ['serve', () => ['serve', '--dir', '/dev/null', '--json', file('a')]],
    ['guest', () => ['guest', '--dir', file('none'), '--json', file('a')]],
  ];
  for (const [command, args] of wrong) {
    it(`leaves no file: ${args.toString().slice(6)}`, async () => {
      expect((await avp(...args())).status).to.equal(2);
      expect(names()).to.deep.equal([]);
    });

    it(`leaves the files of a former run alone: ${command}`, async () => {
      writeFileSync(file('a'), 'former');
      expect((await avp(...args())).status).to.equal(2);
      expect(names()).to.deep.equal(['a']);
      expect(readFileSync(file('a'), 'utf8')).to.equal('former');
    });
  }

  const inputs: readonly (readonly [string, () => readonly string[]])[] = [
    ['waivers', () => ['conform', 'pci/1', '--waivers', file('in.ts'), '--json', file('link')]],
    ['a script', () => ['run', file('in.ts'), '--trace', file('link')]],
    ['a capture', () => ['run', 'replay-capture', '--set', `capture=${file('in.ts')}`, '--pcap', file('link')]],
    ['a result to be merged', () => ['merge', file('in.ts'), '--junit', file('link')]],
    ['a result to be compared', () => ['diff', file('in.ts'), file('in.ts'), '--json', file('link')]],
  ];
  for (const [what, args] of inputs)
    it(`is a report in the place of ${what} that the command reads`, async () => {
      writeFileSync(file('in.ts'), '[]');
      symlinkSync('in.ts', file('link'));
      const { status, err } = await avp(...args());
      expect([status, readFileSync(file('in.ts'), 'utf8')]).to.deep.equal([2, '[]']);
      expect(err).to.match(
        /a report would replace \S+\/in.ts, which this command reads: name another file than \S+\/link/,
      );
    });

  for (const args of [
    ['conform', 'pci/1', '--bundle'],
    ['run', 'three-nics', '--dump'],
  ])
    it(`is one name for a report and a folder: ${args[0]}`, async () => {
      const { status, err } = await avp(...args, file('a'), '--json', `${folder.path}/./a`);
      expect([status, names()]).to.deep.equal([2, []]);
      expect(err).to.match(/ \S+\/a cannot be a folder and the file of a report: give two names\n/);
    });

  it('is one folder for a dump and a bundle, under any name and before it is there', async () => {
    symlinkSync('.', file('link'));
    for (const same of [file('a'), `${folder.path}/./a`, file('link/a'), file('link/new/../a')]) {
      const { status, err } = await avp('run', 'three-nics', '--dump', file('a'), '--bundle', same);
      expect([status, names()]).to.deep.equal([2, ['link']]);
      expect(err).to.include(`two options name the folder ${same}: name two folders\n`);
    }
    const apart = ['--dump', file('a'), '--bundle', file('b')];
    expect((await avp('run', 'three-nics', '--quiet', ...apart)).status).to.equal(0);
  });

  it('is one file for two reports', async () => {
    const { status, err } = await avp('conform', 'pci/1', '--json', file('a'), '--junit', `${folder.path}/./a`);
    expect([status, names()]).to.deep.equal([2, []]);
    expect(err).to.match(/two options name the file .*: one report would replace the other; name two files/);
    expect((await avp('conform', 'pci/1', '--json', '/dev/null', '--junit', '/dev/null', '--quiet')).status).to.equal(
      0,
    );
  });
});

describe('a full disk', () => {
  folder.perTest();

  const cases: readonly (readonly [string, () => readonly string[], readonly string[]])[] = [
    ['conform', () => ['conform', 'pci/1', '--html', file('a'), '--junit', file('b'), '--json', file('c')], ['b', 'c']],
    ['run', () => ['run', 'three-nics', '--pcap', file('a'), '--json', file('b')], ['b']],
    ['run', () => ['run', 'three-nics', '--trace', file('a')], []],
    ['run', () => ['run', 'three-nics', '--html', file('a'), '--json', file('b')], ['b']],
    ['abi', () => ['abi', '--json', file('a')], []],
  ];
  for (const [command, args, written] of cases)
    it(`gives one clear line, status 2, no part of a file, and the other reports: ${command}`, async () => {
      writeFileSync(file('a'), 'former');
      const { status, err } = await withFullDisk(8, ...args());
      expect(status, err).to.equal(2);
      expect(err).to.match(
        /^(seed 1\n)avp: cannot write \S+\/a: EFBIG: file too large; make room there, or name another place\n$/,
      );
      expect(names()).to.deep.equal(written);
    });

  it('names every report that it keeps from being written', async () => {
    const { status, err } = await withFullDisk(0, 'conform', 'pci/1', '--junit', file('a'), '--json', file('b'));
    expect([status, names()]).to.deep.equal([2, []]);
    expect(err).to.match(/^seed 1\navp: cannot write \S+\/a: EFBIG.*; cannot write \S+\/b: EFBIG.*\n$/);
  });

  it('leaves no bundle of a failure that is not whole', async () => {
    process.env['AVP_TEST_FAULT'] = 'planted';
    const ended = withFullDisk(16, 'run', ON_DEMAND, '--set', 'frames=100', '--bundle', file('a'), '--json', file('b'));
    delete process.env['AVP_TEST_FAULT'];
    const { status, err, out } = await ended;
    expect(out).to.include('on/demand: fail');
    expect(status, err).to.equal(2);
    expect(err).to.match(/avp: cannot write \S+\/a\/on-demand: EFBIG/);
    expect([names(), readdirSync(file('a'))]).to.deep.equal([['a', 'b'], []]);
  });

  it('leaves no dump that is not whole, and the verdict stands', async () => {
    process.env['AVP_TEST_FAULT'] = 'planted';
    const ended = withFullDisk(8, 'run', ON_DEMAND, '--dump', file('a'), '--json', file('b'));
    delete process.env['AVP_TEST_FAULT'];
    const { status, out } = await ended;
    expect(status).to.equal(1);
    expect(out).to.include('the memory could not be written: EFBIG: file too large');
    expect(names()).to.deep.equal(['b']);
  });

  it('of standard output gives status 2', async () => {
    const { status, err } = await new AvpProcess(['sh', '-c', 'exec "$@" > /dev/full', 'sh', ...avpWords('abi')]).ended;
    expect(status).to.equal(2);
    expect(err).to.include('cannot write standard output: ENOSPC');
  });
});

describe('reports', () => {
  folder.perTest();

  it('of a former run are gone if the command fails', async () => {
    writeFileSync(file('a'), 'former');
    stub(emitJson, 'describeAbi').throws(new Error('broken on purpose'));
    const { status, err } = await avp('abi', '--json', file('a')).finally(restore);
    expect([status, existsSync(file('a'))]).to.deep.equal([2, false]);
    expect(err).to.include('internal error: Error: broken on purpose');
  });

  it('stand when the folder for temporary files has vanished, and a warning says so', async () => {
    const { TMPDIR } = process.env;
    mkdirSync(file('tmp'));
    process.env['TMPDIR'] = file('none');
    const { status, err } = await avp('conform', 'pci/1', '--junit', file('a')).finally(() => {
      if (TMPDIR === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = TMPDIR;
    });
    expect(status).to.equal(0);
    expect(err).to.match(
      /^seed 1\navp: warning: cannot tidy up \S+\/none \(TMPDIR\): ENOENT: no such file or directory\n$/,
    );
    expect(readFileSync(file('a'), 'utf8')).to.include('name="pci/1: ');
  });
});
