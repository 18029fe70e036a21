import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { shadow } from '../../../../../shared/mem/watched';
import { allocate, extents, resetArena } from '../../../../../shared/arena';
import { UsageError } from '../../../../../shared/errors';
import { bytes8, memory } from '../../../../../shared/mem/memory';
import { storePciFunctionBarAddress } from '../../../../../shared/loops/records';
import { DRIVER_READ, HOST_ONLY } from '../../../../../shared/loops/rights';
import { requireEvidenceFolder } from '../../../../../testbench/evidence/evidenceFolder';
import type { DumpIndex } from '../../../../../testbench/evidence/dump/dumpIndex';
import { readDump } from '../../../../../testbench/evidence/dump/readDump';
import { writeDump } from '../../../../../testbench/evidence/dump/writeDump';
import { sourceArguments } from '../../../../../testbench/runtime/package';
import { TraceWorld } from '../world';
import { RUN } from './run';
import { TemporaryFolder } from '../../../../support/temporaryFolder';

describe('dump of the arena', () => {
  const parent = new TemporaryFolder().perTest();
  let folder: string;
  let world: TraceWorld | null = null;

  beforeEach(() => {
    folder = parent.file('a', 'dump');
    resetArena();
  });
  afterEach(() => {
    world?.close();
    world = null;
  });

  it('contains only allocated memory, with labels and rights', () => {
    const first = allocate(10_000, { rights: HOST_ONLY | DRIVER_READ, label: 'first' });
    const second = allocate(64, { rights: DRIVER_READ, label: 'second' });
    bytes8.fill(7, first + 9_000, first + 10_000);
    bytes8.fill(9, second, second + 64);
    writeDump(folder, RUN);
    const { index, space } = readDump(folder);
    expect(index).to.deep.include(RUN);
    const shown = index.extents.map(({ address, bytes, rights, label }) => ({ address, bytes, rights, label }));
    expect(shown).to.deep.equal([
      { address: first, bytes: 10_000, rights: ['host-read', 'host-write', 'driver-read'], label: 'first' },
      { address: second, bytes: 64, rights: ['driver-read'], label: 'second' },
    ]);
    expect(space.bytesAt(first, 10_000)).to.deep.equal(bytes8.slice(first, first + 10_000));
    expect(space.bytesAt(second, 64)).to.deep.equal(bytes8.slice(second, second + 64));
    expect(space.bytesAt(second, 65)).to.equal(null);
    expect(space.bytesAt(first - 1, 1)).to.equal(null);
  });

  it('lists devices, ports and mempools, even of an instance with a long name', () => {
    const name = `an-instance-with-a-name-${'that-is-long-'.repeat(5)}`;
    world = new TraceWorld(['red', 'blue'], 2, name);
    writeDump(folder, RUN);
    const { index, privateRecords } = readDump(folder);
    expect(privateRecords).to.equal(true);
    expect(index.ports.map(({ device }) => device)).to.have.members(
      world.instance.nics.map(({ device }) => device!.function.base),
    );
    expect(index.mempools.map(({ address }) => address)).to.deep.equal([world.pool.address]);
    for (const { device } of world.instance.nics) {
      const found = index.devices.find((one) => one.function === device!.function.base)!;
      expect(found.name).to.match(/^an-instance-with-a-n/);
      expect(found.host).to.equal(device!.inspect.host.port);
      for (const bar of ['0', '1', '2', '4', '5'] as const)
        expect(found.bars[bar]).to.deep.equal({
          address: device!.function.barAddress(Number(bar)),
          bytes: device!.function.barBytes(Number(bar)),
        });
    }
  });

  it('does not trust memory that the guest may write', () => {
    world = new TraceWorld(['red']);
    const { device } = world.instance.nics[0]!;
    storePciFunctionBarAddress(device!.function.base, 2, 64);
    writeDump(folder, RUN);
    const [found] = readDump(folder).index.devices;
    expect(found!.bars['2']!.bytes).to.equal(device!.function.barBytes(2));
    expect(found!.host).to.equal(device!.inspect.host.port);
  });

  it('distinguishes devices with the same name', () => {
    const other = new TraceWorld(['red']);
    const twin = other.nodes[1].boot('vm', [{ network: 'red', model: 'avp' }], { drivers: [] });
    world = other;
    const [here, there] = [other.instance.nics[0]!.device!, twin.nics[0]!.device!];
    writeDump(folder, RUN);
    const hosts = readDump(folder).index.devices.map((one) => [one.function, one.host]);
    expect(hosts).to.have.deep.members([
      [here.function.base, here.inspect.host.port],
      [there.function.base, there.inspect.host.port],
    ]);
  });

  it('can be written by any thread that shares the arena', async () => {
    const address = allocate(100, { rights: HOST_ONLY, label: 'mine' });
    bytes8[address] = 42;
    const worker = new Worker(join(__dirname, 'dumpWorker.ts'), {
      execArgv: ['--conditions=watched', ...sourceArguments()],
      workerData: { folder, avpArena: { memory, shadow } },
    });
    await once(worker, 'message');
    await worker.terminate();
    expect(readDump(folder).space.bytesAt(address, 1)).to.deep.equal(Uint8Array.of(42));
    expect(extents()).to.have.length(1);
  });

  it('is small if memory is not used, and readable only by its owner', () => {
    allocate(0x0800_0000, { rights: HOST_ONLY, label: 'large' });
    writeDump(folder, RUN);
    const files = readdirSync(folder).map((name) => statSync(join(folder, name)));
    expect(files.reduce((sum, { size }) => sum + size, 0)).to.be.below(1_000_000);
    for (const { mode } of files) expect(mode & 0o777).to.equal(0o600);
  });

  it('never overwrites another dump', () => {
    writeDump(folder, RUN);
    expect(() => writeDump(folder, RUN)).to.throw(/EEXIST/);
  });

  it('recognises the private records of another build', () => {
    writeDump(folder, RUN);
    const file = join(folder, 'index.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/"layout": "[0-9a-f]+"/, '"layout": "0123"'));
    expect(readDump(folder).privateRecords).to.equal(false);
  });

  describe('is refused in one line if it is damaged:', () => {
    const change = (edit: (index: DumpIndex) => unknown) => () => {
      const file = join(folder, 'index.json');
      const index = JSON.parse(readFileSync(file, 'utf8')) as DumpIndex;
      writeFileSync(file, JSON.stringify(edit(index) ?? index));
    };
    const replace = (bytes: Uint8Array) => () => writeFileSync(join(folder, 'arena.gz'), bytes);
    const extentOf = (index: DumpIndex): DumpIndex['extents'][number] => index.extents[0]!;
    const cases: readonly (readonly [what: string, damage: () => void, says: RegExp])[] = [
      ['a missing folder', () => rmSync(folder, { recursive: true }), /no index.json there \(ENOENT\)/],
      ['no index', () => rmSync(join(folder, 'index.json')), /no index.json there/],
      ['no memory', () => rmSync(join(folder, 'arena.gz')), /no arena.gz there/],
      ['no JSON', () => writeFileSync(join(folder, 'index.json'), 'dump'), /index.json is no JSON/],
      ['another format', change((index) => ({ ...index, format: 'avp-testbench dump 99' })), /format/],
      ['a list', change(() => []), /index.json: /],
      ['an address outside', change((index) => void (extentOf(index).address = 0x8000_0000)), /address/],
      [
        'an extent that leaves the arena',
        change((index) => void (extentOf(index).bytes = 0x7fff_0000)),
        /overlaps another or leaves the arena/,
      ],
      [
        'extents on each other',
        change((index) => ({ ...index, extents: [extentOf(index), extentOf(index)] })),
        /overlaps another/,
      ],
      ['a string instead of a number', change((index) => ({ ...index, seed: 'one' })), /seed/],
      ['memory cut off', replace(new Uint8Array(3)), /was cut off/],
      ['memory that is no gzip', change((index) => void (extentOf(index).stored = 4)), /can't be unpacked/],
      [
        'memory that unpacks to more',
        () => {
          const bomb = gzipSync(new Uint8Array(50_000_000));
          replace(bomb)();
          change((index) => void (extentOf(index).stored = bomb.length))();
        },
        /can't be unpacked/,
      ],
      ['memory that unpacks to less', change((index) => void (extentOf(index).bytes += 8)), /has not the \d+ bytes/],
    ];
    for (const [what, damage, says] of cases)
      it(what, () => {
        allocate(4_096, { rights: HOST_ONLY, label: 'only' });
        writeDump(folder, RUN);
        damage();
        expect(() => readDump(folder)).to.throw(UsageError, says);
        expect(() => readDump(folder)).to.throw(UsageError, /^cannot read a dump from [^\n]+$/);
      });
  });
});

describe('folder for a dump', () => {
  const folder = new TemporaryFolder().perTest();

  it('may be missing or empty, and is not made before the dump is written', () => {
    requireEvidenceFolder(folder.path, 'a dump');
    requireEvidenceFolder(folder.file('a', 'b'), 'a dump');
    expect(existsSync(folder.file('a'))).to.equal(false);
  });

  it('is refused if it is not empty, is not a folder, or lies below a file', () => {
    mkdirSync(folder.file('full'));
    writeFileSync(folder.file('full', 'file'), '');
    for (const [path, says] of [
      ['full', /it is not empty/],
      ['full/file', /is no folder/],
      ['full/file/x', /is no folder/],
    ] as const)
      expect(() => requireEvidenceFolder(folder.file(path), 'a dump'), path).to.throw(UsageError, says);
  });
});
