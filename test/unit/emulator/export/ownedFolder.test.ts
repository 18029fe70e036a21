import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'chai';
import { FileLock } from '../../../../emulator/export/bars/fileLock';
import { ExportTree } from '../../../../emulator/export/exportTree';
import { UsageError } from '../../../../shared/errors';
import { makeFolders } from '../../../../shared/folders';
import { packageRoot, sourceArguments } from '../../../../testbench/runtime/package';
import { avp } from '../../../support/cli';
import { TemporaryFolder } from '../../../support/temporaryFolder';

const MARKER = '.avp-owner';

/** Everything below a folder with kind, mode and content. */
function listed(folder: string): string[] {
  return (readdirSync(folder, { recursive: true }) as string[]).sort().map((name) => {
    const found = lstatSync(join(folder, name));
    const content = found.isFile() ? readFileSync(join(folder, name), 'utf8') : '';
    return `${name} ${found.mode.toString(8)} ${content}`;
  });
}

describe('folder of an export', () => {
  const folder = new TemporaryFolder().perTest();
  let dir: string;

  beforeEach(() => {
    dir = folder.file('vm');
    mkdirSync(dir, { mode: 0o700 });
  });

  /** Expects that the folder is refused and that nothing in it, or beside it, has changed. */
  function expectRefused(message: RegExp): void {
    const before = listed(folder.path);
    expect(() => ExportTree.create(dir)).to.throw(UsageError, message);
    expect(listed(folder.path)).to.deep.equal(before);
  }

  /** Leaves the folder as a process does that was killed. */
  function leaveDeadTree(): void {
    const kept = folder.file('kept');
    const tree = ExportTree.create(dir);
    spawnSync('cp', ['-a', dir, kept]);
    tree.close();
    rmSync(dir, { recursive: true, force: true });
    spawnSync('mv', [kept, dir]);
  }

  const strangers: readonly (readonly [what: string, put: () => void, message: RegExp])[] = [
    ['a file', () => writeFileSync(join(dir, 'owner'), 'precious'), /holds 'owner'.*nothing is changed: give an empty/],
    ['a marker of another tool', () => writeFileSync(join(dir, MARKER), '4711\n'), /was not written by this tool/],
    ['a marker that is a link', () => symlinkSync('../victim', join(dir, MARKER)), /was not written by this tool/],
    ['a marker that is a folder', () => mkdirSync(join(dir, MARKER)), /was not written by this tool/],
    ['a marker that is a pipe', () => spawnSync('mkfifo', [join(dir, MARKER)]), /was not written by this tool/],
    [
      'an empty marker beside other files',
      () => ['config', MARKER].forEach((name) => writeFileSync(join(dir, name), '')),
      /holds 'config'/,
    ],
    [
      'files beside those of a dead export',
      () => {
        leaveDeadTree();
        writeFileSync(join(dir, 'letter.txt'), 'mine');
      },
      /holds 'letter\.txt'/,
    ],
    [
      'files among those of a dead export',
      () => {
        leaveDeadTree();
        writeFileSync(join(dir, 'devices/list'), 'mine');
      },
      /holds 'devices\/list'/,
    ],
    [
      'a link in place of a folder of a dead export',
      () => {
        leaveDeadTree();
        rmSync(join(dir, 'devices'), { recursive: true });
        mkdirSync(folder.file('0000:00:05.0'));
        symlinkSync(folder.path, join(dir, 'devices'));
      },
      /holds 'devices'/,
    ],
  ];
  for (const [what, put, message] of strangers)
    it(`is refused if it holds ${what}`, () => {
      writeFileSync(folder.file('victim'), 'precious');
      put();
      expectRefused(message);
    });

  for (const mode of [0o777, 0o1777, 0o770, 0o702])
    it(`is refused if others can write to it, with mode ${mode.toString(8)}`, () => {
      chmodSync(dir, mode);
      expectRefused(new RegExp(`its mode is ${mode.toString(8)}: .*chmod go-w`));
    });

  it('is refused if it is a symbolic link', () => {
    symlinkSync(dir, folder.file('link'));
    expect(() => ExportTree.create(folder.file('link'))).to.throw(UsageError, /is a symbolic link/);
    expect(readdirSync(dir)).to.deep.equal([]);
  });

  it('is refused if it belongs to another user', function () {
    if (process.getuid?.() !== 0) {
      process.stdout.write('      only root can give a folder to another user: not tested\n');
      return this.skip();
    }
    spawnSync('chown', ['65534', dir]);
    expectRefused(/belongs to another user/);
  });

  it('is taken over from a process that has died, and is gone in the end', () => {
    rmSync(dir, { recursive: true });
    leaveDeadTree();
    expect(readdirSync(dir)).to.have.members([MARKER, 'config', 'devices']);
    ExportTree.create(dir).close();
    expect(existsSync(dir)).to.be.false;
  });

  it('stays, as it was, if it was there before', () => {
    chmodSync(dir, 0o755);
    ExportTree.create(dir).close();
    expect([statSync(dir).mode & 0o777, readdirSync(dir)]).to.deep.equal([0o755, []]);
  });

  it('keeps what others put into it', () => {
    const tree = ExportTree.create(dir);
    writeFileSync(join(dir, 'devices/notes'), 'mine');
    writeFileSync(join(dir, 'got.pcapng'), 'mine');
    tree.close();
    expect(readdirSync(dir, { recursive: true })).to.have.members(['devices', 'devices/notes', 'got.pcapng']);
  });

  it('is refused by avp serve with status 2', async () => {
    writeFileSync(join(dir, 'owner'), 'precious');
    const { status, err } = await avp('serve', '--dir', dir);
    expect([status, readFileSync(join(dir, 'owner'), 'utf8')]).to.deep.equal([2, 'precious']);
    expect(err).to.match(/^avp: folder .* holds 'owner'.*\n$/m);
  });
});

