import type { Engine } from '../../shared/engine';
import { UsageError } from '../../shared/errors';
import { engineHere } from '../../shared/wasm/load';
import { buildLibrary, buildNativeLibrary } from '../peers/dpdk/cLibrary';
import { peerCache } from '../peers/dpdk/peer';
import { PeerEnded, PeerStarved, PeerStuck } from '../peers/dpdk/peerExit';
import { preparePeer } from '../peers/dpdk/preparePeer';
import { onCpu } from '../runtime/affinity';
import { useEngine } from '../runtime/engine';
import { type AttachCost, type DeviceMemory, measureAttach, measureMemory } from './attachCost';
import { BURST, type Libraries } from './cases';
import { type Cpus, takeCpus } from './cpus';
import { type DriverMatrix, measureDrivers, requireSizes } from './driverStep';
import { CRacer, OurRacer, RACE_PATHS, type RaceOptions, type RacePath, type Racer } from './hostRace';
import { measureNode, type NodeCost } from './nodeCost';
import { type Measured, noMeasurement, type PeerName, type PerfResult, resultOf } from './results';

/** Duration and repetitions of a measurement. Reliable figures need `FULL_PLAN`. */
export interface PerfPlan {
  /** Repetitions of each measurement, ours and the peers' in turn. */
  readonly repetitions: number;
  readonly stepMs: number;
  readonly raceMs: number;
}

export const FULL_PLAN: PerfPlan = { repetitions: 5, stepMs: 100, raceMs: 500 };
const RACE_BYTES = 64;
const RACE_WARM_UP_MS = 200;

export interface PerfOptions {
  /** Measurements of drivers. */
  readonly matrix: DriverMatrix;
  /** Drivers beside which ours is measured. */
  readonly peers: readonly PeerName[];
  /** Whether probe, attach, the memory of a device and nodes of many devices are measured. */
  readonly scale: boolean;
  /** Whether the hosts are raced, which needs DPDK's driver as their guest. */
  readonly race: boolean;
  readonly seed: number;
  /** Engine of our driver and our host. Default: WebAssembly where that is possible. */
  readonly engine?: Engine | undefined;
  readonly plan: PerfPlan;
  /** Called with a line for each measurement. */
  readonly progress: (line: string) => void;
  /** Called when nothing is missing any more, before the first measurement. */
  readonly onStart?: () => void;
}

export interface PerfReport {
  /** Release of DPDK; null where its driver took no part. */
  readonly peerVersion: string | null;
  readonly results: readonly PerfResult[];
  /** Null where it was not asked for. */
  readonly scale: PerfScale | null;
}

/** Growth of cost and memory. */
export interface PerfScale {
  readonly attach: readonly AttachCost[];
  readonly nodes: readonly NodeCost[];
  readonly deviceMemory: DeviceMemory;
}

type RaceValues = Readonly<Record<RacePath, Measured>>;

function noValues(): RaceValues {
  return { io: noMeasurement(), rxonly: noMeasurement(), txonly: noMeasurement() };
}

async function runInto(values: RaceValues, racer: Racer): Promise<void> {
  for (const path of RACE_PATHS) {
    const { nsPerPacket, packets, scavenges } = await racer.run(path);
    values[path].nsPerPacket.push(nsPerPacket);
    values[path].packets += packets;
    if (scavenges !== null) values[path].scavenges = (values[path].scavenges ?? 0) + scavenges;
  }
}

/** Races the host of `avp serve` and the C host. */
async function race(options: RaceOptions, { plan: { repetitions }, progress }: PerfOptions): Promise<PerfResult[]> {
  const [ours, theirs] = [noValues(), noValues()];
  const racers: Racer[] = [];
  try {
    racers.push(await OurRacer.open(options));
    racers.push(await CRacer.open(options));
    for (let repetition = 0; repetition < repetitions; repetition++) {
      progress(`serve's host beside a C host: ${repetition} of ${repetitions}`);
      await runInto(theirs, racers[1]!);
      await runInto(ours, racers[0]!);
    }
  } finally {
    for (const racer of racers) await racer.close();
  }
  const lanes = { queues: 1, ports: 1 };
  return RACE_PATHS.map((path) =>
    resultOf(
      {
        ...{ mode: 'round', side: 'host', engine: engineHere('emulator'), shape: 'scattered' },
        ...{ path, bytes: RACE_BYTES, burst: BURST, ...lanes },
      },
      ours[path],
      { c: theirs[path] },
    ),
  );
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
  const { matrix, peers, seed, engine, plan, progress, onStart } = options;
  requireSizes(matrix);
  if (engine !== undefined) useEngine(engine);
  const cpus = takeCpus();
  const libraries = await buildLoops();
  const prepared = options.race || peers.includes('dpdk') ? await preparePeer({}, progress) : null;
  onStart?.();
  const common = { libraries, cpus, seed, engine };
  try {
    const results = await measureDrivers({
      ...{ ...common, matrix, peers, prepared, progress },
      ...{ repetitions: plan.repetitions, durationMs: plan.stepMs },
    });
    if (options.race)
      results.push(
        ...(await race(
          {
            ...{ ...common, prepared: prepared!, frameBytes: RACE_BYTES },
            ...{ warmUpMs: RACE_WARM_UP_MS, durationMs: plan.raceMs },
          },
          options,
        )),
      );
    const scale = options.scale ? await measureScale(cpus, options) : null;
    return { peerVersion: prepared?.peer.version ?? null, results, scale };
  } catch (error) {
    throw withoutPeer(error);
  }
}

async function measureScale({ guest }: Cpus, { seed, plan, progress }: PerfOptions): Promise<PerfScale> {
  return onCpu(guest, () => {
    progress('probe and attach');
    const attach = measureAttach(plan.repetitions, seed);
    progress('nodes in one thread');
    const nodes = measureNode(plan.repetitions, plan.stepMs, seed);
    return { attach, nodes, deviceMemory: measureMemory(seed) };
  });
}

/** Turns the failure of a peer process, which says nothing about our code, into one of the environment. */
export function withoutPeer(error: unknown): unknown {
  if (!(error instanceof PeerEnded || error instanceof PeerStuck || error instanceof PeerStarved)) return error;
  return new UsageError(`dpdk-testpmd could not be measured: ${error.message.split('\n')[0]}`, { cause: error });
}
