import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect } from 'chai';
import { startAvp } from '../../../support/jsonProcess';
import { eventually } from '../../../support/eventually';
import { requirePeer } from '../../../support/dpdkPackages';

// Runs alone: testpmd must not share its CPU (fault M1).

/** The folders in which a perf process exports devices. */
function exportFoldersOf(pid: number): string[] {
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

/** The pids of the DPDK applications that a perf process has started. */
function peersOf(pid: number): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && environmentOf(name).includes(`/avp-perf-${pid}-`));
}

describe('avp perf that a signal ends', () => {
  before(function () {
    requirePeer(this, 'a measurement cut short was not tried');
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    it(`leaves neither a folder nor a peer behind: ${signal}`, async () => {
      const avp = startAvp(['perf', '--peer', 'dpdk']);
      try {
        await eventually('the start of the peer', () => {
          if (avp.exit !== null) throw new Error(`it ended by itself: ${avp.errors}`);
          return peersOf(avp.pid).length > 0;
        });
        expect(exportFoldersOf(avp.pid)).to.have.length(1);
      } finally {
        await avp.end(signal);
      }
      expect(avp.exit).to.deep.equal({ status: null, signal });
      expect(exportFoldersOf(avp.pid)).to.deep.equal([]);
      await eventually('the end of the peer', () => peersOf(avp.pid).length === 0);
    });
});
