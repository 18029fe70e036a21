import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { UsageError } from '../../../../../shared/errors';
import { newestFetched } from '../../../../../testbench/peers/dpdk/fetchPeer';
import { requireFolders } from '../../../../../testbench/peers/dpdk/requireFolders';
import { safePath } from '../../../../../testbench/peers/dpdk/safePath';
import { buildShim } from '../../../../../testbench/peers/dpdk/shim';
import { trialStart } from '../../../../../testbench/peers/dpdk/trialStart';
import { findPeerAccess } from '../../../../../testbench/serve/peerAccess';
import { PEER_CACHE, requirePeer } from '../../../../support/dpdkPackages';
import { TemporaryFolder } from '../../../../support/temporaryFolder';

const NAMES = ['a b', 'a:b', 'a;b', '$ORIGIN b:c'];

/** Runs `body` with a variable of the environment set. */
function withVariable(name: string, value: string, body: () => void): void {
  const former = process.env[name];
  process.env[name] = value;
  try {
    body();
  } finally {
    if (former === undefined) delete process.env[name];
    else process.env[name] = former;
  }
}

describe('a path that the dynamic loader cannot take', () => {
  const folder = new TemporaryFolder().perTest();

  it('is reached by a link in a private folder, and any other path by itself', () => {
    expect(safePath('/usr/lib/x.so')).to.equal('/usr/lib/x.so');
    for (const name of NAMES) {
      mkdirSync(folder.file(name));
      const link = safePath(folder.file(name));
      expect(link).to.match(/^[\w./-]+$/);
      expect([realpathSync(link), safePath(folder.file(name))]).to.deep.equal([realpathSync(folder.file(name)), link]);
      expect(lstatSync(dirname(link)).mode & 0o777).to.equal(0o700);
    }
  });

  it('has no link any more once it has gone and another one is made', () => {
    mkdirSync(folder.file('a b'));
    const former = safePath(folder.file('a b'));
    rmSync(folder.file('a b'), { recursive: true });
    safePath(folder.file('c d'));
    expect(lstatSync(former, { throwIfNoEntry: false })).to.equal(undefined);
  });

  it('is not led through a folder that others can write to', () => {
    const shared = folder.file(`avp-testbench-${process.getuid!()}`);
    mkdirSync(shared);
    chmodSync(shared, 0o777);
    withVariable('TMPDIR', folder.path, () => expect(safePath('/a b')).not.to.include(folder.path));
    expect(readdirSync(shared)).to.deep.equal([]);
  });
});

describe('folders for exports', () => {
  const folder = new TemporaryFolder().perTest();

  function ownFolders(): string[] {
    return readdirSync(tmpdir()).filter((name) => name.startsWith(`avp-dpdk-${process.pid}-`));
  }

  it('are tried before the first clause', () => {
    // A process of the same number may have been killed here before.
    const former = ownFolders();
    requireFolders();
    for (const [value, message] of [
      [folder.file('none'), /none.*let TMPDIR name a folder that can be written$/],
      [join(folder.path, 'x'.repeat(100)), /too long for a unix socket/],
    ] as const)
      withVariable('TMPDIR', value, () => {
        if (value.length > 100) mkdirSync(value);
        expect(() => requireFolders()).to.throw(UsageError, message);
      });
    expect(ownFolders()).to.deep.equal(former);
  });
});

describe('DPDK in a folder whose path has a space, a colon, a semicolon or a dollar', function () {
  this.timeout(300_000);
  const folder = new TemporaryFolder().perTest();

  before(function () {
    requirePeer(this, 'no such path was tried');
  });

  /** A cache at such a path, with the packages of the checkout's own. */
  function cacheAt(name: string): string {
    const cache = folder.file(name, 'dpdk');
    mkdirSync(cache, { recursive: true });
    for (const release of readdirSync(PEER_CACHE).filter((one) => /^\d/.test(one)))
      symlinkSync(join(PEER_CACHE, release), join(cache, release));
    return cache;
  }

  for (const name of NAMES)
    it(`starts with the preloaded library in '${name}'`, async () => {
      const cache = cacheAt(name);
      const { peer } = newestFetched(cache)!;
      expect(peer.testpmd).to.include(name);
      expect(await trialStart(peer, await buildShim(cache))).to.have.key('version');
    });

  it('is refused if the preloaded library has no effect', async () => {
    const { peer } = newestFetched(PEER_CACHE)!;
    writeFileSync(folder.file('none.so'), '');
    const error: unknown = await trialStart(peer, folder.file('none.so')).catch((reason: unknown) => reason);
    expect(error)
      .to.be.instanceOf(UsageError)
      .with.property('message')
      .that.matches(/runs without the preloaded library/);
  });

  it('is named to other shells by paths that they can use', async () => {
    const cache = cacheAt('a b:c');
    const { env } = await findPeerAccess(cache);
    const { status, stdout, stderr } = spawnSync('dpdk-testpmd', ['-v', '--help'], {
      env: { ...process.env, ...env },
      encoding: 'utf8',
    });
    expect(status, stderr).to.equal(0);
    expect(stdout + stderr)
      .to.match(/usage: .*dpdk-testpmd/)
      .and.not.match(/cannot be preloaded/);
  });
});
