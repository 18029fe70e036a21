import {
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { load32 } from '#mem';
import { ExportTree } from '../../../../emulator/export/exportTree';
import { FileLock } from '../../../../emulator/export/bars/fileLock';
import { parseIdentity, parseResources, parseBdf, resourceText, startOf } from '../../../../emulator/export/bars/tree';
import { UioWords } from '../../../../emulator/export/uio/uioWords';
import { allocate, resetArena } from '../../../../shared/arena';
import { UsageError } from '../../../../shared/errors';
import { BAR_DEVICE, DEVICE_MAGIC } from '../../../../shared/loops/layout';
import { BOTH } from '../../../../shared/loops/rights';
import { makeDevice } from '../device/bench';
import { TemporaryFolder } from '../../../support/temporaryFolder';

describe('tree of an exported function', () => {
  const folder = new TemporaryFolder();
  let dir: string;
  let tree: ExportTree | null = null;

  function closeTree(): void {
    tree?.close();
    tree = null;
  }

  afterEach(closeTree);
  folder.perTest();
  beforeEach(() => {
    resetArena();
    dir = folder.file('tree');
  });

  it('looks like a function in Linux that is bound to a uio driver', () => {
    const device = makeDevice();
    tree = ExportTree.create(dir);
    tree.add(device.function);
    const shown = join(dir, 'devices/0000:00:05.0');
    const text = (name: string): string => readFileSync(join(shown, name), 'utf8').trim();
    const names = ['vendor', 'device', 'subsystem_vendor', 'subsystem_device', 'class', 'max_vfs', 'numa_node'];
    expect(names.map(text)).to.deep.equal(['0x1af4', '0x1110', '0x1af4', '0x1104', '0x050000', '0', '0']);
    expect(readlinkSync(join(shown, 'driver'))).to.match(/\/igb_uio$/);
    expect(readdirSync(join(shown, 'uio'))).to.deep.equal(['uio0']);
    expect(
      text('resource')
        .split('\n')
        .map((line) => line.endsWith('0x0000000000040200')),
    ).to.deep.equal([true, true, true, false, true, true]);
    expect(existsSync(join(shown, 'resource3'))).to.be.false;
    expect(statSync(join(dir, 'uio0')).isSocket()).to.be.true;
    expect(statSync(join(dir, 'config')).size).to.equal(4_096);
    const modes = [dir, shown, join(shown, 'resource2'), join(shown, 'vendor'), join(dir, 'uio0')];
    expect(modes.map((path) => (statSync(path).mode & 0o777).toString(8))).to.deep.equal([
      '700',
      '700',
      '600',
      '600',
      '600',
    ]);
    closeTree();
    expect(existsSync(dir)).to.be.false;
    device.destroy();
  });

  it('holds several functions, and lets one be removed while the others stay', () => {
    const devices = [makeDevice(), makeDevice({}, undefined, 8)];
    tree = ExportTree.create(dir);
    const first = tree.add(devices[0]!.function);
    expect(() => tree!.add(devices[1]!.function)).to.throw(UsageError, /0000:00:05.0 is exported already/);
    first.remove();
    const second = tree.add(devices[1]!.function);
    expect([second.uio, tree.functions.length]).to.deep.equal([0, 1]);
    closeTree();
    for (const device of devices) device.destroy();
  });

  it('shows BARs that nobody can cut short or make longer', () => {
    const device = makeDevice();
    tree = ExportTree.create(dir);
    tree.add(device.function);
    for (const bar of [0, 1, 2, 4, 5]) {
      const file = join(dir, `devices/0000:00:05.0/resource${bar}`);
      const bytes = device.function.barBytes(bar);
      for (const size of [0, bytes - 1, bytes + 1])
        expect(() => truncateSync(file, size), `${size} bytes of ${bytes}`).to.throw(/EPERM/);
      // Opens the file as a shell's redirection does.
      expect(() => openSync(file, 'w')).to.throw(/EPERM/);
      expect(statSync(file).size).to.equal(bytes);
    }
    expect(load32(device.function.barAddress(BAR_DEVICE))).to.equal(DEVICE_MAGIC);
    closeTree();
    device.destroy();
  });

  it('leaves nothing behind if an export fails', () => {
    const device = makeDevice();
    tree = ExportTree.create(dir);
    const magic = device.function.barAddress(BAR_DEVICE);
    const before = load32(magic);
    mkdirSync(join(dir, 'devices/0000:00:05.0/in-the-way'), { recursive: true });
    expect(() => tree!.add(device.function)).to.throw(Error, /EEXIST|ENOTEMPTY/);
    expect(load32(magic)).to.equal(before);
    expect(readdirSync(dir).filter((name) => name.startsWith('uio'))).to.deep.equal([]);
    closeTree();
    device.destroy();
  });

  it('belongs to one process, and is refused if its folder holds other files', () => {
    tree = ExportTree.create(dir);
    expect(() => ExportTree.create(dir)).to.throw(UsageError, `in use by process ${process.pid}`);
    closeTree();
    writeFileSync(folder.file('letter.txt'), 'mine');
    expect(() => ExportTree.create(folder.path)).to.throw(UsageError, /letter\.txt/);
    expect(readdirSync(folder.path)).to.deep.equal(['letter.txt']);
  });

  it('is refused if the path is too long for a socket', () => {
    const deep = folder.file('x'.repeat(120));
    expect(() => ExportTree.create(deep)).to.throw(UsageError, /too long for a unix socket/);
    expect(existsSync(deep)).to.be.false;
  });
});

describe('text files of the tree', () => {
  it('parses the resources that it has written', () => {
    const resources = [0, 1, 2, 3, 4, 5].map((bar) =>
      bar === 3 ? { start: 0n, bytes: 0 } : { start: startOf(1, bar), bytes: 4_096 << bar },
    );
    expect(parseResources(resourceText(resources), 'resource')).to.deep.equal(resources);
  });

  for (const line of ['', '0x0 0x1', '0x10 0x0f 0x40200', '0x1 0xffffffffffff 0x40200', 'start end flags'])
    it(`refuses the resource line '${line}'`, () => {
      expect(() => parseResources(`${line}\n`, 'resource')).to.throw(UsageError, /^resource: /);
    });

  it('refuses text that is not a BDF or not a number', () => {
    expect(parseBdf('0000:02:1f.7')).to.equal((2 << 8) | (31 << 3) | 7);
    for (const bdf of ['', '00:05.0', '0000:00:20.0', '0000:00:05.8'])
      expect(() => parseBdf(bdf)).to.throw(UsageError, /0000:00:05\.0/);
    expect(() => parseIdentity(() => 'x')).to.throw(UsageError, /vendor: 'x'/);
  });
});

describe('words from the uio socket', () => {
  it('are complete, however the stream is cut', () => {
    const bytes = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const words = new UioWords();
      const heard: number[] = [];
      words.take(bytes.subarray(0, cut), (word) => heard.push(word));
      words.take(bytes.subarray(cut), (word) => heard.push(word));
      expect(heard).to.deep.equal([1, 0, 1]);
    }
  });
});

describe('file lock', () => {
  const folder = new TemporaryFolder().perTest();

  it('has one holder at a time, and removes its file when released', () => {
    const path = folder.file('lock');
    const lock = FileLock.tryTake(path)!;
    expect([FileLock.tryTake(path), FileLock.holder(path)]).to.deep.equal([null, process.pid]);
    lock.release();
    expect(existsSync(path)).to.be.false;
    FileLock.tryTake(path)!.release();
  });
});

describe('arena after an export', () => {
  const folder = new TemporaryFolder().perTest();

  it('can use the addresses of the files again', () => {
    resetArena();
    const device = makeDevice();
    const tree = ExportTree.create(folder.file('tree'));
    tree.add(device.function);
    tree.close();
    device.destroy();
    const again = allocate(65_536, { align: 4_096, rights: BOTH, label: 'again' });
    expect(load32(again + 4_096)).to.equal(0);
  });
});
