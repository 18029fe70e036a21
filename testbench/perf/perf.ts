import type { Engine } from '../../shared/engine';
import { UsageError } from '../../shared/errors';
import { engineHere } from '../../shared/wasm/load';
import { buildLibrary, buildNativeLibrary } from '../peers/dpdk/cLibrary';
import { peerCache } from '../peers/dpdk/peer';
import { PeerEnded, PeerStarved, PeerStuck } from '../peers/dpdk/peerExit';
import { preparePeer } from '../peers/dpdk/preparePeer';
import { useEngine } from '../runtime/engine';
import { BURST, type Libraries } from './cases';
import { takeCpus } from './cpus';
import { measureDrivers } from './driverStep';
import { raceC, raceOurs, type RaceOptions } from './hostRace';
import { type PeerName, type PerfResult, resultOf } from './results';

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
  /** Drivers beside which ours is measured. The hosts are raced only with DPDK's driver as their guest. */
  readonly peers: readonly PeerName[];
  /** Frame sizes for the driver's step, in bytes without check sequence. */
  readonly sizes: readonly number[];
  readonly seed: number;
  /** How our driver and our host run. Default: compiled where that is possible. */
  readonly engine?: Engine | undefined;
  readonly plan: PerfPlan;
  /** Called with a line for each measurement. */
  readonly progress: (line: string) => void;
  /** Called when nothing is missing any more, before the first measurement. */
  readonly onStart?: () => void;
}

export interface PerfReport {
  /** Release of DPDK; null where its driver was no peer. */
  readonly peerVersion: string | null;
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
  return resultOf({ mode: 'round', engine, shape: 'scattered', path: 'io', bytes: RACE_BYTES, burst: BURST }, ours, {
    c: theirs,
  });
}

/** Builds the two C loops. @throws UsageError where there is no compiler. */
export async function buildLoops(): Promise<Libraries> {
  return {
    hostLoop: await buildLibrary('testbench/perf/hostLoop.c', peerCache(), 'the C host'),
    driverLoop: await buildNativeLibrary('testbench/perf/driverLoop.c', peerCache(), 'the C loop of the driver'),
  };
}

/**
 * Measures our driver beside its peers, and the host of `avp serve` beside one in C.
 * @throws UsageError where a peer, the compiler or a second CPU cannot be had; PathsDiffer.
 */
export async function measurePerf(options: PerfOptions): Promise<PerfReport> {
  const { peers, sizes, seed, engine, plan, progress, onStart } = options;
  if (engine !== undefined) useEngine(engine);
  const cpus = takeCpus();
  const libraries = await buildLoops();
  const prepared = peers.includes('dpdk') ? await preparePeer({}, progress) : null;
  onStart?.();
  const common = { libraries, cpus, seed, engine };
  try {
    const results = await measureDrivers({
      ...common,
      peers,
      prepared,
      sizes,
      repetitions: plan.repetitions,
      durationMs: plan.stepMs,
      progress,
    });
    if (prepared !== null)
      results.push(await race({ ...common, prepared, frameBytes: RACE_BYTES, durationMs: plan.raceMs }, options));
    return { peerVersion: prepared?.peer.version ?? null, results };
  } catch (error) {
    if (error instanceof PeerEnded || error instanceof PeerStuck || error instanceof PeerStarved)
      throw new UsageError(`dpdk-testpmd could not be measured: ${error.message.split('\n')[0]}`, { cause: error });
    throw error;
  }
}
