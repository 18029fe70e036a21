import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { packageRoot, sourceArguments } from '../../../../testbench/runtime/package';
import type { PerfScale } from '../../../../testbench/perf/perf';

/** On plain memory, for too short a time to say anything about speed. */
const PROGRAM = `
  const { measureAttach, measureMemory } = require('./testbench/perf/attachCost.ts');
  const { measureNode } = require('./testbench/perf/nodeCost.ts');
  const scale = { attach: measureAttach(1, 1), nodes: measureNode(1, 20, 1), deviceMemory: measureMemory(1) };
  console.log(JSON.stringify(scale));
`;

const MIB = 1_048_576;

// Runs alone: it measures time.
describe('how cost and memory grow, in avp perf', () => {
  let scale: PerfScale;

  before(() => {
    const { stdout, stderr } = spawnSync(process.execPath, [...sourceArguments(), '-e', PROGRAM], {
      cwd: packageRoot(),
      encoding: 'utf8',
    });
    expect(stderr).to.equal('');
    scale = JSON.parse(stdout) as PerfScale;
  });

  it('is measured at the least and at the most that a driver meets', () => {
    const subjects = scale.attach.map(({ segments, pools, mempools, queues }) => [segments, pools, mempools, queues]);
    expect(subjects).to.deep.equal([
      [1, 1, 1, 8],
      [2_048, 8, 64, 8],
    ]);
    for (const { probeMs, leastProbeMs, attachMs, mostAttachMs } of scale.attach) {
      expect(probeMs).to.be.at.least(leastProbeMs).and.to.be.above(0);
      expect(attachMs).to.be.at.most(mostAttachMs).and.to.be.above(0);
    }
  });

  it('covers nodes with traffic on one device and on 64', () => {
    expect(scale.nodes.map(({ devices, bytes }) => [devices, bytes])).to.deep.equal([
      [1, 64],
      [64, 64],
    ]);
    for (const { nsPerPacket, leastNs, scavengesPerMpackets } of scale.nodes) {
      expect(nsPerPacket).to.be.at.least(leastNs).and.to.be.above(0);
      expect(scavengesPerMpackets).to.be.a('number');
    }
  });

  it('tells what a device takes', () => {
    const { sharedBytes, hostBytes, portBytes, heapBytes } = scale.deviceMemory;
    // 16,384 buffers of 2,368 bytes and 32 rings, rounded up to a power of two.
    expect(sharedBytes).to.equal(64 * MIB);
    expect(hostBytes).to.be.within(MIB, 2 * MIB);
    expect(portBytes).to.be.within(32_768, 65_536);
    expect(heapBytes).to.be.within(1_000, 1_000_000);
  });
});
