import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { UsageError } from '../../../../../shared/errors';
import { fetchedPeer, fetchPeer } from '../../../../../testbench/peers/dpdk/fetchPeer';
import { PEER_PACKAGES } from '../../../../../testbench/peers/dpdk/packageList';
import { TemporaryFolder } from '../../../../support/temporaryFolder';

/** Stand-ins for Debian's tools, so that no mirror is contacted. They log their calls in the file `$CALLS`. */
const TOOLS: Readonly<Record<string, string>> = {
  'apt-get': `echo "apt-get $*" >> "$CALLS"
case " $* " in
  *" --version "*|*" update "*) exit 0 ;;
esac
[ -e "$CALLS.no-network" ] && { echo "Err:1 http://mirror"; echo "E: Unable to locate package librte-net-avp23"; exit 100; }
for name; do case "$name" in -*|download|*=*) ;; *) : > "\${name}_22.11-1_amd64.deb" ;; esac; done`,
  dpkg: `[ "$1" = -x ] || exit 0
echo "dpkg $*" >> "$CALLS"
[ -e "$CALLS.stop" ] && { echo "dpkg: no space"; exit 2; }
mkdir -p "$3/usr/bin" "$3/usr/lib/x86_64-linux-gnu" && : > "$3/usr/bin/dpdk-testpmd"`,
  ldd: '[ -e "$CALLS.lacks" ] && echo "	libnone.so.1 => not found"; exit 0',
};

describe('fetching the peer', () => {
  const path = process.env['PATH'];
  const folder = new TemporaryFolder().perTest();
  let cache: string;

  beforeEach(() => {
    cache = folder.file('cache');
    mkdirSync(folder.file('bin'));
    for (const [name, text] of Object.entries(TOOLS))
      writeFileSync(folder.file('bin', name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    process.env['PATH'] = `${folder.file('bin')}:${path}`;
    process.env['CALLS'] = folder.file('calls');
  });

  afterEach(() => {
    process.env['PATH'] = path;
    delete process.env['CALLS'];
  });

  const calls = (): string => readFileSync(folder.file('calls'), 'utf8');
  const make = (name: string): void => writeFileSync(folder.file(`calls.${name}`), '');

  async function refusal(): Promise<string> {
    const error = await fetchPeer(cache).then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(UsageError);
    expect((error as Error).message).not.to.match(/\n/);
    return (error as Error).message;
  }

  it('records every version, and contacts nobody the next time', async () => {
    expect(fetchedPeer(cache)).to.equal(null);
    const peer = await fetchPeer(cache);
    expect(Object.keys(peer.packages)).to.have.members(PEER_PACKAGES);
    expect(peer).to.include({ suffix: '23', version: '22.11-1' });
    expect(existsSync(peer.testpmd)).to.be.true;
    const before = calls();
    // The next time it does not even need Debian's tools.
    process.env['PATH'] = folder.file('nowhere');
    expect(await fetchPeer(cache)).to.deep.equal(peer);
    expect(calls()).to.equal(before);
    expect(fetchedPeer(cache)).to.deep.equal(peer);
  });

  it('explains in one line why it failed, after a try with its own package lists', async () => {
    make('no-network');
    expect(await refusal()).to.equal(
      "DPDK's packages of Debian 12 cannot be had here: Unable to locate package librte-net-avp23",
    );
    expect(calls()).to.match(new RegExp(`Dir::State=${join(cache, 'apt')}.* update`));
    expect(fetchedPeer(cache)).to.equal(null);
  });

  it('can be repeated after an interruption', async () => {
    make('stop');
    expect(await refusal()).to.match(/cannot be unpacked: .*no space/);
    expect(fetchedPeer(cache)).to.equal(null);
    rmSync(folder.file('calls.stop'));
    expect((await fetchPeer(cache)).version).to.equal('22.11-1');
  });

  it('names libraries that the system lacks', async () => {
    make('lacks');
    expect(await refusal()).to.equal('dpdk-testpmd needs libraries that this system lacks: libnone.so.1');
  });
});
