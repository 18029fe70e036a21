import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { UsageError } from '../../../../../shared/errors';
import { cpusOfJob } from '../../../../../testbench/peers/dpdk/cpus';
import { requireSharedLibraries } from '../../../../../testbench/peers/dpdk/linkage';
import { ownPeer } from '../../../../../testbench/peers/dpdk/ownPeer';
import type { StartablePeer } from '../../../../../testbench/peers/dpdk/peer';
import { splitWords, testpmdCommand } from '../../../../../testbench/peers/dpdk/testpmdCommand';
import { TemporaryFolder } from '../../../../support/temporaryFolder';

const PEER: StartablePeer = {
  testpmd: '/opt/dpdk/bin/dpdk-testpmd',
  loader: null,
  libraries: ['/opt/dpdk/lib', '/opt/lib'],
  suffix: '24',
};
const OPTIONS = {
  peer: PEER,
  shim: '/tmp/shim.so',
  env: { AVP_DIR: '/tmp/x' },
  bdfs: ['0000:00:05.0', '0000:00:06.0'],
  cpus: { main: 2, forward: [3, 5] },
};

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).to.be.instanceOf(UsageError);
  return (error as Error).message;
}

describe('command of testpmd', () => {
  it('names drivers, lcores and functions', () => {
    const { program, args, env } = testpmdCommand({ ...OPTIONS, args: ['--rxq=4'] });
    expect(program).to.equal(PEER.testpmd);
    expect(args.join(' ')).to.equal(
      '--no-huge --no-shconf --no-telemetry -m 256 -d librte_net_avp.so.24 -d librte_mempool_ring.so.24 ' +
        '--lcores 0@2,1@3,2@5 -a 0000:00:05.0 -a 0000:00:06.0 -- -i --total-num-mbufs=16384 --rxq=4',
    );
    expect(env).to.include({
      AVP_DIR: '/tmp/x',
      LD_PRELOAD: '/tmp/shim.so',
      LD_LIBRARY_PATH: '/opt/dpdk/lib:/opt/lib',
    });
  });

  it('is started by its own loader, which alone is told the folders of its libraries', () => {
    const peer = { ...PEER, loader: '/opt/ld.so' };
    const { program, args, env } = testpmdCommand({ ...OPTIONS, peer, eal: ['-v'], args: ['--rxq=4'] });
    expect([program, ...args.slice(0, 4)]).to.deep.equal([
      '/opt/ld.so',
      '--library-path',
      '/opt/dpdk/lib:/opt/lib',
      PEER.testpmd,
      '--no-huge',
    ]);
    expect(args.indexOf('-v')).to.be.lessThan(args.indexOf('--'));
    expect(env['LD_LIBRARY_PATH']).to.equal(process.env['LD_LIBRARY_PATH']);
    expect(testpmdCommand({ ...OPTIONS, peer, wrap: 'gdb --args' }).args.slice(0, 2)).to.deep.equal([
      '--args',
      '/opt/ld.so',
    ]);
  });

  it('follows the command that wraps it, and loads no drivers that testpmd finds by itself', () => {
    const { program, args } = testpmdCommand({
      ...OPTIONS,
      peer: { ...PEER, suffix: null },
      wrap: 'gdb -batch -ex \'run\' -ex "bt full" --args',
    });
    expect([program, ...args.slice(0, 7)]).to.deep.equal([
      'gdb',
      '-batch',
      '-ex',
      'run',
      '-ex',
      'bt full',
      '--args',
      PEER.testpmd,
    ]);
    expect(args).not.to.include('-d');
  });

  it('names a function that does not exist if testpmd must start without a device', () => {
    const { args } = testpmdCommand({ ...OPTIONS, bdfs: [] });
    expect(args.filter((_word, index) => args[index - 1] === '-a')).to.deep.equal(['0000:00:00.7']);
  });

  it('is split into words as by a shell', () => {
    expect(splitWords(` a  'b c' d"e f"g `)).to.deep.equal(['a', 'b c', 'de fg']);
    for (const text of ["gdb 'run", 'gdb "run'])
      expect(() => splitWords(text)).to.throw(UsageError, /quote is not closed/);
  });

  it('gives each of several jobs its own CPUs as long as there are enough', () => {
    const cpus = [0, 1, 2, 3, 5, 7];
    expect([0, 1, 2].map((job) => cpusOfJob(job, cpus))).to.deep.equal([
      { main: 0, forward: [1] },
      { main: 2, forward: [3] },
      { main: 5, forward: [7] },
    ]);
    expect([0, 1, 2].map((job) => cpusOfJob(job, [4, 6]).forward)).to.deep.equal([[6], [4], [6]]);
    expect([0, 1].map((job) => cpusOfJob(job, [9]))).to.deep.equal(
      Array.from({ length: 2 }, () => ({ main: 9, forward: [9] })),
    );
  });
});

describe("the user's own build of DPDK", () => {
  const folder = new TemporaryFolder().perTest();

  beforeEach(() => {
    mkdirSync(folder.file('lib'));
    writeFileSync(folder.file('dpdk-testpmd'), '#!/bin/sh\n', { mode: 0o755 });
  });

  it('reports the suffix of its libraries', async () => {
    for (const name of ['librte_net_avp.so.24.0', 'librte_net_avp.so.24', 'librte_net_avp.so'])
      writeFileSync(folder.file('lib', name), '');
    const peer = await ownPeer(folder.file('dpdk-testpmd'), folder.file('lib'));
    expect(peer).to.include({ suffix: '24', loader: null });
  });

  it('is refused if a part of it is missing', async () => {
    const program = folder.file('dpdk-testpmd');
    expect(await refusal(ownPeer(folder.file('nowhere'), null))).to.match(/no such file/);
    expect(await refusal(ownPeer(program, folder.file('nolib')))).to.match(/no folder .*nolib/);
    expect(await refusal(ownPeer(program, folder.file('lib')))).to.match(/librte_net_avp/);
  });

  /** Compiles a program, linked with `args`. */
  function compile(name: string, ...args: string[]): string {
    const source = folder.file(`${name}.c`);
    writeFileSync(source, 'int main(void) { return 0; }\n');
    execFileSync('gcc', [source, '-o', folder.file(name), ...args]);
    return folder.file(name);
  }

  it('is refused if DPDK is linked statically, with or without the other libraries', async () => {
    for (const program of [compile('whole', '-static'), compile('part')])
      expect(await refusal(requireSharedLibraries(program, []))).to.equal(
        `${program}: DPDK is linked into it, so that the preloaded library which shows it the device has no effect: build it with meson setup -Ddefault_library=shared`,
      );
  });
});
