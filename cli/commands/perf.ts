import { loadavg } from 'node:os';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Engine } from '../../shared/engine';
import { removeExportRoom } from '../../testbench/perf/exportRoom';
import { MAX_FRAME_BYTES, MIN_FRAME_BYTES } from '../../testbench/perf/perfFrame';
import { FULL_PLAN, measurePerf, type PerfOptions, type PerfReport } from '../../testbench/perf/perf';
import { PEER_NAMES, type PeerName, resultTable } from '../../testbench/perf/results';
import { makeCommand, STATUS_GOOD } from '../command';
import { engineOption } from '../engineOption';
import type { CommonOptions, Output } from '../output';
import { Progress } from '../progress';
import { beforeSignal } from '../signals';

interface PerfCommandOptions {
  readonly peer?: readonly PeerName[];
  readonly sizes: readonly number[];
  readonly engine?: Engine;
}

/** Load average of the last minute above which other work disturbs the measurement. */
const CALM_LOAD = 1;

/** Adds a peer to those of earlier uses of the option. */
function peersValue(text: string, former: readonly PeerName[] = []): PeerName[] {
  const name = PEER_NAMES.find((one) => one === text);
  if (name === undefined) throw new InvalidArgumentError(`'${text}' is no peer: expected ${PEER_NAMES.join(' or ')}`);
  return former.includes(name) ? [...former] : [...former, name];
}

/** Parses frame sizes, such as `64,1518`. */
function sizesValue(text: string): number[] {
  const sizes = text.split(',').map((one) => (/^[1-9]\d{0,4}$/.test(one) ? Number(one) : 0));
  if (sizes.some((bytes) => bytes < MIN_FRAME_BYTES || bytes > MAX_FRAME_BYTES) || new Set(sizes).size < sizes.length)
    throw new InvalidArgumentError(
      `expected numbers of bytes from ${MIN_FRAME_BYTES} to ${MAX_FRAME_BYTES}, each once, with commas between`,
    );
  return sizes;
}

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

async function perf(
  { peer = PEER_NAMES, sizes, seed, engine, quiet }: PerfCommandOptions & CommonOptions,
  output: Output,
): Promise<number> {
  const [load] = loadavg();
  if (load! > CALM_LOAD)
    process.stderr.write(
      `other work runs on this machine (load ${load!.toFixed(1)}): both sides need a CPU of their own, so these figures mean little\n`,
    );
  const progress = new Progress(quiet === true);
  const { peerVersion, results } = await measure({
    peers: peer,
    sizes,
    seed,
    engine,
    plan: FULL_PLAN,
    progress: (line) => progress.show(line),
    onStart: () => output.begin(),
  });
  progress.clear();
  for (const line of resultTable(results)) output.text(line);
  output.json({ ...(peerVersion === null ? {} : { versions: { dpdk: peerVersion } }), seed, results });
  return STATUS_GOOD;
}

/** `avp perf`: measures the fast path against its peers. */
export function perfCommand(onStatus: (status: number) => void): Command {
  return makeCommand<PerfCommandOptions>(
    {
      name: 'perf',
      about:
        "Measures the fast path in nanoseconds a packet beside its peers: the driver's step alone, receive and transmit, with one and the same host in C behind all; and the host of avp serve beside that C host, with testpmd in io mode at 64 bytes. Medians of 5 interleaved runs; ratio = our time / the peer's. Needs two CPUs that nobody else uses, and gcc",
      examples: [
        ['avp perf', 'beside both peers, at 64 and 1,518 bytes'],
        ['avp perf --peer c', 'beside the loop in C, without DPDK'],
        ['avp perf --sizes 64,512,1518,9216', 'at other sizes'],
        ['avp perf --json perf.json --quiet', 'for programs'],
      ],
    },
    perf,
    onStatus,
  )
    .addOption(
      new Option(
        '--peer <NAME>',
        "what to measure our driver beside, may be repeated: 'c', a plain loop in C that checks nothing; 'dpdk', DPDK's net_avp in testpmd, with which the hosts are raced too",
      )
        .argParser(peersValue)
        .default(undefined, 'c and dpdk'),
    )
    .addOption(engineOption('how driver and host run: compiled, by default, or as TypeScript'))
    .option(
      '--sizes <N,...>',
      "frame sizes of the driver's step, bytes without check sequence",
      sizesValue,
      sizesValue('64,1518'),
    );
}
