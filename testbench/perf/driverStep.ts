/** Measures a driver's step alone, ours and its peers', with the same host and similar applications. */
import { engineHere } from '../../shared/wasm/load';
import type { PreparedPeer } from '../peers/dpdk/preparePeer';
import {
  BURST,
  type DriverCase,
  type DriverOptions,
  type MeasuredDriver,
  SHAPES,
  type Shape,
  SIMPLE_MAX_BYTES,
  type StepCost,
} from './cases';
import { CDriver } from './cDriver';
import { checkPaths } from './pathCheck';
import { perfFrame } from './perfFrame';
import { OwnDriver } from './ownDriver';
import { PeerDriver } from './peerDriver';
import { type PeerName, type PerfResult, resultOf } from './results';

export interface StepOptions extends Omit<DriverOptions, 'shape'> {
  readonly peers: readonly PeerName[];
  /** Null where DPDK's driver is no peer. */
  readonly prepared: PreparedPeer | null;
  readonly sizes: readonly number[];
  readonly repetitions: number;
  readonly durationMs: number;
  readonly progress: (line: string) => void;
}

/** Options of the measurement at one size. */
export type SizeOptions = Pick<StepOptions, 'seed' | 'repetitions' | 'durationMs' | 'progress'>;

interface Costs {
  readonly rx: number[];
  readonly tx: number[];
}

/**
 * Makes one repetition. The cost of receive is that of an application that drops all packets. The
 * cost of transmit is the additional cost of sending them back, which excludes the cost of making
 * packets. Only packets for which the host had room count as sent; they carry the whole cost.
 */
async function measureInto(
  costs: Costs,
  driver: MeasuredDriver,
  bytes: number,
  { seed, durationMs }: SizeOptions,
): Promise<void> {
  const cost = (loop: DriverCase['loop']): Promise<StepCost> =>
    driver.measure({ loop, bytes }, perfFrame(bytes, seed, 0), durationMs);
  const received = await cost('rxonly');
  const returned = await cost('io');
  costs.rx.push(received.nsPerPacket);
  costs.tx.push((returned.nsPerPacket - received.nsPerPacket) / returned.sentShare);
}

/** Drivers that are measured in turn. */
export interface Drivers {
  readonly ours: MeasuredDriver;
  readonly peers: Readonly<Partial<Record<PeerName, MeasuredDriver>>>;
}

/** Measures receive and transmit at one size. */
export async function measureSize(
  { ours, peers }: Drivers,
  shape: Shape,
  bytes: number,
  options: SizeOptions,
): Promise<PerfResult[]> {
  const names = Object.keys(peers) as PeerName[];
  const drivers = [ours, ...Object.values(peers)];
  const costs = drivers.map((): Costs => ({ rx: [], tx: [] }));
  // The first repetition warms up compilers and caches.
  for (let repetition = 0; repetition <= options.repetitions; repetition++) {
    options.progress(`driver's step, ${shape}, ${bytes} B: ${repetition} of ${options.repetitions}`);
    for (const [index, driver] of drivers.entries())
      await measureInto(repetition === 0 ? { rx: [], tx: [] } : costs[index]!, driver, bytes, options);
  }
  return (['rx', 'tx'] as const).map((path) =>
    resultOf(
      { mode: 'driver', engine: engineHere('driver'), shape, path, bytes, burst: BURST },
      costs[0]![path],
      Object.fromEntries(names.map((name, index) => [name, costs[index + 1]![path]])),
    ),
  );
}

async function openPeer(name: PeerName, options: StepOptions & DriverOptions): Promise<MeasuredDriver> {
  return name === 'c' ? CDriver.open(options) : PeerDriver.open(options, options.prepared!);
}

/** @throws PeerEnded, PeerStuck, PeerStarved, PeerOutputError, PathsDiffer */
export async function measureDrivers(options: StepOptions): Promise<PerfResult[]> {
  const results: PerfResult[] = [];
  for (const shape of SHAPES) {
    const sizes = options.sizes.filter((bytes) => shape === 'scattered' || bytes <= SIMPLE_MAX_BYTES);
    if (options.peers.includes('c')) checkPaths(options.libraries.driverLoop, shape, sizes, options.seed);
    const ours = OwnDriver.open({ ...options, shape });
    const peers: Partial<Record<PeerName, MeasuredDriver>> = {};
    try {
      for (const name of options.peers) peers[name] = await openPeer(name, { ...options, shape });
      for (const bytes of sizes) results.push(...(await measureSize({ ours, peers }, shape, bytes, options)));
    } finally {
      // The peers close first: testpmd would outlive this process.
      for (const driver of [...Object.values(peers), ours]) await driver.close();
    }
  }
  return results;
}
