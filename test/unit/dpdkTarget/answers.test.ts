import { expect } from 'chai';
import { differencesOf, matrixText } from '../../conformance/differences';
import { findingsPage } from '../../conformance/findings';
import type { RunReport } from '../../conformance/report';
import type { ResultFile } from '../../conformance/result';
import type { Verdict } from '../../conformance/verdict';
import { refusalOf, statsOf } from '../../targets/dpdkAnswers';

const REFUSED = `Attaching a new port...
EAL: Probe PCI driver: net_avp (1af4:1110) device: 0000:00:06.0 (socket 0)
avp_dev_check_regions(): Invalid device info magic 0x00000001 or version 0x00010001 > 0x0001020d
eth_avp_dev_init(): Failed to validate BAR resources, ret=-22
EAL: Driver cannot attach the device (0000:00:06.0)
`;

function run(name: string, verdicts: Readonly<Record<string, Verdict>>): RunReport {
  const results = Object.entries(verdicts).map(([id, verdict]) => ({
    clause: { id, title: id, level: 'MUST' as const, section: '10', faults: [] },
    verdict,
    detail: verdict === 'pass' ? '' : `${verdict} on ${name}`,
    durationMs: 1,
    replay: `npx avp conform ${id}`,
  }));
  return { target: { name, version: '1' }, toolVersion: '1', seed: 1, startedAt: '2026-01-01T00:00:00Z', durationMs: 1, results, waivers: null };
}

describe('answers of testpmd', () => {
  it('name the errno that the driver gave', () => {
    expect(refusalOf(REFUSED)).to.include({ ok: false, errno: 'EINVAL' });
    expect(refusalOf(REFUSED).message).to.match(/^avp_dev_check_regions/);
    expect(refusalOf('VM live migration operation in progress').errno).to.equal('EBUSY');
    expect(refusalOf('something else').errno).to.equal('ENODEV');
  });

  it('lose the share of the bench in the statistics', () => {
    const port = { rxPackets: 5, rxMissed: 0, rxBytes: 500, rxErrors: 2, rxNombuf: 1, txPackets: 5, txErrors: 3, txBytes: 500 };
    const xstats = { rx_q0_packets: 5, rx_q0_bytes: 500, rx_q0_errors: 2, tx_q0_packets: 5, tx_q0_bytes: 500 };
    const stats = statsOf(port, xstats, { packets: 2, bytes: 150 }, { packets: 3, bytes: 350 });
    expect(stats.rx).to.deep.equal({ packets: 3, bytes: 350, errors: 2 });
    expect(stats.tx).to.deep.equal({ packets: 2, bytes: 150, errors: 3 });
    expect(stats.rxQueues).to.deep.equal([stats.rx]);
    expect(stats.txQueues).to.deep.equal([{ packets: 2, bytes: 150, errors: 0 }]);
  });
});

describe('several targets', () => {
  const runs = [run('avp', { 'rx/1': 'pass', 'rx/4': 'pass', 'rx/9': 'pass' }), run('dpdk', { 'rx/1': 'pass', 'rx/4': 'fail', 'rx/9': 'skip' })];

  it('differ where each was tried and ended in another way', () => {
    expect(differencesOf(runs)).to.deep.equal([{ id: 'rx/4', verdicts: { avp: 'pass', dpdk: 'fail' }, detail: 'dpdk: fail on dpdk' }]);
  });

  it('stand side by side', () => {
    expect(matrixText(runs).split('\n').map((line) => line.split(/\s+/))).to.deep.equal([
      ['clause', 'avp', 'dpdk'],
      ['rx/1', 'pass', 'pass'],
      ['rx/4', 'pass', 'fail'],
      ['rx/9', 'pass', 'skip'],
    ]);
  });
});

describe('the page of findings', () => {
  it('gives each failure with its observation and its command', () => {
    const detail = 'requirement: R\nexpected: E\nactual: the peer crashed: SIGSEGV\n  frame';
    const clause = { id: 'rx/4', title: 'T', level: 'MUST', section: '10', faults: ['R2'], verdict: 'fail', durationMs: 1, detail, replay: 'npx avp conform rx/4 --seed 1 --target dpdk' };
    const page = findingsPage({ target: 'dpdk', versions: { tool: '1', target: '22.11' }, seed: 1, clauses: [clause] } as unknown as ResultFile);
    expect(page).to.include('DPDK 22.11').and.include('| rx/4 | T | R2 | SIGSEGV |');
    expect(page).to.include('    npx avp conform rx/4 --seed 1 --target dpdk');
    expect(page).to.include('1 failed').and.include('1 of the failures are crashes');
  });
});
