import type { PerfPage } from '../../../../../testbench/perf/page/page';
import { type Measured, type PerfSubject, resultOf } from '../../../../../testbench/perf/results';

/** Five runs around a figure. */
function around(ns: number): Measured {
  return {
    nsPerPacket: [0.9, 0.95, 1, 1.1, 1.3].map((share) => ns * share),
    packets: 10_000_000,
    scavenges: 1,
    bursts: 312_500,
  };
}

const STEP: PerfSubject = {
  ...{ mode: 'driver', side: 'guest', engine: 'wasm', shape: 'scattered', path: 'rx' },
  ...{ bytes: 64, burst: 32, queues: 1, ports: 1 },
};

const SIZES = [64, 512, 9_216].map((bytes) =>
  resultOf({ ...STEP, bytes }, around(40 + bytes / 10), { c: around(38 + bytes / 11), dpdk: around(60 + bytes / 10) }),
);
const LANES = [
  [1, 8],
  [64, 8],
].map(([ports, queues]) =>
  resultOf({ ...STEP, ports: ports!, queues: queues! }, around(60), { c: around(50), dpdk: around(70) }),
);
const ROUNDS = [1, 8, 64].map((burst) =>
  resultOf({ ...STEP, mode: 'round', path: 'io', burst }, around(60 + 200 / burst), { c: around(55 + 150 / burst) }),
);
const HOSTS = (['io', 'rxonly', 'txonly'] as const).map((path) =>
  resultOf({ ...STEP, mode: 'round', side: 'host', path }, around(90), { c: around(80) }),
);
const NOISY = resultOf({ ...STEP, path: 'tx' }, around(40), {
  c: { nsPerPacket: [-1, 2, 3], packets: 1, scavenges: null, bursts: null },
});

/** A page with every kind of plot, a figure that is missing, and text that looks like markup. */
export function samplePage(): PerfPage {
  const spread = { leastProbeMs: 0.3, mostProbeMs: 0.5, leastAttachMs: 0.6, mostAttachMs: 1.1 };
  return {
    ...{ peerVersion: '25.11', seed: 1, startedAt: '2026-11-30T12:00:00.000Z' },
    machine: { cpuModel: '</script><img src=x>', cpus: 2, arch: 'x64', kernel: '6.1', node: 'v20.20.2' },
    results: [...SIZES, ...LANES, ...ROUNDS, ...HOSTS, NOISY],
    scale: {
      attach: [{ segments: 2_048, pools: 8, mempools: 64, queues: 8, probeMs: 0.4, attachMs: 0.8, ...spread }],
      nodes: [
        { devices: 64, queues: 1, bytes: 64, nsPerPacket: 200, leastNs: 180, mostNs: 220, scavengesPerMpackets: 0 },
      ],
      deviceMemory: { sharedBytes: 67_108_864, hostBytes: 1_251_000, portBytes: 17_216, heapBytes: 14_000 },
    },
    changes: [{ heading: 'Slower, beyond the spread', lines: ['driver guest <b>scattered</b> rx'] }],
  };
}
