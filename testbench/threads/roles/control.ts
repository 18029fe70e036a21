import { avpDriver, Mempool, type Port, type PortConfig, type PortEventEntry, type PortStats } from '../../../driver';
import { allocate, release } from '../../../shared/arena';
import type { Clock } from '../../../shared/clock';
import { DRIVER_ONLY } from '../../../shared/loops/rights';
import { PciFunction } from '../../../shared/pci';
import type { Pace } from '../../runtime/backoff';
import type { Role, RoleContext } from '../role';
import { releaseCaptured, writeCapturedBlock } from '../traffic/capturedFrames';
import { BLOCK_BYTES, sentOf } from '../traffic/flowBlock';
import type { FlowDescriptor, FlowSource } from '../traffic/messages';
import { writeProbeBlock } from '../traffic/probeFrames';
import { readSilence, resetSilence, SILENCE_BYTES, type SilenceReading } from '../traffic/silence';

/** The thread has no work of its own between two calls. */
const IDLE: Pace = { spins: 0, minPauseMs: 50, maxPauseMs: 50 };

/** Settings with which a port is opened. */
export interface OpenRequest {
  readonly config: PortConfig;
  readonly promiscuous: boolean;
  /** Number of mbufs in its mempool. */
  readonly mbufs: number;
  readonly dataRoomBytes: number;
  /** `INSTANCE/NETWORK`. */
  readonly label: string;
}

/** A port that is started. The numbers are arena addresses. */
export interface OpenedPort {
  /** The driver's record. */
  readonly port: number;
  /** The mempool. */
  readonly pool: number;
  /** The record of packet times (`traffic/silence.ts`). */
  readonly silence: number;
  readonly mac: Uint8Array;
}

/** Statistics and state of a port. */
export interface PortReading {
  readonly stats: PortStats;
  readonly xstats: Readonly<Record<string, number>>;
  /** Mbufs that application and driver hold. */
  readonly mbufsInUse: number;
}

/** Operations of an instance's control thread. Ports go by their arena addresses. */
export interface ControlOperations {
  /** True where the AVP driver accepts the function at that address. */
  matches(base: number): boolean;
  /** Probes, configures, sets up and starts a port. @throws ErrnoError; nothing is left then. */
  open(base: number, request: OpenRequest): OpenedPort;
  start(port: number): void;
  stop(port: number): void;
  close(port: number): void;
  /** Makes the driver remove the device, which releases the port's record. */
  remove(port: number): void;
  read(port: number): PortReading;
  /** Number of the driver's last event at the port. */
  eventSequence(port: number): number;
  /** The driver's events at the port after that number. */
  eventsSince(port: number, sequence: number): readonly PortEventEntry[];
  silence(port: number): SilenceReading;
  /** Forgets the longest silence of the port. */
  resetSilence(port: number): void;
  /** Allocates the arena blocks of flows that this instance sends. */
  makeFlows(sources: readonly FlowSource[]): FlowDescriptor[];
  /** Number of frames that were sent of each flow, by the arena addresses of their blocks. */
  sentOf(blocks: readonly number[]): number[];
  releaseFlows(flows: readonly FlowDescriptor[]): void;
}

interface HeldPort {
  readonly port: Port;
  readonly pool: Mempool;
  readonly silence: number;
}

/** The thread that carries out the control operations of an instance. */
class Control implements Role<ControlOperations> {
  readonly pace = IDLE;
  private readonly held = new Map<number, HeldPort>();

  constructor(private readonly clock: Clock) {}

  readonly operations: ControlOperations = {
    matches: (base) => avpDriver.matches(PciFunction.at(base).identity),
    open: (base, request) => this.open(base, request),
    start: (port) => this.at(port).port.start(),
    stop: (port) => this.at(port).port.stop(),
    close: (port) => this.at(port).port.close(),
    remove: (port) => this.remove(port),
    read: (port) => this.read(port),
    eventSequence: (port) => this.at(port).port.eventSequence,
    eventsSince: (port, sequence) => this.at(port).port.eventsSince(sequence),
    silence: (port) => readSilence(this.at(port).silence),
    resetSilence: (port) => resetSilence(this.at(port).silence),
    makeFlows: (sources) => sources.map(makeFlow),
    sentOf: (blocks) => blocks.map(sentOf),
    releaseFlows: (flows) => flows.forEach(releaseFlow),
  };

  poll(): boolean {
    return false;
  }

  end(): void {
    for (const port of [...this.held.keys()]) this.remove(port);
  }

  private at(port: number): HeldPort {
    return this.held.get(port)!;
  }

  private open(base: number, { config, promiscuous, mbufs, dataRoomBytes, label }: OpenRequest): OpenedPort {
    const port = avpDriver.probe(PciFunction.at(base), { clock: this.clock });
    const pool = Mempool.create({ mbufs, dataRoomBytes, label: `${label} mbufs` });
    const silence = allocate(SILENCE_BYTES, { rights: DRIVER_ONLY, label: `${label} silence` });
    this.held.set(port.address, { port, pool, silence });
    try {
      port.configure(config);
      for (let queue = 0; queue < config.rxQueues; queue++) port.rxQueueSetup(queue, { mempool: pool });
      for (let queue = 0; queue < config.txQueues; queue++) port.txQueueSetup(queue);
      if (promiscuous) port.promiscuousEnable();
      port.start();
    } catch (error) {
      this.remove(port.address);
      throw error;
    }
    return { port: port.address, pool: pool.address, silence, mac: port.macAddrGet() };
  }

  /** @throws ErrnoError EBUSY where mbufs of its pool are in use. */
  private remove(address: number): void {
    const { port, pool, silence } = this.at(address);
    this.held.delete(address);
    avpDriver.remove(port);
    release(silence);
    pool.release();
  }

  private read(address: number): PortReading {
    const { port, pool } = this.at(address);
    return { stats: port.statsGet(), xstats: port.xstatsGet(), mbufsInUse: pool.size - pool.available };
  }
}

function makeFlow(source: FlowSource): FlowDescriptor {
  const { id, kind } = source;
  const block = allocate(BLOCK_BYTES, { rights: DRIVER_ONLY, label: `flow ${id}` });
  if (kind === 'probe') writeProbeBlock(block, source.probe);
  else writeCapturedBlock(block, source.frames);
  return { id, block, probe: kind === 'probe' ? source.probe : null };
}

function releaseFlow({ block, probe }: FlowDescriptor): void {
  if (probe === null) releaseCaptured(block);
  release(block);
}

export function begin({ clock }: RoleContext<null>): Role<ControlOperations> {
  return new Control(clock);
}
