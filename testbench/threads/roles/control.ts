import { avpDriver, Mempool, type Port, type PortConfig, type PortStats } from '../../../driver';
import { allocate, release } from '../../../shared/arena';
import type { Clock } from '../../../shared/clock';
import { DRIVER_ONLY } from '../../../shared/loops/rights';
import { PciFunction } from '../../../shared/pci';
import type { Pace } from '../../runtime/backoff';
import type { Duty, DutyPlace } from '../role';
import { releaseCaptured, writeCapturedBlock } from '../traffic/capturedFrames';
import { BLOCK_BYTES, sentOf } from '../traffic/flowBlock';
import type { FlowOrder, FlowSource } from '../traffic/messages';
import { writeProbeBlock } from '../traffic/probeFrames';
import { PULSE_BYTES, readPulse, restartPulse, type PulseReading } from '../traffic/silence';

/** It has no work of its own between two orders. */
const IDLE: Pace = { spins: 0, leastMs: 50, mostMs: 50 };

/** How a port is opened. */
export interface OpenOrder {
  readonly config: PortConfig;
  readonly promiscuous: boolean;
  readonly mbufs: number;
  readonly dataRoomBytes: number;
  /** `INSTANCE/NETWORK`. */
  readonly label: string;
}

/** A port that runs: arena addresses of what other threads need of it. */
export interface OpenedPort {
  readonly port: number;
  readonly pool: number;
  readonly pulse: number;
  readonly mac: Uint8Array;
}

/** What of a port can be read from anywhere. */
export interface PortReading {
  readonly stats: PortStats;
  readonly xstats: Readonly<Record<string, number>>;
  readonly mbufsInUse: number;
  readonly linkUp: boolean;
}

/** What the control thread of an instance can be told. Ports go by their arena addresses. */
export interface ControlOperations {
  /** True where this driver takes the function at that address. */
  matches(base: number): boolean;
  /** Probes, configures, sets up and starts. @throws ErrnoError; nothing is left then. */
  open(base: number, order: OpenOrder): OpenedPort;
  start(port: number): void;
  stop(port: number): void;
  close(port: number): void;
  /** The driver lets go of the device: the port's record is gone afterwards. */
  remove(port: number): void;
  read(port: number): PortReading;
  /** The longest silence on the port since `restartPulse`, and when a packet moved last. */
  pulse(port: number): PulseReading;
  restartPulse(port: number): void;
  /** Makes the arena blocks of flows that this instance sends. */
  makeFlows(sources: readonly FlowSource[]): FlowOrder[];
  /** Frames of each flow that its sender has sent. */
  sentOf(blocks: readonly number[]): number[];
  dropFlows(flows: readonly FlowOrder[]): void;
}

interface Held {
  readonly port: Port;
  readonly pool: Mempool;
  readonly pulse: number;
}

/** One thread that carries out the control operations of an instance. */
class Control implements Duty<ControlOperations> {
  readonly pace = IDLE;
  private readonly held = new Map<number, Held>();

  constructor(private readonly clock: Clock) {}

  readonly operations: ControlOperations = {
    matches: (base) => avpDriver.matches(PciFunction.at(base).identity),
    open: (base, order) => this.open(base, order),
    start: (port) => this.at(port).port.start(),
    stop: (port) => this.at(port).port.stop(),
    close: (port) => this.at(port).port.close(),
    remove: (port) => this.remove(port),
    read: (port) => this.read(port),
    pulse: (port) => readPulse(this.at(port).pulse),
    restartPulse: (port) => restartPulse(this.at(port).pulse),
    makeFlows: (sources) => sources.map(makeFlow),
    sentOf: (blocks) => blocks.map(sentOf),
    dropFlows: (flows) => flows.forEach(dropFlow),
  };

  poll(): boolean {
    return false;
  }

  end(): void {
    for (const port of [...this.held.keys()]) this.remove(port);
  }

  private at(port: number): Held {
    return this.held.get(port)!;
  }

  private open(base: number, { config, promiscuous, mbufs, dataRoomBytes, label }: OpenOrder): OpenedPort {
    const port = avpDriver.probe(PciFunction.at(base), { clock: this.clock });
    const pool = Mempool.create({ mbufs, dataRoomBytes, label: `${label} mbufs` });
    const pulse = allocate(PULSE_BYTES, { rights: DRIVER_ONLY, label: `${label} pulse` });
    this.held.set(port.address, { port, pool, pulse });
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
    return { port: port.address, pool: pool.address, pulse, mac: port.macAddrGet() };
  }

  /** @throws ErrnoError EBUSY where mbufs of its pool are still somebody's. */
  private remove(address: number): void {
    const { port, pool, pulse } = this.at(address);
    this.held.delete(address);
    avpDriver.remove(port);
    release(pulse);
    pool.release();
  }

  private read(address: number): PortReading {
    const { port, pool } = this.at(address);
    return {
      stats: port.statsGet(),
      xstats: port.xstatsGet(),
      mbufsInUse: pool.size - pool.available,
      linkUp: port.linkGet().up,
    };
  }
}

function makeFlow(source: FlowSource): FlowOrder {
  const { id, kind } = source;
  const block = allocate(BLOCK_BYTES, { rights: DRIVER_ONLY, label: `flow ${id}` });
  if (kind === 'probe') writeProbeBlock(block, source.probe);
  else writeCapturedBlock(block, source.frames);
  return { id, block, probe: kind === 'probe' ? source.probe : null };
}

function dropFlow({ block, probe }: FlowOrder): void {
  if (probe === null) releaseCaptured(block);
  release(block);
}

export function begin({ clock }: DutyPlace<null>): Duty<ControlOperations> {
  return new Control(clock);
}
