/** Measures a driver's step alone, ours and DPDK's, with the same host and similar applications. */
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
import { perfFrame } from './perfFrame';
import { OwnDriver } from './ownDriver';
import { PeerDriver } from './peerDriver';
import { type PerfResult, resultOf } from './results';

export interface StepOptions extends Omit<DriverOptions, 'shape'> {
  readonly prepared: PreparedPeer;
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

/** Measures receive and transmit at one size. @param drivers ours and the peer's, which are measured in turn. */
export async function measureSize(
  drivers: readonly MeasuredDriver[],
  shape: Shape,
  bytes: number,
  options: SizeOptions,
): Promise<PerfResult[]> {
  const costs = drivers.map((): Costs => ({ rx: [], tx: [] }));
  // The first repetition warms up compilers and caches.
  for (let repetition = 0; repetition <= options.repetitions; repetition++) {
    options.progress(`driver's step, ${shape}, ${bytes} B: ${repetition} of ${options.repetitions}`);
    for (const [index, driver] of drivers.entries())
      await measureInto(repetition === 0 ? { rx: [], tx: [] } : costs[index]!, driver, bytes, options);
  }
  const [ours, peers] = costs;
  return (['rx', 'tx'] as const).map((path) =>
    resultOf(
      { mode: 'driver', engine: engineHere('driver'), shape, path, bytes, burst: BURST },
      'dpdk',
      ours![path],
      peers![path],
    ),
  );
}

/** @throws PeerEnded, PeerStuck, PeerOutputError */
export async function measureDrivers(options: StepOptions): Promise<PerfResult[]> {
  const results: PerfResult[] = [];
  for (const shape of SHAPES) {
    const sizes = options.sizes.filter((bytes) => shape === 'scattered' || bytes <= SIMPLE_MAX_BYTES);
    const drivers: MeasuredDriver[] = [];
    try {
      drivers.push(OwnDriver.open({ ...options, shape }));
      drivers.push(await PeerDriver.open({ ...options, shape }, options.prepared));
      for (const bytes of sizes) results.push(...(await measureSize(drivers, shape, bytes, options)));
    } finally {
      // The peer closes first: its process would outlive this one.
      for (const driver of drivers.reverse()) await driver.close();
    }
  }
  return results;
}
