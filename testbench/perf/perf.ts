import { UsageError } from '../../shared/errors';
import { engineHere } from '../../shared/wasm/load';
import { buildLibrary } from '../peers/dpdk/cLibrary';
import { peerCache } from '../peers/dpdk/peer';
import { PeerEnded, PeerStuck } from '../peers/dpdk/peerExit';
import { preparePeer } from '../peers/dpdk/preparePeer';
import { BURST } from './cases';
import { takeCpus } from './cpus';
import { measureDrivers } from './driverStep';
import { raceC, raceOurs, type RaceOptions } from './hostRace';
import { type PerfResult, resultOf } from './results';

/** Duration and repetitions of a measurement. Reliable figures need `FULL_PLAN`. */
export interface PerfPlan {
  /** Repetitions of each measurement, ours and the peer's in turn. */
  readonly repetitions: number;
  readonly stepMs: number;
  readonly raceMs: number;
}

export const FULL_PLAN: PerfPlan = { repetitions: 5, stepMs: 200, raceMs: 1_500 };
const RACE_BYTES = 64;
const NS_PER_S = 1e9;

export interface PerfOptions {
  /** Frame sizes for the driver's step, in bytes without check sequence. */
  readonly sizes: readonly number[];
  readonly seed: number;
  readonly plan: PerfPlan;
  /** Called with a line for each measurement. */
  readonly progress: (line: string) => void;
  /** Called when nothing is missing any more, before the first measurement. */
  readonly onStart?: () => void;
}

export interface PerfReport {
  readonly peerVersion: string;
  readonly results: readonly PerfResult[];
}

/** Races the host of `avp serve` and the C host; testpmd sends everything back. */
async function race(options: RaceOptions, { plan: { repetitions }, progress }: PerfOptions): Promise<PerfResult> {
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let repetition = 0; repetition < repetitions; repetition++) {
    progress(`serve's host beside a C host: ${repetition} of ${repetitions}`);
    theirs.push(NS_PER_S / (await raceC(options)));
    ours.push(NS_PER_S / (await raceOurs(options)));
  }
  const engine = engineHere('emulator');
  return resultOf(
    { mode: 'round', engine, shape: 'scattered', path: 'io', bytes: RACE_BYTES, burst: BURST },
    'c',
    ours,
    theirs,
  );
}

/**
 * Measures our driver beside DPDK's, and the host of `avp serve` beside one in C.
 * @throws UsageError where peer, compiler or a second CPU cannot be had.
 */
export async function measureWithDpdk(options: PerfOptions): Promise<PerfReport> {
  const { sizes, seed, plan, progress, onStart } = options;
  const cpus = takeCpus();
  const library = await buildLibrary('testbench/perf/hostLoop.c', peerCache(), 'the C host');
  const prepared = await preparePeer({}, progress);
  onStart?.();
  const common = { prepared, library, cpus, seed };
  try {
    const results = await measureDrivers({
      ...common,
      sizes,
      repetitions: plan.repetitions,
      durationMs: plan.stepMs,
      progress,
    });
    results.push(await race({ ...common, frameBytes: RACE_BYTES, durationMs: plan.raceMs }, options));
    return { peerVersion: prepared.peer.version, results };
  } catch (error) {
    if (error instanceof PeerEnded || error instanceof PeerStuck)
      throw new UsageError(`dpdk-testpmd could not be measured: ${error.message.split('\n')[0]}`, { cause: error });
    throw error;
  }
}
