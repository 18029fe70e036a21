import { type Command, Option } from 'commander';
import { SHAPES } from '../../testbench/perf/cases';
import { makeCommand } from '../command';
import { engineOption } from '../engineOption';
import { perf, type PerfCommandOptions } from '../perfRun';
import {
  burstsValue,
  modesValue,
  peersValue,
  PERF_MODES,
  portsValue,
  queuesValue,
  shapesValue,
  sizesValue,
} from '../perfValues';
import { plainFileValue } from '../values';

/** `avp perf`: measures the fast path against its peers. */
export function perfCommand(onStatus: (status: number) => void): Command {
  return makeCommand<PerfCommandOptions>(
    {
      name: 'perf',
      examples: [
        ['avp perf', 'beside both peers, about a minute'],
        ['avp perf --peer c --mode driver,round --bursts 1,8,32,64', 'beside the loop in C, without DPDK'],
        ['avp perf --peer c --sizes 64 --ports 1,64 --queues 1,8', 'the cost over ports and queues'],
        ['avp perf --json perf.json --quiet', 'for programs'],
        ['avp perf --sizes 64,512,1518,9216 --html perf.html', 'as a page with plots'],
        ['avp perf --compare perf.json', 'what changed since then'],
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
    .option('--html <FILE>', 'write one page with plots and tables, which needs no network', plainFileValue)
    .option(
      '--compare <OLD.json>',
      'say what changed since an earlier run on this machine, beyond the spread of both; exit status 1 where ours became slower and not all peers',
      plainFileValue,
    )
    .option('--ports <N,...>', 'ports, at most 64; several have smaller pools and rings', portsValue, [1]);
}
