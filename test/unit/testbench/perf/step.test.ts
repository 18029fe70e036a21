import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import type { DriverCase, MeasuredDriver, RunCost } from '../../../../testbench/perf/cases';
import { measureSize } from '../../../../testbench/perf/driverStep';
import type { PerfReport } from '../../../../testbench/perf/perf';
import { packageRoot, sourceArguments } from '../../../../testbench/runtime/package';
import { testSeed } from '../../../runner/seed';
import { allowedCpus } from '../../../../testbench/runtime/affinity';
import { requirePeer } from '../../../support/dpdkPackages';

/** A driver that returns the given costs one after another. */
class FakeDriver implements MeasuredDriver {
  readonly asked: string[] = [];

  constructor(private readonly costs: RunCost[]) {}

  async measure({ loop, burst }: DriverCase, frame: Uint8Array): Promise<RunCost> {
    this.asked.push(`${loop} ${frame.length} ${burst}`);
    return this.costs.shift()!;
  }

  async close(): Promise<void> {}
}

function repetition(rxNs: number, ioNs: number, sentShare: number): RunCost[] {
  return [
    { nsPerPacket: rxNs, sentShare: 0, packets: 1_000, bursts: 125, scavenges: 0 },
    { nsPerPacket: ioNs, sentShare, packets: 1_000, bursts: 125, scavenges: 1 },
  ];
}

function circled(nsPerPacket: number): RunCost {
  return { nsPerPacket, sentShare: 1, packets: 1_000, bursts: 125, scavenges: 0 };
}

const SUBJECT = { shape: 'simple', bytes: 512, burst: 8, queues: 1, ports: 1 } as const;

/** Measures for too short a time to say anything about speed, but long enough for a packet on a busy machine. */
const PROGRAM = `
  const { measurePerf } = require('./testbench/perf/perf.ts');
  const { removeExportRoom } = require('./testbench/perf/exportRoom.ts');
  const plan = { repetitions: 1, stepMs: 200, raceMs: 200 };
  const lanes = { bursts: [32], queues: [1], ports: [1] };
  const matrix = { modes: ['driver', 'round'], shapes: ['scattered', 'simple'], sizes: [60, 9216], ...lanes };
  measurePerf({ matrix, peers: ['c', 'dpdk'], race: true, seed: 1, plan, progress: () => {} })
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
    const [rx, tx] = await measureSize({ ours, peers: { dpdk: peers } }, 'driver', SUBJECT, options);
    expect(rx)
      .to.include({ path: 'rx', bytes: 512, shape: 'simple', nsPerPacket: 110 })
      .and.to.have.deep.property('peers', {
        dpdk: { nsPerPacket: 50, leastNs: 50, mostNs: 50, packetsPerBurst: 8, ratio: 2.2 },
      });
    // The repetitions cost 50, 120 (60 for each packet received, half of them sent) and 90.
    expect(tx)
      .to.include({ path: 'tx', nsPerPacket: 90, leastNs: 50, mostNs: 120 })
      .and.to.have.deep.property('peers', {
        dpdk: { nsPerPacket: 25, leastNs: 25, mostNs: 25, packetsPerBurst: 8, ratio: 3.6 },
      });
    // A scavenge in each run of io, none in those of rxonly.
    expect([rx!.scavengesPerMpackets, tx!.scavengesPerMpackets]).to.deep.equal([0, 1_000]);
    expect(ours.asked).to.deep.equal(Array.from({ length: 4 }, () => ['rxonly 512 8', 'io 512 8']).flat());
  });

  it('is that of a whole round where frames circle', async () => {
    const ours = new FakeDriver([9_000, 100, 120, 110].map(circled));
    const options = { seed: testSeed, repetitions: 3, durationMs: 1, progress: () => {} };
    const results = await measureSize({ ours, peers: {} }, 'round', SUBJECT, options);
    expect(results).to.have.length(1);
    expect(results[0]).to.include({
      ...SUBJECT,
      mode: 'round',
      side: 'guest',
      path: 'io',
      nsPerPacket: 110,
      mpps: 9.09,
    });
    expect(ours.asked).to.deep.equal(Array.from({ length: 4 }, () => 'circle 512 8'));
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
    const rows = results.map(({ mode, side, shape, path, bytes }) => `${mode} ${side} ${shape} ${path} ${bytes}`);
    expect(rows).to.deep.equal([
      ...['scattered rx 60', 'scattered tx 60'].map((row) => `driver guest ${row}`),
      'round guest scattered io 60',
      ...['scattered rx 9216', 'scattered tx 9216'].map((row) => `driver guest ${row}`),
      'round guest scattered io 9216',
      ...['simple rx 60', 'simple tx 60'].map((row) => `driver guest ${row}`),
      'round guest simple io 60',
      ...['io', 'rxonly', 'txonly'].map((path) => `round host scattered ${path} 64`),
    ]);
    const figures = results.flatMap((result) => [result, ...Object.values(result.peers)]);
    expect(figures).to.have.length(9 * 3 + 3 * 2);
    // On a busy machine the difference behind a cost of transmit may not stand out.
    for (const { nsPerPacket, reason } of figures)
      if (nsPerPacket === null) expect(reason).to.be.a('string');
      else expect(nsPerPacket).to.be.above(0);
    for (const { path, nsPerPacket } of results) if (path !== 'tx') expect(nsPerPacket).to.be.a('number');
  });
});
