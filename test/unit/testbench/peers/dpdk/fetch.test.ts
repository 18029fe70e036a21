import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { UsageError } from '../../../../../shared/errors';
import { packagesOf } from '../../../../../testbench/peers/dpdk/debian/packageNames';
import { pinsOf } from '../../../../../testbench/peers/dpdk/debian/pins';
import { fetchedPeer, fetchPeer, newestFetched } from '../../../../../testbench/peers/dpdk/fetchPeer';
import {
  DPDK_RELEASES,
  type DpdkRelease,
  dpdkRelease,
  RELEASE_NAMES,
} from '../../../../../testbench/peers/dpdk/releases';
import { TemporaryFolder } from '../../../../support/temporaryFolder';

/**
 * Stand-ins for Debian's tools, so that no mirror is contacted. They log their calls in the file `$CALLS`. The
 * suite has the packages in the file `$CALLS.packages`, one on a line as `NAME VERSION`. The loader `$LOADER` comes
 * with libc6.
 */
const TOOLS: Readonly<Record<string, string>> = {
  'apt-get': `echo "apt-get $*" >> "$CALLS"
case " $* " in
  *" --version "*) exit 0 ;;
  *" indextargets "*) [ -e "$CALLS.no-mirror" ] || echo "main http://mirror/debian/"; exit 0 ;;
  *" update "*) [ -e "$CALLS.no-network" ] && { echo "Err:1 http://mirror"; echo "E: Some index files failed to download"; exit 100; }; exit 0 ;;
esac
for word; do case "$word" in -*) ;; Dir*|APT*|Acquire*) ;; *=*) : > "\${word%%=*}_\${word#*=}_amd64.deb" ;; esac; done`,
  'apt-cache': `[ "$1" = --version ] && exit 0
while [ "$1" != madison ]; do shift; done; shift
for name; do grep "^$name " "$CALLS.packages" | while read -r one version; do echo " $one | $version | http://mirror"; done; done`,
  dpkg: `[ "$1" = -x ] || exit 0
[ -e "$CALLS.stop" ] && { echo "dpkg: no space"; exit 2; }
mkdir -p "$3/usr/bin" "$3/usr/lib/x86_64-linux-gnu" "$3/usr/lib64"
name=$(basename "$2"); : > "$3/unpacked-\${name%%_*}"
case "$name" in
  dpdk-dev_*) : > "$3/usr/bin/dpdk-testpmd" ;;
  libc6_*) cp "$LOADER" "$3/usr/lib64/ld-linux-x86-64.so.2" ;;
esac`,
};

/**
 * Lists the libraries in `$CALLS.needed`, as a loader does: those whose package is unpacked in the loader's own root,
 * the others as not found or as `$OUTSIDE` says. It is no script and is linked statically, because the variable that
 * makes a loader list would make that of the shell list, too.
 */
const LOADER = `#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int main(int count, char **words)
{
	char path[4096], library[256], package[256];
	const char *outside = getenv("OUTSIDE");
	size_t root = strlen(words[0]) - strlen("/usr/lib64/ld-linux-x86-64.so.2");
	FILE *needed;

	(void)count;
	snprintf(path, sizeof(path), "%s.needed", getenv("CALLS"));
	needed = fopen(path, "r");
	while (needed != NULL && fscanf(needed, "%255s %255s", library, package) == 2) {
		snprintf(path, sizeof(path), "%.*s/unpacked-%s", (int)root, words[0], package);
		if (access(path, F_OK) == 0)
			printf("\\t%s => %.*s/usr/lib/x (0x7f00)\\n", library, (int)root, words[0]);
		else
			printf("\\t%s => %s\\n", library, outside == NULL ? "not found" : outside);
	}
	return 0;
}
`;

const OLD = dpdkRelease('22.11');

