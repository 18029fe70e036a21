/** Measures drivers, ours and its peers', with the same host and similar applications. */
import { UsageError } from '../../shared/errors';
import { engineHere } from '../../shared/wasm/load';
import type { PreparedPeer } from '../peers/dpdk/preparePeer';
import {
  type DriverCase,
  type DriverOptions,
  type Lanes,
  type MeasuredDriver,
  type RunCost,
  type Shape,
  SIMPLE_MAX_BYTES,
} from './cases';
import { InProcessDriver } from './inProcess';
import { checkPaths } from './pathCheck';
import { perfFrame } from './perfFrame';
import { PeerDriver } from './peerDriver';
import { type Measured, noMeasurement, type PeerFigure, type PeerName, type PerfResult, resultOf } from './results';

/** Whether a driver's step alone is measured, or its share of whole rounds of driver and host. */
export type DriverMode = 'driver' | 'round';

/** Values to be measured, in every combination. */
export interface DriverMatrix {
  readonly modes: readonly DriverMode[];
  readonly shapes: readonly Shape[];
  readonly sizes: readonly number[];
  readonly bursts: readonly number[];
  readonly queues: readonly number[];
  readonly ports: readonly number[];
}

export interface StepOptions extends Omit<DriverOptions, 'shape' | 'lanes'> {
  readonly matrix: DriverMatrix;
  readonly peers: readonly PeerName[];
  /** Null where DPDK's driver is no peer. */
  readonly prepared: PreparedPeer | null;
  readonly repetitions: number;
  readonly durationMs: number;
  readonly progress: (line: string) => void;
}

/** Options of the measurement at one size. */
export type SizeOptions = Pick<StepOptions, 'seed' | 'repetitions' | 'durationMs' | 'progress'>;

/** Drivers that are measured in turn. */
export interface Drivers {
  readonly ours: MeasuredDriver;
  readonly peers: Readonly<Partial<Record<PeerName, MeasuredDriver>>>;
}

/** Subject of a row of results. */
export interface DriverSubject extends Lanes {
  readonly shape: Shape;
  readonly bytes: number;
  readonly burst: number;
}

/** Repeated measurements of one driver, by path. */
type Costs = Readonly<Record<'rx' | 'tx' | 'io', Measured>>;

const DPDK_PORTS = 'testpmd is measured with one port';

function noCosts(): Costs {
  return { rx: noMeasurement(), tx: noMeasurement(), io: noMeasurement() };
}

function add(measured: Measured, nsPerPacket: number, { packets, bursts, scavenges }: RunCost): void {
  measured.nsPerPacket.push(nsPerPacket);
  measured.packets += packets;
  if (bursts !== null) measured.bursts = (measured.bursts ?? 0) + bursts;
  if (scavenges !== null) measured.scavenges = (measured.scavenges ?? 0) + scavenges;
}

/**
 * Makes one repetition. The cost of receive is that of an application that drops all packets. The
 * cost of transmit is the additional cost of sending them back, which excludes the cost of making
 * packets. Only packets for which the host had room count as sent; they carry the whole cost.
 */
async function measureInto(
  costs: Costs,
  driver: MeasuredDriver,
  mode: DriverMode,
  { bytes, burst }: DriverSubject,
  { seed, durationMs }: SizeOptions,
): Promise<void> {
  const cost = (loop: DriverCase['loop']): Promise<RunCost> =>
    driver.measure({ loop, bytes, burst }, perfFrame(bytes, seed, 0), durationMs);
  if (mode === 'round') {
    const circled = await cost('circle');
    return add(costs.io, circled.nsPerPacket, circled);
  }
  const received = await cost('rxonly');
  const returned = await cost('io');
  add(costs.rx, received.nsPerPacket, received);
  add(costs.tx, (returned.nsPerPacket - received.nsPerPacket) / returned.sentShare, returned);
}

function titleOf(mode: DriverMode, { shape, bytes, burst, queues, ports }: DriverSubject): string {
  const lanes = ports * queues === 1 ? '' : `, ${ports} ports of ${queues} queues`;
  return `driver's ${mode === 'driver' ? 'step' : 'rounds'}, ${shape}, ${bytes} B, burst ${burst}${lanes}`;
}

