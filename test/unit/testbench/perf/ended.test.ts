import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { packageRoot } from '../../../../testbench/runtime/package';
import { fetchedPeer } from '../../../../testbench/peers/dpdk/fetchPeer';
import { peerCache } from '../../../../testbench/peers/dpdk/peer';
import { Avp } from '../../../support/serve/avpProcess';

const POLL_MS = 5;
const WAIT_MS = 30_000;

/** Folders of exports that a process has made to measure them. */
function roomsOf(pid: number): string[] {
  return ['/dev/shm', tmpdir()]
    .flatMap((folder) => readdirSync(folder))
    .filter((name) => name.startsWith(`avp-perf-${pid}-`));
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return '';
  }
}

/** Applications of DPDK's that were started for one of those exports. */
function peersOf(pid: number): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && environmentOf(name).includes(`/avp-perf-${pid}-`));
}

async function eventually(what: string, holds: () => boolean): Promise<void> {
  for (const untilMs = Date.now() + WAIT_MS; !holds(); await sleep(POLL_MS))
    if (Date.now() > untilMs) throw new Error(`${what}: not within ${WAIT_MS} ms`);
}

describe('avp perf that a signal ends', () => {
  before(function () {
    if (fetchedPeer(peerCache(packageRoot())) !== null) return;
    process.stdout.write(
      "      DPDK's packages are not in .cache/dpdk (make interop fetches them): a measurement cut short was not tried\n",
    );
    this.skip();
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    it(`leaves neither folder nor peer behind: ${signal}`, async () => {
      const avp = Avp.startIn({}, 'perf', '--peer', 'dpdk');
      try {
        await eventually('a peer that is measured', () => {
          if (avp.exit !== null) throw new Error(`it ended by itself: ${avp.errors}`);
          return peersOf(avp.pid).length > 0;
        });
        expect(roomsOf(avp.pid)).to.have.length(1);
      } finally {
        await avp.end(signal);
      }
      expect(avp.exit).to.deep.equal({ status: null, signal });
      expect(roomsOf(avp.pid)).to.deep.equal([]);
      await eventually('the end of the peer', () => peersOf(avp.pid).length === 0);
    });
});