describe('folders that cannot be made', () => {
  const folder = new TemporaryFolder().perTest();

  /** Runs the command in a process of its own, because a loop without an end would hang this one. */
  function refusal(...args: readonly string[]): string {
    const command = [...sourceArguments(), join(packageRoot(), 'cli/avp.ts'), ...args];
    const ended = spawnSync(process.execPath, command, { encoding: 'utf8', timeout: 60_000, cwd: folder.path });
    return `${ended.status} ${ended.stderr}`;
  }

  it('end the command with status 2, even in a file system that knows no new folder', function () {
    this.timeout(200_000);
    for (const args of [
      ['serve', '--dir', '/proc/x/y'],
      ['run', 'three-nics', '--bundle', '/proc/x'],
    ])
      expect(refusal(...args), args.join(' ')).to.match(/^2 [^]*\/proc\/x/);
  });

  it('leave none of their parents behind', () => {
    writeFileSync(folder.file('file'), '');
    expect(() => makeFolders(folder.file('a', 'b', 'x'.repeat(300)))).to.throw(/ENAMETOOLONG/);
    expect(() => makeFolders(folder.file('file', 'a'))).to.throw(/ENOTDIR/);
    expect(readdirSync(folder.path)).to.deep.equal(['file']);
    expect(makeFolders(folder.file('a', 'b'))).to.deep.equal([folder.file('a'), folder.file('a', 'b')]);
  });
});

describe('file of a lock', () => {
  const folder = new TemporaryFolder().perTest();

  it('is neither followed nor changed if a lock has not written it', () => {
    const victim = mkdtempSync(folder.file('victim-'));
    symlinkSync(join(victim, 'file'), folder.file('lock'));
    expect(() => FileLock.tryTake(folder.file('lock'))).to.throw(UsageError, /move it away/);
    expect(readdirSync(victim)).to.deep.equal([]);
  });

  it('tells who has the lock and since when', () => {
    const lock = FileLock.tryTake(folder.file('lock'))!;
    const record = JSON.parse(readFileSync(lock.path, 'utf8')) as object;
    const stat = readFileSync(`/proc/${process.pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    expect(record).to.include({ pid: process.pid, startTicks: Number(stat[22 - 3]) });
    lock.release();
  });
});
