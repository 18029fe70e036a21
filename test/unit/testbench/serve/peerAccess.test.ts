import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { findPeerAccess, testpmdWords } from '../../../../testbench/serve/peerAccess';
import { TemporaryFolder } from '../../../support/temporaryFolder';

describe("testpmd's environment", function () {
  this.timeout(60_000);
  const former = { ...process.env };
  const folder = new TemporaryFolder().perTest();

  afterEach(() => {
    for (const name of ['CC', 'LD_PRELOAD']) {
      if (former[name] === undefined) delete process.env[name];
      else process.env[name] = former[name];
    }
  });

  /** Makes a folder that looks as if the packages of a release had been fetched. */
  function pretendFetched(release: string): void {
    const root = [release, 'root'] as const;
    for (const path of ['usr/bin', 'usr/lib64', 'usr/lib/x86_64-linux-gnu'])
      mkdirSync(folder.file(...root, path), { recursive: true });
    for (const path of ['usr/bin/dpdk-testpmd', 'usr/lib64/ld-linux-x86-64.so.2'])
      writeFileSync(folder.file(...root, path), '');
    writeFileSync(folder.file(release, 'peer.json'), JSON.stringify({ format: 2, packages: {} }));
  }

  it('has only the preloaded library if no packages have been fetched', async () => {
    delete process.env['LD_PRELOAD'];
    const { env, trouble } = await findPeerAccess(folder.path);
    expect(trouble).to.equal(null);
    expect(env).to.have.keys('LD_PRELOAD');
    expect(existsSync(env['LD_PRELOAD']!)).to.be.true;
  });

  it('puts the newest release first in each path, and keeps the former entries', async () => {
    for (const release of ['22.11', '24.11']) pretendFetched(release);
    process.env['LD_PRELOAD'] = 'libbefore.so';
    const { env } = await findPeerAccess(folder.path);
    // Its C library would break every other program of the shell.
    expect(env).not.to.include.keys('LD_LIBRARY_PATH');
    expect(env['PATH']).to.equal(`${folder.path}/24.11/bin:${process.env['PATH']}`);
    expect(env['LD_PRELOAD']).to.match(/^\/.*\.so:libbefore\.so$/);
  });

  it('lacks the library if there is no compiler or no folder for it, and says so', async () => {
    process.env['CC'] = 'no-such-compiler';
    const { env, trouble } = await findPeerAccess(folder.path);
    expect(env).to.deep.equal({});
    expect(trouble).to.match(/cannot be built with no-such-compiler/);
    const file = folder.file('file');
    writeFileSync(file, '');
    expect((await findPeerAccess(join(file, 'cache'))).trouble).to.match(/ENOTDIR/);
  });

  it('comes with a command line for the devices', () => {
    const words = testpmdWords(['0000:00:03.0', '0000:00:04.0']);
    expect(words[0]).to.equal('dpdk-testpmd');
    expect(words.join(' ')).to.include('-a 0000:00:03.0 -a 0000:00:04.0 -- -i');
    pretendFetched('22.11');
    expect(testpmdWords([], folder.path)).to.include('librte_net_avp.so.23');
    pretendFetched('25.11');
    expect(testpmdWords([], folder.path)).to.include('librte_net_avp.so.26');
  });
});
