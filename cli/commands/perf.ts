import { loadavg } from 'node:os';
import { type Command, Option } from 'commander';
import type { Engine } from '../../shared/engine';
import { type Shape, SHAPES } from '../../testbench/perf/cases';
import { removeExportRoom } from '../../testbench/perf/exportRoom';
import { FULL_PLAN, measurePerf, type PerfOptions, type PerfReport } from '../../testbench/perf/perf';
import { PEER_NAMES, type PeerName } from '../../testbench/perf/results';
import { resultTable, scaleTable } from '../../testbench/perf/resultTable';
import { makeCommand, STATUS_GOOD } from '../command';
import { engineOption } from '../engineOption';
import type { CommonOptions, Output } from '../output';
import {
  burstsValue,
  modesValue,
  peersValue,
  PERF_MODES,
  type PerfMode,
  portsValue,
  queuesValue,
  shapesValue,
  sizesValue,
} from '../perfValues';
import { Progress } from '../progress';
import { beforeSignal } from '../signals';

interface PerfCommandOptions {
  readonly peer?: readonly PeerName[];
  readonly mode?: readonly PerfMode[];
  readonly shapes: readonly Shape[];
  readonly sizes: readonly number[];
  readonly bursts: readonly number[];
  readonly queues: readonly number[];
  readonly ports: readonly number[];
  readonly engine?: Engine;
}

/** Modes that measure a driver. */
const DRIVER_MODES = ['driver', 'round'] as const;

/** Load average of the last minute above which other work disturbs the measurement. */
const CALM_LOAD = 1;

/** Measures, and removes the exported files even if a signal ends the process. The peer process ends by itself. */
async function measure(options: PerfOptions): Promise<PerfReport> {
  const ended = beforeSignal(removeExportRoom);
  try {
    return await measurePerf(options);
  } finally {
    ended();
    removeExportRoom();
  }
}

/** Without `--mode`, what takes about a minute. The hosts are raced with DPDK's driver as their guest. */
function defaultModes(peers: readonly PeerName[]): readonly PerfMode[] {
  return peers.includes('dpdk') ? ['driver', 'serve', 'scale'] : ['driver', 'scale'];
}

function warnOfLoad(): void {
  const [load] = loadavg();
  if (load! > CALM_LOAD)
    process.stderr.write(
      `other work runs on this machine (load ${load!.toFixed(1)}): both sides need a CPU of their own, so these figures mean little\n`,
    );
}

async function perf(options: PerfCommandOptions & CommonOptions, output: Output): Promise<number> {
  const { peer: peers = PEER_NAMES, shapes, sizes, bursts, queues, ports, engine, seed } = options;
  const modes = options.mode ?? defaultModes(peers);
  warnOfLoad();
  const progress = new Progress(options.quiet === true);
  const { peerVersion, results, scale } = await measure({
    matrix: { modes: DRIVER_MODES.filter((mode) => modes.includes(mode)), shapes, sizes, bursts, queues, ports },
    ...{ peers, race: modes.includes('serve'), scale: modes.includes('scale'), seed, engine, plan: FULL_PLAN },
    progress: (line) => progress.show(line),
    onStart: () => output.begin(),
  });
  progress.clear();
  for (const line of resultTable(results)) output.text(line);
  if (scale !== null) for (const line of ['', ...scaleTable(scale)]) output.text(line);
  output.json({ ...(peerVersion === null ? {} : { versions: { dpdk: peerVersion } }), seed, results, scale });
  return STATUS_GOOD;
}

/** `avp perf`: measures the fast path against its peers. */
export function perfCommand(onStatus: (status: number) => void): Command {
  return makeCommand<PerfCommandOptions>(
    {
      name: 'perf',
      about:
        "Measures the fast path in nanoseconds a packet beside its peers: the driver's step alone, receive and transmit, with one and the same host in C behind all; and the host of avp serve beside that C host, with testpmd in io, rxonly and txonly mode at 64 bytes. Medians of 5 interleaved runs; ratio = our time / the peer's. Needs two CPUs that nobody else uses, and gcc",
      examples: [
        ['avp perf', 'beside both peers, about a minute'],
        ['avp perf --peer c --mode driver,round --bursts 1,8,32,64', 'beside the loop in C, without DPDK'],
        ['avp perf --peer c --sizes 64 --ports 1,64 --queues 1,8', 'the cost over ports and queues'],
        ['avp perf --json perf.json --quiet', 'for programs'],
      ],
    },
    perf,
    onStatus,
  )
    .addOption(
      new Option(
        '--peer <NAME>',
        "what to measure our driver beside, may be repeated: 'c', a plain loop in C that checks nothing; 'dpdk', DPDK's net_avp in testpmd",
      )
        .argParser(peersValue)
        .default(undefined, 'c and dpdk'),
    )
    .addOption(
      new Option(
        '--mode <NAME,...>',
        `what to measure: ${PERF_MODES.join(', ')}: a driver's step alone; whole rounds of host and driver; the host of avp serve, with testpmd as its guest; probe, attach, memory and nodes of many devices`,
      )
        .argParser(modesValue)
        .default(undefined, 'driver, scale, and serve with the peer dpdk'),
    )
    .addOption(engineOption('how driver and host run: compiled, by default, or as TypeScript'))
    .option('--shapes <NAME,...>', 'the routines of the driver: scattered, simple', shapesValue, [...SHAPES])
    .option('--sizes <N,...>', 'frame sizes, bytes without check sequence', sizesValue, [64, 512, 1_518, 9_216])
    .option('--bursts <N,...>', 'packets of a burst, at most 64', burstsValue, [32])
    .option('--queues <N,...>', 'queue pairs of each port, at most 8', queuesValue, [1])
    .option('--ports <N,...>', 'ports, at most 64; several have smaller pools and rings', portsValue, [1]);
}