/** The least that a suite must have for a release. */
function leastOf({ release, abi }: DpdkRelease): Readonly<Record<string, string>> {
  const names = ['dpdk-dev', `librte-net-avp${abi}`, `librte-mempool-ring${abi}`, 'libc6', 'libgcc-s1'];
  return Object.fromEntries(names.map((name) => [name, pinsOf(release)[name]!]));
}

describe('fetching the peer', () => {
  const path = process.env['PATH'];
  const built = new TemporaryFolder().perSuite();
  const folder = new TemporaryFolder().perTest();
  let cache: string;

  before(() => {
    writeFileSync(built.file('loader.c'), LOADER);
    execFileSync('gcc', ['-static', '-o', built.file('loader'), built.file('loader.c')]);
  });

  beforeEach(() => {
    cache = folder.file('cache');
    mkdirSync(folder.file('bin'));
    for (const [name, text] of Object.entries(TOOLS))
      writeFileSync(folder.file('bin', name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    process.env['PATH'] = `${folder.file('bin')}:${path}`;
    process.env['CALLS'] = folder.file('calls');
    process.env['LOADER'] = built.file('loader');
    suiteHas(leastOf(OLD));
    make('needed');
  });

  afterEach(() => {
    process.env['PATH'] = path;
    for (const name of ['CALLS', 'LOADER', 'OUTSIDE']) delete process.env[name];
  });

  const calls = (): string => readFileSync(folder.file('calls'), 'utf8');
  const make = (name: string, text = ''): void => writeFileSync(folder.file(`calls.${name}`), text);

  function suiteHas(versions: Readonly<Record<string, string>>): void {
    make(
      'packages',
      Object.entries(versions)
        .map((pair) => `${pair.join(' ')}\n`)
        .join(''),
    );
  }

  async function refusal(): Promise<string> {
    const error = await fetchPeer(OLD, cache).then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(UsageError);
    expect((error as Error).message).not.to.match(/\n/);
    expect(fetchedPeer(OLD, cache)).to.equal(null);
    return (error as Error).message;
  }

  it('records every version, and contacts nobody the next time', async () => {
    expect(fetchedPeer(OLD, cache)).to.equal(null);
    suiteHas(pinsOf('22.11'));
    const peer = await fetchPeer(OLD, cache);
    expect(peer.packages).to.deep.equal(pinsOf('22.11'));
    expect(peer).to.include({ suffix: '23', version: pinsOf('22.11')['dpdk-dev'] });
    expect(existsSync(peer.testpmd)).to.be.true;
    const before = calls();
    // The next time it does not even need Debian's tools.
    process.env['PATH'] = folder.file('nowhere');
    expect(await fetchPeer(OLD, cache)).to.deep.equal(peer);
    expect(calls()).to.equal(before);
    expect(fetchedPeer(OLD, cache)).to.deep.equal(peer);
  });

  it('leaves the apt of the system alone, and has the signature of the suite checked', async () => {
    await fetchPeer(OLD, cache);
    const state = join(cache, '22.11/apt');
    const changing = calls().match(/^apt-get .* (update|download) .*$/gm)!;
    expect(changing).to.have.length(2);
    for (const call of changing)
      expect(call)
        .to.include(`Dir::State=${state} `)
        .and.include(`Dir::Cache=${state}/cache `)
        .and.include(`Dir::Etc::sourcelist=${state}/sources.list `)
        .and.include('Dir::Etc::sourceparts=/dev/null ')
        .and.not.match(/trusted|allow-?insecure|unauthenticated/i);
    make('stop');
    rmSync(join(cache, '22.11'), { recursive: true });
    await refusal();
    expect(readFileSync(join(state, 'sources.list'), 'utf8')).to.match(
      /^deb \[signed-by=\/usr\/share\/keyrings\/debian-archive-keyring\.[gp]+\] http:\/\/mirror\/debian\/ bookworm main\n$/,
    );
  });

  it('says what no longer is as it was pinned, and follows what is needed then', async () => {
    suiteHas({ ...leastOf(OLD), 'dpdk-dev': '22.11.12-1', libpcap1: '2.0-1' });
    make('needed', 'libpcap.so.1 libpcap1\n');
    const lines: string[] = [];
    const peer = await fetchPeer(OLD, cache, (line) => lines.push(line));
    expect(lines).to.include('Debian 12 has DPDK 22.11.12-1 in place of the pinned 22.11.11-0+deb12u1');
    expect(peer.version).to.equal('22.11.12-1');
    expect(peer.packages).to.include({ libpcap1: '2.0-1' }).and.not.have.property('libpcap0.8');
  });

  it('does not take a library of this machine for one of the release', async () => {
    suiteHas({ ...leastOf(OLD), libodd1: '1.0' });
    make('needed', 'libodd.so.1 libodd1\n');
    process.env['OUTSIDE'] = '/lib/x86_64-linux-gnu/libodd.so.1 (0x7f12)';
    expect((await fetchPeer(OLD, cache)).packages).to.deep.equal({ ...leastOf(OLD), libodd1: '1.0' });
  });

  it('explains in one line why it failed', async () => {
    const start = 'DPDK 22.11 of Debian 12 cannot be had here: ';
    make('no-network');
    expect(await refusal()).to.equal(`${start}Some index files failed to download`);
    rmSync(folder.file('calls.no-network'));
    make('no-mirror');
    expect(await refusal()).to.equal(`${start}apt is not configured for a mirror of Debian here`);
    rmSync(folder.file('calls.no-mirror'));
    make('needed', 'libnone.so.1 libnone1\n');
    expect(await refusal()).to.equal(`${start}no package is known that holds libnone.so.1`);
    suiteHas({ ...leastOf(OLD), 'dpdk-dev': '23.11.1-1' });
    expect(await refusal()).to.equal(`${start}Debian 12 has DPDK 23.11.1-1, no longer 22.11`);
    suiteHas({});
    expect(await refusal()).to.equal(`${start}Debian 12 has no package dpdk-dev`);
  });

  it('can be repeated after an interruption', async () => {
    make('stop');
    expect(await refusal()).to.match(/cannot be unpacked: .*no space/);
    rmSync(folder.file('calls.stop'));
    expect((await fetchPeer(OLD, cache)).version).to.equal('22.11.11-0+deb12u1');
  });

  it('keeps each release in a folder of its own', async () => {
    await fetchPeer(OLD, cache);
    const middle = dpdkRelease('24.11');
    suiteHas(leastOf(middle));
    await fetchPeer(middle, cache);
    expect([fetchedPeer(OLD, cache)?.suffix, fetchedPeer(middle, cache)?.suffix]).to.deep.equal(['23', '25']);
    expect(newestFetched(cache)?.release).to.equal(middle);
  });
});

describe('releases of DPDK', () => {
  it('have pins for all that testpmd and its driver are started with', () => {
    expect(RELEASE_NAMES).to.deep.equal(['22.11', '24.11', '25.11']);
    for (const { release, abi } of DPDK_RELEASES) {
      const pins = pinsOf(release);
      expect(pins['dpdk-dev']).to.match(new RegExp(`^${release.replace('.', '\\.')}\\.`));
      expect(pins).to.include.keys('libc6', 'libgcc-s1', `librte-net-avp${abi}`, `librte-mempool-ring${abi}`);
    }
  });

  it('need libraries whose packages are found by their names', () => {
    const cases: Readonly<Record<string, string>> = {
      'librte_net_avp.so.26': 'librte-net-avp26',
      'librte_common_mlx5.so.23': 'librte-common-mlx5-23',
      'libnl-route-3.so.200': 'libnl-route-3-200',
      'libpcap.so.0.8': 'libpcap0.8t64',
      'libgcc_s.so.1': 'libgcc-s1',
      'libc.so.6': 'libc6',
      'libz.so.1': 'zlib1g',
      'libmlx5.so.1': 'ibverbs-providers',
    };
    for (const [soname, name] of Object.entries(cases)) expect(packagesOf(soname)).to.include(name);
  });
});
