import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { UsageError } from '../../../../shared/errors';
import { packageRoot, sourceArguments } from '../../../../testbench/runtime/package';
import { partOf } from '../../../../testbench/runtime/parts';
import { WholeFile } from '../../../../testbench/runtime/wholeFile';
import { eventually } from '../../../support/eventually';
import { TemporaryFolder } from '../../../support/temporaryFolder';

const NOBODY = 65_534;

/** A pid that no process has. */
function deadPid(): number {
  return spawnSync('true').pid;
}

interface Written {
  readonly out: string;
  readonly err: string;
}

/** Writes 100,000 bytes in a process of its own, which a shell command starts with `"$@"`. */
function writeInShell(command: string, path: string, user: { readonly uid?: number } = {}): Written {
  const program = `
    const { WholeFile } = require('./testbench/runtime/wholeFile.ts');
    process.stdout.write('before\\n');
    try {
      const file = WholeFile.at(process.argv[1]);
      file.removeFormer();
      file.write('x'.repeat(100_000));
      process.stdout.write('after\\n');
    } catch (error) {
      process.stderr.write(error.name + ': ' + error.message);
    }`;
  const words = [process.execPath, ...sourceArguments(), '-e', program, path];
  const options = { cwd: packageRoot(), encoding: 'utf8', ...user } as const;
  const { stdout, stderr } = spawnSync('sh', ['-c', command, 'sh', ...words], options);
  return { out: stdout, err: stderr };
}

/** Does so without root's right to write everything. */
function writeUnprivileged(test: Mocha.Context, path: string): Written {
  if (process.getuid!() !== 0) return writeInShell('"$@"', path);
  const user = { uid: NOBODY };
  if (spawnSync('test', ['-r', __filename], user).status === 0) return writeInShell('"$@"', path, user);
  process.stdout.write('      nobody but root can read this checkout: protected files were not tried\n');
  test.skip();
}

