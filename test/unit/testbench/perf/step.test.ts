import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import type { DriverCase, MeasuredDriver, StepCost } from '../../../../testbench/perf/cases';
import { measureSize } from '../../../../testbench/perf/driverStep';
import type { PerfReport } from '../../../../testbench/perf/perf';
import { packageRoot, sourceArguments } from '../../../../testbench/runtime/package';
import { testSeed } from '../../../runner/seed';
import { allowedCpus } from '../../../../testbench/runtime/affinity';
import { requirePeer } from '../../../support/dpdkPackages';

/** A driver that returns the given costs one after another. */
class FakeDriver implements MeasuredDriver {
  readonly asked: string[] = [];

  constructor(private readonly costs: StepCost[]) {}

  async measure({ loop }: DriverCase, frame: Uint8Array): Promise<StepCost> {
    this.asked.push(`${loop} ${frame.length}`);
    return this.costs.shift()!;
  }

  async close(): Promise<void> {}
}

function repetition(rxNs: number, ioNs: number, sentShare: number): StepCost[] {
  return [
    { nsPerPacket: rxNs, sentShare: 0 },
    { nsPerPacket: ioNs, sentShare },
  ];
}

/** Measures for too short a time to say anything about speed, but long enough for a packet on a busy machine. */
const PROGRAM = `
  const { measurePerf } = require('./testbench/perf/perf.ts');
  const { removeExportRoom } = require('./testbench/perf/exportRoom.ts');
  const plan = { repetitions: 1, stepMs: 200, raceMs: 200 };
  measurePerf({ peers: ['c', 'dpdk'], sizes: [60, 9216], seed: 1, plan, progress: () => {} })
    .then((report) => console.log(JSON.stringify(report)))
    .finally(removeExportRoom);
`;

// Runs alone: it measures time.
describe("the cost of a driver's step", () => {
  it('is that of receiving, and the extra cost of sending back, without the first repetition', async () => {
    const ours = new FakeDriver([
      ...repetition(9_000, 9_001, 1),
      ...repetition(100, 150, 1),
      ...repetition(120, 180, 0.5),
      ...repetition(110, 200, 1),
    ]);
    const peers = new FakeDriver([
      ...repetition(9_000, 9_001, 1),
      ...repetition(50, 75, 1),
      ...repetition(50, 75, 1),
      ...repetition(50, 75, 1),
    ]);
    const options = { seed: testSeed, repetitions: 3, durationMs: 1, progress: () => {} };
    const [rx, tx] = await measureSize({ ours, peers: { dpdk: peers } }, 'simple', 512, options);
    expect(rx)
      .to.include({ path: 'rx', bytes: 512, shape: 'simple', nsPerPacket: 110 })
      .and.to.have.deep.property('peers', { dpdk: { nsPerPacket: 50, ratio: 2.2 } });
    // The repetitions cost 50, 120 (60 for each packet received, half of them sent) and 90.
    expect(tx)
      .to.include({ path: 'tx', nsPerPacket: 90 })
      .and.to.have.deep.property('peers', { dpdk: { nsPerPacket: 25, ratio: 3.6 } });
    expect(ours.asked).to.deep.equal(Array.from({ length: 4 }, () => ['rxonly 512', 'io 512']).flat());
  });
});

describe('avp perf', () => {
  it('measures the shortest frames, and frames of five buffers where the driver can send them', function () {
    requirePeer(this, 'nothing was measured');
    if (allowedCpus().length < 2) {
      process.stdout.write('      fewer than two CPUs: nothing was measured\n');
      return this.skip();
    }
    const { stdout, stderr } = spawnSync(process.execPath, [...sourceArguments(), '-e', PROGRAM], {
      cwd: packageRoot(),
      encoding: 'utf8',
    });
    expect(stderr).to.equal('');
    const { results } = JSON.parse(stdout) as PerfReport;
    expect(results.map(({ mode, shape, path, bytes }) => `${mode} ${shape} ${path} ${bytes}`)).to.deep.equal([
      ...['driver scattered rx 60', 'driver scattered tx 60', 'driver scattered rx 9216', 'driver scattered tx 9216'],
      ...['driver simple rx 60', 'driver simple tx 60', 'round scattered io 64'],
    ]);
    const figures = results.flatMap((result) => [result, ...Object.values(result.peers)]);
    expect(figures).to.have.length(20);
    // On a busy machine the difference behind a cost of transmit may not stand out.
    for (const { nsPerPacket, reason } of figures)
      if (nsPerPacket === null) expect(reason).to.be.a('string');
      else expect(nsPerPacket).to.be.above(0);
    for (const { path, nsPerPacket } of results) if (path !== 'tx') expect(nsPerPacket).to.be.a('number');
  });
});
