import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { UsageError } from '../../../../../shared/errors';
import type { Peer } from '../../../../../testbench/peers/dpdk/peer';
import { preparePeer } from '../../../../../testbench/peers/dpdk/preparePeer';
import { buildShim } from '../../../../../testbench/peers/dpdk/shim';
import { trialStart } from '../../../../../testbench/peers/dpdk/trialStart';
import { TemporaryFolder } from '../../../../support/temporaryFolder';
import { PEER_CACHE, requirePeer } from '../../../../support/dpdkPackages';

describe("the trial start of the user's own testpmd", () => {
  let peer: Peer;
  const folder = new TemporaryFolder().perTest();

  before(function () {
    peer = requirePeer(this, 'no other build was tried');
  });

  /** A testpmd that finds its libraries by itself, and loads the given drivers. */
  function installed(...loads: readonly string[]): Peer {
    const testpmd = folder.file('dpdk-testpmd');
    const words = [
      'exec',
      peer.loader,
      `--library-path ${peer.libraries.join(':')}`,
      peer.testpmd,
      ...loads.map((name) => `-d librte_${name}.so.${peer.suffix}`),
    ];
    writeFileSync(testpmd, `#!/bin/sh\n${words.join(' ')} "$@"\n`, { mode: 0o755 });
    return { ...peer, testpmd, loader: null, libraries: [], suffix: null };
  }

  async function refusal(own: Peer): Promise<string> {
    const error: unknown = await trialStart(own, await buildShim(PEER_CACHE)).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(UsageError);
    return (error as Error).message.replace(own.testpmd, 'TESTPMD');
  }

  it('succeeds if testpmd starts and has the driver', async () => {
    const own = await preparePeer({ testpmd: installed('net_avp', 'mempool_ring').testpmd });
    expect(own.peer).to.include({ suffix: null, version: peer.version.replace(/-.*/, '') });
    expect(own.release).to.equal(null);
  });

  it('fails if the bench cannot see the forwarding thread, without which it would go by the wall clock', async () => {
    const own = installed('net_avp', 'mempool_ring');
    writeFileSync(own.testpmd, readFileSync(own.testpmd, 'utf8').replace('exec ', 'setsid -w '));
    expect(await refusal(own)).to.equal('TESTPMD: none of its threads has a name that DPDK gives to a worker lcore');
  });

  it('fails if testpmd does not start or lacks the driver', async () => {
    const hint = 'give the folders of its libraries and of its drivers with --lib-path';
    expect(await refusal(installed())).to.match(
      new RegExp(`^TESTPMD does not start, it says '(Cause: )?Creation of mbuf pool .*': ${hint}$`),
    );
    expect(await refusal(installed('mempool_ring'))).to.equal(`TESTPMD has no driver net_avp: ${hint}`);
  });
});