describe('a file that is written whole or not at all', () => {
  const folder = new TemporaryFolder().perTest();

  const names = (): string[] => fs.readdirSync(folder.path).sort();
  const text = (name: string): string => fs.readFileSync(folder.file(name), 'utf8');
  const former = (name: string, mode = 0o644): string => {
    fs.writeFileSync(folder.file(name), 'former');
    fs.chmodSync(folder.file(name), mode);
    return folder.file(name);
  };

  it('does not exist before it is written, and the check changes nothing', () => {
    const file = WholeFile.at(folder.file('new'));
    expect(names()).to.deep.equal([]);
    const other = WholeFile.at(former('old'));
    expect(text('old')).to.equal('former');
    other.removeFormer();
    expect(names()).to.deep.equal([]);
    file.write('this');
    other.write(Buffer.from('that'));
    expect([text('new'), text('old'), names()]).to.deep.equal(['this', 'that', ['new', 'old']]);
  });

  it('replaces the former file in one step: who has that open goes on reading it whole', () => {
    const reader = fs.openSync(former('r'), 'r');
    WholeFile.at(folder.file('r')).write('longer than it was');
    expect(fs.readFileSync(reader, 'utf8')).to.equal('former');
    fs.closeSync(reader);
    expect(text('r')).to.equal('longer than it was');
  });

  it('keeps the permissions of the file that it replaces', () => {
    const file = WholeFile.at(former('r', 0o606));
    file.removeFormer();
    file.write('');
    expect(fs.statSync(folder.file('r')).mode & 0o777).to.equal(0o606);
  });

  it('is written where links lead, also to a file that does not exist yet, and the links stay', () => {
    fs.mkdirSync(folder.file('there'));
    former('there/old');
    fs.symlinkSync('there/old', folder.file('a'));
    fs.symlinkSync('there/new', folder.file('b'));
    fs.symlinkSync('b', folder.file('c'));
    for (const name of ['a', 'c']) {
      const file = WholeFile.at(folder.file(name));
      file.removeFormer();
      file.write(name);
    }
    expect([text('there/old'), text('there/new')]).to.deep.equal(['a', 'c']);
    expect(['a', 'b', 'c'].map((name) => fs.readlinkSync(folder.file(name)))).to.deep.equal([
      'there/old',
      'there/new',
      'b',
    ]);
  });

  it('does not exist where the disk is full', () => {
    former('r');
    // Node ignores SIGXFSZ, so that a write beyond the limit gives EFBIG.
    const { err } = writeInShell('ulimit -f 16; exec "$@"', folder.file('r'));
    expect(err).to.match(
      /^UsageError: cannot write .*\/r: EFBIG: file too large; make room there, or name another place$/,
    );
    expect(names()).to.deep.equal([]);
  });

  it('is refused before the work where it cannot be written', () => {
    former('file');
    fs.mkdirSync(folder.file('folder'));
    fs.symlinkSync('loop', folder.file('loop'));
    for (const [name, says] of [
      ['none/r', /ENOENT/],
      ['file/r', /ENOTDIR/],
      ['folder', /EISDIR/],
      ['folder/', /EISDIR/],
      ['new/', /EISDIR/],
      ['loop', /ELOOP/],
    ] as const)
      expect(() => WholeFile.at(folder.path + '/' + name), name).to.throw(UsageError, says);
    expect(names()).to.deep.equal(['file', 'folder', 'loop']);
  });

  it('is refused where it is protected', function () {
    fs.chmodSync(folder.path, 0o777);
    for (const path of [former('r', 0o444), '/nobody-may-write-here'])
      expect(writeUnprivileged(this, path).err).to.match(
        /^UsageError: cannot write .*: EACCES: permission denied; name a/,
      );
    expect(text('r')).to.equal('former');
  });

  it('is emptied and written in place where its folder is protected', function () {
    const path = former('r', 0o666);
    fs.linkSync(path, folder.file('same'));
    fs.chmodSync(folder.path, 0o555);
    const { err } = writeUnprivileged(this, path);
    fs.chmodSync(folder.path, 0o755);
    expect([err, names(), text('same').length]).to.deep.equal(['', ['r', 'same'], 100_000]);
  });

  it('waits for the reader of a pipe no longer than it is told to', async () => {
    const fifo = folder.file('fifo');
    expect(spawnSync('mkfifo', [fifo]).status).to.equal(0);
    const report = 'x'.repeat(200_000);
    expect(() => WholeFile.at(fifo).write(report, 60_000)).to.throw(UsageError, /fifo: nobody reads the pipe; start/);
    const idle = fs.openSync(fifo, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
    expect(() => WholeFile.at(fifo).write(report, 20)).to.throw(UsageError, /its reader took \d+ of 200000 bytes/);
    // The pipe loses its contents with its last reader.
    fs.closeSync(idle);
    const slow = spawn('sh', ['-c', `{ sleep 0.3; cat; } < ${fifo} | wc -c`], { stdio: ['ignore', 'pipe', 'inherit'] });
    let counted = '';
    slow.stdout.on('data', (text: Buffer) => (counted += text.toString()));
    await eventually('the report', () => {
      try {
        WholeFile.at(fifo).write(report, 60_000);
        return true;
      } catch (error) {
        if (!(error as Error).message.includes('nobody reads')) throw error;
        return false;
      }
    });
    await once(slow, 'close');
    expect(Number(counted)).to.equal(200_000);
  });

  it('may be a device or a pipe, which stays one', () => {
    WholeFile.at('/dev/null').removeFormer();
    WholeFile.at('/dev/null').write('x');
    expect(fs.statSync('/dev/null').isCharacterDevice()).to.equal(true);
    expect(() => WholeFile.at('/dev/full').write('x')).to.throw(UsageError, /^cannot write \/dev\/full: ENOSPC/);

    const fifo = folder.file('fifo');
    expect(spawnSync('mkfifo', [fifo]).status).to.equal(0);
    const { out } = writeInShell(`wc -c < ${fifo} & "$@"; wait`, fifo);
    expect(out.split('\n')).to.have.members(['before', 'after', '100000', '']);
    expect(fs.statSync(fifo).isFIFO()).to.equal(true);
  });

  it('may be standard output, after what was printed before and before what is printed after', () => {
    const wanted = `before\n${'x'.repeat(100_000)}after\n`;
    expect(writeInShell('"$@"', '/dev/stdout').out, 'a socket').to.equal(wanted);
    expect(writeInShell('"$@" | cat', '/dev/stdout').out, 'a pipe').to.equal(wanted);
    writeInShell(`"$@" > ${folder.file('out')}`, '/dev/stdout');
    expect(text('out'), 'a file').to.equal(wanted);
  });

  it('cleans up what a killed process left, and nothing of one that lives', () => {
    const part = partOf(folder.file('r'));
    const [dead, alive] = [deadPid(), process.ppid].map((pid) => part.replace(String(process.pid), String(pid)));
    for (const path of [dead!, alive!, folder.file('.r.x.part'), folder.file('.other.1.part')])
      fs.writeFileSync(path, '');
    WholeFile.at(folder.file('r')).removeFormer();
    expect(names()).to.deep.equal(['.other.1.part', '.r.x.part', alive!.slice(folder.path.length + 1)].sort());
  });

  it('may have the longest name that the file system takes', () => {
    const name = 'ä'.repeat(127);
    WholeFile.at(folder.file(name)).write('x');
    expect(names()).to.deep.equal([name]);
    expect(join(folder.path, name)).to.equal(folder.file(name));
  });
});