/** Measures drivers in turn at one size: receive and transmit, or whole rounds. */
export async function measureSize(
  { ours, peers }: Drivers,
  mode: DriverMode,
  subject: DriverSubject,
  options: SizeOptions,
): Promise<PerfResult[]> {
  const names = Object.keys(peers) as PeerName[];
  const drivers = [ours, ...Object.values(peers)];
  const costs = drivers.map(noCosts);
  // The first repetition warms up compilers and caches.
  for (let repetition = 0; repetition <= options.repetitions; repetition++) {
    options.progress(`${titleOf(mode, subject)}: ${repetition} of ${options.repetitions}`);
    for (const [index, driver] of drivers.entries())
      await measureInto(repetition === 0 ? noCosts() : costs[index]!, driver, mode, subject, options);
  }
  const paths = mode === 'driver' ? (['rx', 'tx'] as const) : (['io'] as const);
  return paths.map((path) =>
    resultOf(
      { mode, side: 'guest', engine: engineHere('driver'), path, ...subject },
      costs[0]![path],
      Object.fromEntries(names.map((name, index) => [name, costs[index + 1]![path]])),
    ),
  );
}

async function openPeer(name: PeerName, options: StepOptions & DriverOptions): Promise<MeasuredDriver> {
  return name === 'c' ? InProcessDriver.inC(options) : PeerDriver.open(options, options.prepared!);
}

/** Measures everything of one shape on one number of ports and queues. */
async function measureLanes(shape: Shape, lanes: Lanes, options: StepOptions): Promise<PerfResult[]> {
  const { modes, sizes, bursts } = options.matrix;
  const names = options.peers.filter((name) => name === 'c' || lanes.ports === 1);
  const lacking = Object.fromEntries(
    options.peers.filter((name) => !names.includes(name)).map((name) => [name, DPDK_PORTS]),
  );
  const results: PerfResult[] = [];
  const ours = InProcessDriver.ours({ ...options, shape, lanes });
  const peers: Partial<Record<PeerName, MeasuredDriver>> = {};
  try {
    for (const name of names) peers[name] = await openPeer(name, { ...options, shape, lanes });
    for (const bytes of sizes)
      for (const burst of bursts)
        for (const mode of modes)
          results.push(...(await measureSize({ ours, peers }, mode, { shape, bytes, burst, ...lanes }, options)));
  } finally {
    // The peers close first: testpmd would outlive this process.
    for (const driver of [...Object.values(peers), ours]) await driver.close();
  }
  return results.map((result) => withLacking(result, lacking));
}

/** Adds peers that cannot be measured, with the reason. */
function withLacking(result: PerfResult, lacking: Readonly<Partial<Record<PeerName, string>>>): PerfResult {
  const peers: Partial<Record<PeerName, PeerFigure>> = { ...result.peers };
  for (const [name, reason] of Object.entries(lacking) as [PeerName, string][])
    peers[name] = { nsPerPacket: null, leastNs: null, mostNs: null, packetsPerBurst: null, reason, ratio: null };
  return { ...result, peers };
}

/** @throws UsageError where no frame has a size that a shape takes. */
export function requireSizes({ modes, shapes, sizes }: DriverMatrix): void {
  if (modes.length === 0 || shapes.includes('scattered') || sizes.some((bytes) => bytes <= SIMPLE_MAX_BYTES)) return;
  throw new UsageError(
    `the shape simple takes frames of up to ${SIMPLE_MAX_BYTES} bytes, and none of ${sizes.join(', ')} is: give a smaller size or the shape scattered`,
  );
}

/** @throws PeerEnded, PeerStuck, PeerStarved, PeerOutputError, PathsDiffer */
export async function measureDrivers(options: StepOptions): Promise<PerfResult[]> {
  const { shapes, queues, ports, modes } = options.matrix;
  const results: PerfResult[] = [];
  if (modes.length === 0) return results;
  for (const shape of shapes) {
    const sizes = options.matrix.sizes.filter((bytes) => shape === 'scattered' || bytes <= SIMPLE_MAX_BYTES);
    if (sizes.length === 0) continue;
    if (options.peers.includes('c')) checkPaths(options.libraries.driverLoop, shape, sizes, options.seed);
    for (const port of ports)
      for (const queue of queues)
        results.push(
          ...(await measureLanes(
            shape,
            { ports: port, queues: queue },
            { ...options, matrix: { ...options.matrix, sizes } },
          )),
        );
  }
  return results;
}
